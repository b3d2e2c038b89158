"""The JSON schema of runcards."""

from __future__ import annotations

from pathlib import Path

from n3fit.errors import OutputExistsError
from n3fit.paths import PathLike


def runcard_schema() -> str:
    """Return the JSON schema of runcards as text."""
    from n3fit.runcard.json_schema import json_schema_text

    return json_schema_text()


def write_runcard_schema(path: PathLike, *, force: bool = False) -> Path:
    """Write the JSON schema of runcards to a file.

    Parameters
    ----------
    path : str or Path
    force : bool
        Replace an existing file.

    Raises
    ------
    OutputExistsError
        The file exists.
    ResourceError
        It cannot be written.
    """
    from n3fit.storage.files import write_atomically

    target = Path(path)
    if target.exists() and not force:
        raise OutputExistsError(f"{target}: exists already", hint="choose another name, or --force to replace it")
    write_atomically(target, runcard_schema().encode())
    return target
