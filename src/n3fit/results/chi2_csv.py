"""Tables of chi2 as CSV files, readable by people and read back exactly."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import numpy as np

from n3fit.errors import DataError
from n3fit.results.chi2_tables import Chi2Table
from n3fit.storage.json_files import read_text

_FIRST_COLUMNS = ["name", "points", "t0", "experimental"]
_HINT = "the file is damaged; restore it or fit again"


def table_to_csv(table: Chi2Table, replicas: Sequence[int]) -> str:
    """Give one line for each group: chi2 of the mean prediction, then of each replica, not divided by the points."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_header(replicas))
    for column, (name, points) in enumerate(zip(table.names, table.points.tolist(), strict=True)):
        values = [
            table.t0[column],
            table.experimental[column],
            *table.t0_replicas[:, column],
            *table.experimental_replicas[:, column],
        ]
        writer.writerow([name, points, *(repr(float(value)) for value in values)])
    return stream.getvalue()


def read_table(path: Path, replicas: Sequence[int]) -> Chi2Table:
    """Read what :func:`table_to_csv` gave.

    Raises
    ------
    DataError
        Truncated, other replicas, or not numbers.
    ResourceError
        The file is missing or cannot be read.
    """
    rows = list(csv.reader(StringIO(read_text(path))))
    header = _header(replicas)
    if not rows or rows[0] != header:
        raise DataError(f"{path}: expected a header for {len(replicas)} replicas, received {rows[:1]}", hint=_HINT)
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise DataError(f"{path}, line {number}: expected {len(header)} columns, received {len(row)}", hint=_HINT)
    body = rows[1:]
    try:
        points = np.array([int(row[1]) for row in body], dtype=np.int64)
        values = np.array([[float(text) for text in row[2:]] for row in body], dtype=np.float64)
    except ValueError as error:
        raise DataError(f"{path}: {error}", hint=_HINT) from error
    values = values.reshape(len(body), len(header) - 2).T
    return Chi2Table(
        names=tuple(row[0] for row in body),
        points=points,
        t0=values[0],
        experimental=values[1],
        t0_replicas=values[2 : 2 + len(replicas)],
        experimental_replicas=values[2 + len(replicas) :],
    )


def _header(replicas: Sequence[int]) -> list[str]:
    by_replica = [f"{kind}_replica_{int(replica)}" for kind in ("t0", "experimental") for replica in replicas]
    return [*_FIRST_COLUMNS, *by_replica]
