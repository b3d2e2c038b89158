"""Reading and validation of runcards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from n3fit.runcard.data_part import data_part
from n3fit.runcard.idle_keys import note_idle_keys
from n3fit.runcard.legacy import Translation, translate_legacy
from n3fit.runcard.notes import Notes
from n3fit.runcard.other_cards import check_is_fit
from n3fit.runcard.schema import Runcard
from n3fit.runcard.validation import validate
from n3fit.runcard.violations import Violation, violations_error
from n3fit.runcard.yaml_reader import parse_yaml, read_text
from n3fit.storage.key_path import KeyPath, format_key


def read_runcard(path: str | Path, *, fitted: bool = True, scanned: bool = False) -> Runcard:
    """Read a runcard and check it.

    Parameters
    ----------
    path : str or Path
        A YAML file of at most 1 MB.
    fitted : bool
        Whether a fit follows; if not, the keys of the fit alone may be missing and are not checked.
    scanned : bool
        Whether a hyperparameter scan follows: only for the keys that are named as without effect.

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
        For each kind of keys that have no effect, an old name or an old place.
    """
    path = Path(path)
    return parse_runcard(read_text(path), name=str(path), fitted=fitted, scanned=scanned)


def parse_runcard(text: str, *, name: str = "runcard", fitted: bool = True, scanned: bool = False) -> Runcard:
    """Return the runcard of a text, checked; ``name`` is that of the file in messages. See :func:`read_runcard`."""
    document = parse_yaml(text, name)
    check_is_fit(document.data, name)
    notes = Notes()
    translation = translate_legacy(document, notes)
    if not fitted:
        translation = data_part(translation)
    checked = validate(translation.content)
    if isinstance(checked, Runcard) and fitted:
        note_idle_keys(checked, translation, notes, scanned=scanned)
    if isinstance(checked, Runcard) and not translation.rejected:
        notes.warn(document)
        checked._source_text = text
        checked._source_name = name
        checked._places = translation.places
        return checked
    found = () if isinstance(checked, Runcard) else checked
    violations = [*translation.rejected, *_placed(found, translation)]
    violations.sort(key=lambda violation: document.line_of(violation.key))
    raise violations_error(violations, document.where, name)


def _placed(violations: Iterable[Violation], translation: Translation) -> Iterator[Violation]:
    """Yield violations by their keys in the file."""
    for violation in violations:
        yield replace(violation, key=translation.place(violation.key))


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
