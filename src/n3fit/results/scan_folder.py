"""Folders of hyperparameter scans: ``filter.yml``, the runcard, and ``nnfit/replica_1/tries.json``, the trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from n3fit.data.nnpdf_profile import read_profile
from n3fit.errors import DataError
from n3fit.paths import PathLike
from n3fit.results.tries import DONE, TRIES, Try, best_tries, read_tries
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


@dataclass(frozen=True, eq=False)
class Scan:
    """A hyperparameter scan.

    Parameters
    ----------
    path : Path
        Its folder.
    runcard_text : str
        Empty if the folder has no runcard.
    tries : tuple of Try
        The trials, in the order of the file.
    """

    path: Path
    runcard_text: str
    tries: tuple[Try, ...]

    @property
    def name(self) -> str:
        """The name of the scan, that of its folder."""
        return self.path.resolve().name

    @cached_property
    def ended(self) -> tuple[Try, ...]:
        """The trials that have ended, well or not."""
        return tuple(trial for trial in self.tries if trial.state == DONE)

    @cached_property
    def failed(self) -> tuple[Try, ...]:
        """The trials that have ended and failed, or have no finite loss."""
        return tuple(trial for trial in self.ended if not trial.ended_well)

    @cached_property
    def ranked(self) -> tuple[Try, ...]:
        """The trials that ended well, the best one first."""
        return tuple(trial for trial in best_tries(self.tries) if trial.ended_well)


def read_scan(name: PathLike) -> Scan:
    """Read a scan by its folder, or by its name in the folder of scans of nnpdf.

    Raises
    ------
    DataError
        There is no such scan, or its files are damaged.
    """
    folder = find_scan(name, key="scan")
    runcard = folder / RUNCARD
    text = read_text(runcard, error=DataError) if runcard.is_file() else ""
    return Scan(folder, text, read_tries(folder))


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
