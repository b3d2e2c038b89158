"""The JSON schema of runcards."""

from __future__ import annotations

from pathlib import Path

from n3fit.errors import OutputExistsError
from n3fit.paths import PathLike


def schema(*, output: PathLike | None = None, force: bool = False) -> str:
    """Return the JSON schema of runcards as text, and write it to a file if there is one.

    Parameters
    ----------
    output : str or Path, optional
        The file.
    force : bool
        Replace an existing file.

    Raises
    ------
    OutputExistsError
        The file exists.
    ResourceError
        It cannot be written.
    """
    from n3fit.runcard.json_schema import json_schema_text
    from n3fit.storage.files import write_atomically

    text = json_schema_text()
    if output is not None:
        path = Path(output)
        if path.exists() and not force:
            raise OutputExistsError(
                f"{path}: exists already", hint="choose another name, or --force to replace it", ways=[["--force"]]
            )
        write_atomically(path, text)
    return text
