"""From a file to a checked runcard."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from n3fit.runcard.legacy import modernise
from n3fit.runcard.mistakes import explain, format_refusals, refuse
from n3fit.runcard.schema import Runcard
from n3fit.runcard.yaml_reader import parse_yaml, read_text


def read_runcard(path: str | Path) -> Runcard:
    """Read and check a runcard.

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
        The file cannot be read, is no YAML, or has mistakes: all of them are told, one line each, with file, line,
        key, what was expected and what was received.

    Warns
    -----
    RuncardWarning
        For each key that has no effect any more or has another name now.
    """
    path = Path(path)
    return parse_runcard(read_text(path), name=str(path))


def parse_runcard(text: str, *, name: str = "runcard") -> Runcard:
    """Check the text of a runcard; ``name`` stands for the file in messages. See :func:`read_runcard`."""
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
