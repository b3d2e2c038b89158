"""Files of the points that a fit kept: ``filter/<SET>/FKMASK_<SET>.dat``, one row of the data file a line, from 0.

Fit folders of n3fit and of nnpdf have the same files; in those of nnpdf a set that keeps all its points has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.data.library import former_names
from n3fit.errors import DataError
from n3fit.storage.json_files import read_text
from n3fit.typing import Integers

FOLDER = "filter"
_LIMIT = 10_000_000
"""Largest size of such a file in bytes."""


def mask_path(dataset: str) -> Path:
    """Return the path of the file of a data set in a fit folder."""
    return Path(FOLDER) / dataset / f"FKMASK_{dataset}.dat"


def mask_text(indices: Integers | Sequence[int]) -> str:
    """Return the content of the file of a data set that keeps these points."""
    return "".join(f"{index}\n" for index in indices)


def read_mask(folder: Path, dataset: CommonData) -> Integers | None:
    """Read the points of a data set that a fit kept, under today's name of the set or a former one.

    Parameters
    ----------
    folder : Path
        The fit folder.
    dataset : CommonData
        With all its points.

    Returns
    -------
    array of int or None
        Rows of the data file, increasing; None if the fit does not have the data set.

    Raises
    ------
    DataError
        The file is broken or of another data set, or the fit is of a version of n3fit that wrote no such files.
    """
    for name in (dataset.name, *former_names(dataset.name)):
        path = folder / mask_path(name)
        if path.is_file():
            return _read(path, dataset)
        if path.parent.is_dir():
            return dataset.indices
    points = folder / FOLDER / "points.csv"
    if points.is_file() and f"\n{dataset.name}," in read_text(points, limit=_LIMIT, error=DataError):
        raise DataError(
            f"{folder}: expected {mask_path(dataset.name)} with the points of {dataset.name} that the fit kept",
            hint="the fit is of an older version: fit again, or use the rules of its runcard with use_cuts: internal",
        )
    return None


def _read(path: Path, dataset: CommonData) -> Integers:
    rows = []
    for number, line in enumerate(read_text(path, limit=_LIMIT, error=DataError).splitlines(), start=1):
        if line.strip():
            if not line.strip().isdecimal() or int(line) >= dataset.ndata_file:
                raise DataError(
                    f"{path}:{number}: expected a point of {dataset.name} from 0 to {dataset.ndata_file - 1}, "
                    f"received {line.strip()[:30]!r}"
                )
            rows.append(int(line))
    return np.unique(np.array(rows, dtype=np.int64))
