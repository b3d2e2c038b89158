"""Reading and validation of runcards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from n3fit.runcard.data_part import data_part
from n3fit.runcard.legacy import translate_legacy
from n3fit.runcard.schema import Runcard
from n3fit.runcard.validation import validate
from n3fit.runcard.violations import violations_error
from n3fit.runcard.yaml_reader import parse_yaml, read_text
from n3fit.storage.key_path import KeyPath, format_key


def read_runcard(path: str | Path, *, fitted: bool = True) -> Runcard:
    """Read a runcard and check it.

    Parameters
    ----------
    path : str or Path
        A YAML file of at most 1 MB.
    fitted : bool
        Whether a fit follows; if not, the keys of the fit alone may be missing and are not checked.

    Returns
    -------
    Runcard
        With all defaults filled in; ``source_text`` is the text of the file.

    Raises
    ------
    RuncardError
        The file cannot be read, is not YAML, or violates the rules of runcards: one line per violation, with file,
        line, key, what was expected and what was received.

    Warns
    -----
    RuncardWarning
        For each key that has no effect any more, or a new name.
    """
    path = Path(path)
    return parse_runcard(read_text(path), name=str(path), fitted=fitted)


def parse_runcard(text: str, *, name: str = "runcard", fitted: bool = True) -> Runcard:
    """Return the runcard of a text, checked; ``name`` is that of the file in messages. See :func:`read_runcard`."""
    document = parse_yaml(text, name)
    content, rejected = translate_legacy(document)
    if not fitted:
        content, rejected = data_part(content, rejected)
    checked = validate(content, document.data)
    if isinstance(checked, Runcard) and not rejected:
        checked._source_text = text
        checked._source_name = name
        return checked
    violations = [*rejected, *(() if isinstance(checked, Runcard) else checked)]
    violations.sort(key=lambda violation: document.line_of(violation.key))
    raise violations_error(violations, document.where, name)


def build_runcard(content: Mapping[str, Any], *, name: str = "runcard") -> Runcard:
    """Build a checked runcard in Python from plain values, by the keys of the file.

    Unlike ``Runcard(...)`` and ``Runcard.model_validate(...)``, which check each key on its own, this checks the
    consistency between keys too, as :func:`read_runcard` does.

    Raises
    ------
    RuncardError
        The content violates the rules of runcards; one line per violation.
    """

    def where(key: KeyPath) -> str:
        return f"{name}: {format_key(key)}"

    checked = validate(content)
    if isinstance(checked, Runcard):
        return checked
    raise violations_error(checked, where, name)
