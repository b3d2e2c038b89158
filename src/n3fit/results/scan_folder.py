"""Folders of hyperparameter scans: ``filter.yml``, the runcard, and ``nnfit/replica_1/tries.json``, the trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from n3fit.data.nnpdf_profile import read_profile
from n3fit.errors import DataError
from n3fit.paths import PathLike
from n3fit.results.tries import TRIES
from n3fit.storage.json_files import read_text
from n3fit.storage.yaml_files import parse_yaml

RUNCARD = "filter.yml"
"""The runcard in the folder of a scan."""

CONFIGURATION = "hyperscan_config"
"""Key of the runcard that describes the space of a scan."""


def find_scan(name: PathLike, *, folders: Sequence[Path] = (), key: str = "hyperscan") -> Path:
    """Return the folder of a scan.

    Parameters
    ----------
    name : path
        A folder, or the name of one below the folder of scans of an installation of nnpdf.
    folders : sequence of Path
        Where a name or a relative path is looked for besides the working directory and there: the folder of the
        runcard that names the scan.
    key : str
        Key or argument that names it, for the message.

    Raises
    ------
    DataError
        There is no such folder with trials.
    """
    named = Path(name).expanduser()
    places = [named, *(folder / named for folder in folders), *(scans / named for scans in read_profile().hyperscans)]
    for folder in places:
        if (folder / TRIES).is_file():
            return folder
    where = ", ".join(dict.fromkeys(str(folder) for folder in places))
    raise DataError(
        f"{key}: expected the folder of a scan with {TRIES}, received {str(name)!r}; looked for in {where}",
        hint="give the path of the folder that `n3fit hyperopt` or nnpdf wrote",
    )


def read_scan_runcard(folder: Path) -> str:
    """Return the text of the runcard of a scan.

    Raises
    ------
    DataError
        It is missing or cannot be read.
    """
    return read_text(folder / RUNCARD, error=DataError)


def scan_config(name: PathLike, *, folders: Sequence[Path] = ()) -> Mapping[str, Any]:
    """Return ``hyperscan_config`` of the runcard of a scan, for ``from_hyperscan``.

    Parameters
    ----------
    name, folders
        As in :func:`find_scan`; the folder needs no trials.

    Raises
    ------
    DataError
        There is no such scan, or its runcard has no ``hyperscan_config``.
    """
    named = Path(name).expanduser()
    places = [named, *(folder / named for folder in folders), *(scans / named for scans in read_profile().hyperscans)]
    folder = next((place for place in places if (place / RUNCARD).is_file()), None)
    path = (find_scan(name, folders=folders, key="from_hyperscan") if folder is None else folder) / RUNCARD
    content = parse_yaml(read_text(path, error=DataError), str(path)).data
    found = content.get(CONFIGURATION) if isinstance(content, dict) else None
    if not isinstance(found, dict):
        received = "nothing" if found is None else type(found).__name__
        raise DataError(
            f"{path}: {CONFIGURATION}: expected a mapping, received {received}",
            hint="from_hyperscan names a scan whose runcard describes its own space",
        )
    return found
