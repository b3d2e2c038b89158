"""The covariance matrix of a user: a table with three index columns and three header rows.

The rows are labelled by process category, data set and number of the point in the data file, from 0. The columns are in
the order of the rows; their header is not read. The columns are separated by tabs or commas.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.data.covariance import point_slices
from n3fit.errors import DataError
from n3fit.typing import Floats

INDEX_COLUMNS = 3
LARGEST_FILE = 2**31
"""Bytes of the largest file that is read: about that of 10000 points."""

_HEADER_ROWS = 8
_SHOWN = 10


@dataclass(frozen=True, eq=False)
class LabelledMatrix:
    """A matrix (n, n) whose rows and columns are points of data sets.

    Parameters
    ----------
    path : Path
    points : tuple of (str, int)
        Data set and number in its file of each row.
    values : array (n, n)
    """

    path: Path
    points: tuple[tuple[str, int], ...]
    values: Floats


def find_user_matrix(path: str, folders: Sequence[Path] = ()) -> Path:
    """Return the file of a relative or absolute path, in the working directory or one of some folders.

    Raises
    ------
    DataError
        It is in none of them.
    """
    places = [Path(path), *(folder / path for folder in folders)]
    for place in places:
        if place.is_file():
            return place
    searched = ", ".join(str(place.absolute()) for place in places)
    raise DataError(
        f"theorycovmatconfig.user_covmat_path: expected a file, found none at {searched}",
        hint="the path is relative to the working directory; files on a server must be copied there first",
    )


def read_user_matrix(path: Path) -> LabelledMatrix:
    """Read a matrix from a CSV file.

    Raises
    ------
    DataError
        The file cannot be read, is no such table, is not square, or has a point twice or a number that is not finite.
    """
    points: list[tuple[str, int]] = []
    rows: list[Floats] = []
    for line, dataset, point, cells in _labelled_rows(path):
        points.append((dataset, point))
        rows.append(_numbers(cells, path, line))
        if len(rows[-1]) != len(rows[0]):
            raise DataError(f"{path}, line {line}: expected {len(rows[0])} numbers, received {len(rows[-1])}")
    if not rows or len(rows) != len(rows[0]):
        count = len(rows[0]) if rows else 0
        raise DataError(
            f"{path}: expected as many rows as columns, received {len(rows)} rows labelled by category, data set and "
            f"point, and {count} columns of numbers"
        )
    twice = sorted(point for point, count in Counter(points).items() if count > 1)
    if twice:
        raise DataError(f"{path}: has these points twice: {_list_points(twice)}")
    return LabelledMatrix(path, tuple(points), np.stack(rows))


def arrange(matrix: LabelledMatrix, datasets: Sequence[CommonData]) -> tuple[Floats, tuple[str, ...]]:
    """Return the matrix (N, N) of the points of some data sets, and remarks on what has no effect.

    Points that the cuts remove are left out, whatever the order of the rows in the file; data sets that are not in the
    file have zeros.

    Raises
    ------
    DataError
        The file has none of the data sets, or lacks kept points of one that it has; all are named.
    """
    position = {point: row for row, point in enumerate(matrix.points)}
    in_file = dict.fromkeys(name for name, _ in matrix.points)
    names = [dataset.name for dataset in datasets]
    if not any(name in in_file for name in names):
        raise DataError(
            f"{matrix.path}: has none of the data sets of the fit, but {', '.join(list(in_file)[:_SHOWN])}",
            hint="the second column has the names of data sets as in dataset_inputs",
        )
    slices = point_slices(datasets)
    targets, sources, missing = [], [], []
    for dataset in datasets:
        if dataset.name in in_file:
            for offset, index in enumerate(dataset.indices.tolist()):
                if (dataset.name, index) in position:
                    targets.append(slices[dataset.name].start + offset)
                    sources.append(position[dataset.name, index])
                else:
                    missing.append((dataset.name, index))
    if missing:
        raise DataError(f"{matrix.path}: lacks points that the cuts keep: {_list_points(missing)}")
    size = sum(map(len, datasets))
    arranged = np.zeros((size, size))
    arranged[np.ix_(targets, targets)] = matrix.values[np.ix_(sources, sources)]
    unused = [name for name in in_file if name not in names]
    without = [name for name in names if name not in in_file]
    remarks = [f"data sets that the fit does not have are without effect: {', '.join(unused)}"] if unused else []
    remarks += [f"has no covariance of {', '.join(without)}"] if without else []
    return arranged, tuple(f"{matrix.path.name}: {text}" for text in remarks)


def _labelled_rows(path: Path) -> Iterator[tuple[int, str, int, list[str]]]:
    """Yield line, data set, point and numbers of each row below the header."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise DataError(f"{path}: {size} bytes, expected at most {LARGEST_FILE}")
        with path.open(encoding="utf-8", newline="") as stream:
            delimiter = "\t" if "\t" in stream.readline() else ","
            stream.seek(0)
            reader = csv.reader(stream, delimiter=delimiter)
            begun = False
            for cells in reader:
                labelled = len(cells) > INDEX_COLUMNS and cells[2].strip().isdecimal()
                if labelled:
                    begun = True
                    yield reader.line_num, cells[1].strip(), int(cells[2]), cells[INDEX_COLUMNS:]
                elif cells and (begun or reader.line_num > _HEADER_ROWS):
                    raise DataError(
                        f"{path}, line {reader.line_num}: expected category, data set, number of the point and the "
                        f"numbers of the row, received {cells[:4]!r}"
                    )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error


def _numbers(cells: Sequence[str], path: Path, line: int) -> Floats:
    try:
        numbers = np.array(cells, dtype=np.float64)
    except ValueError as error:
        raise DataError(f"{path}, line {line}: {error}") from error
    if not np.isfinite(numbers).all():
        raise DataError(f"{path}, line {line}: expected finite numbers")
    return numbers


def _list_points(points: Sequence[tuple[str, int]]) -> str:
    """Return points by data set, such as ``NMC (0, 3), BCDMS (7)``."""
    groups: dict[str, list[int]] = {}
    for name, point in points:
        groups.setdefault(name, []).append(point)
    shown = []
    for name, numbers in groups.items():
        more = ", ..." if len(numbers) > _SHOWN else ""
        shown.append(f"{name} ({', '.join(map(str, numbers[:_SHOWN]))}{more})")
    return ", ".join(shown)
