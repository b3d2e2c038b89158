"""Reading and validation of runcards."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from n3fit.runcard.legacy import modernise
from n3fit.runcard.mistakes import explain, format_refusals, refuse
from n3fit.runcard.schema import Runcard
from n3fit.runcard.yaml_reader import parse_yaml, read_text


def read_runcard(path: str | Path) -> Runcard:
    """Read a runcard and check it.

    Parameters
    ----------
    path : str or Path
        A YAML file of at most 1 MB.

    Returns
    -------
    Runcard
        With all defaults filled in; ``source_text`` is the file as it is.

    Raises
    ------
    RuncardError
        The file cannot be read, is not YAML, or has errors: all are reported, one line each, with file, line, key,
        what was expected and what was received.

    Warns
    -----
    RuncardWarning
        For each key that has no effect any more, or a new name.
    """
    path = Path(path)
    return parse_runcard(read_text(path), name=str(path))


def parse_runcard(text: str, *, name: str = "runcard") -> Runcard:
    """Return the runcard of a text, checked; ``name`` is that of the file in messages. See :func:`read_runcard`."""
    document = parse_yaml(text, name)
    data, refused = modernise(document)
    lines = format_refusals(refused, document)
    try:
        card = Runcard.model_validate(data)
    except ValidationError as error:
        raise refuse([*lines, *explain(error, document)], document) from error
    if lines:
        raise refuse(lines, document)
    card._source_text = text
    return card
