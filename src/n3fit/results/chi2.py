"""Chi2 to the central data, by data set, by experiment and in total, and its CSV files."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import DataError
from n3fit.html_tables import rows_to_html
from n3fit.replica_arrays import Chosen
from n3fit.results.number_text import csv_cells, number_texts
from n3fit.results.residual_table import WhitenedResiduals
from n3fit.storage.json_files import read_text
from n3fit.typing import Floats

_FIRST_COLUMNS = ["name", "points", "t0", "experimental"]
_HINT = "the file is damaged; restore it or fit again"


@dataclass(frozen=True)
class Chi2Table:
    """Chi2 of G groups of points for R replicas and for their mean prediction, not divided by the points.

    Correlations inside a group are kept, those between groups are not part of a group's number. What cannot be
    computed is nan.

    Parameters
    ----------
    names : tuple of G str
    points : (G,)
    t0, experimental : (G,)
        Of the mean prediction, with the t0 and the experimental covariance.
    t0_replicas, experimental_replicas : (R, G)
    """

    names: tuple[str, ...]
    points: NDArray[np.int64]
    t0: Floats
    experimental: Floats
    t0_replicas: Floats
    experimental_replicas: Floats

    def per_point(self, chi2: Floats) -> Floats:
        """Divide ``(..., G)`` by the number of points; nan without points."""
        result: Floats = chi2 / np.where(self.points > 0, self.points, np.nan)
        return result

    def total_per_point(self) -> Floats:
        """Return the t0 chi2 per point of each replica, (R,), of a table with one group; nan without any."""
        if not self.names:
            return np.full(len(self.t0_replicas), np.nan)
        total: Floats = self.per_point(self.t0_replicas)[:, 0]
        return total

    def _repr_html_(self) -> str:
        """Return chi2 per point as a table, for notebooks."""
        t0, experimental = self.per_point(self.t0), self.per_point(self.experimental)
        rows = [
            (name, str(points), *(f"{value:.3f}" for value in (t0[place], experimental[place])))
            for place, (name, points) in enumerate(zip(self.names, self.points, strict=True))
        ]
        header = ("group", "points", "t0", "experimental")
        return rows_to_html(header, rows, "<>>>", caption="chi2 per point of the mean prediction, by covariance")

    def with_mean(self, residuals: WhitenedResiduals, level: str, chosen: NDArray[np.bool_]) -> Chi2Table:
        """Return the table with the mean prediction over the replicas ``chosen`` (R,) of ``residuals``."""
        return replace(
            self,
            t0=residuals.chi2_of_mean("t0", level, chosen),
            experimental=residuals.chi2_of_mean("experimental", level, chosen),
        )


def chi2_tables(residuals: WhitenedResiduals, chosen: NDArray[np.bool_]) -> dict[str, Chi2Table]:
    """Return the tables of all ``LEVELS``, with the mean over the replicas ``chosen`` (R,)."""
    return {
        level: Chi2Table(
            names=tuple(groups),
            points=np.array(list(groups.values()), dtype=np.int64),
            t0=residuals.chi2_of_mean("t0", level, chosen),
            experimental=residuals.chi2_of_mean("experimental", level, chosen),
            t0_replicas=residuals.chi2("t0", level),
            experimental_replicas=residuals.chi2("experimental", level),
        )
        for level, groups in residuals.groups.items()
    }


def take_table_replicas(table: Chi2Table, chosen: Chosen) -> Chi2Table:
    """Return the table of some replicas: a mask (R,), or indices; the mean is left as it is."""
    return replace(
        table, t0_replicas=table.t0_replicas[chosen], experimental_replicas=table.experimental_replicas[chosen]
    )


def join_tables(tables: Sequence[Chi2Table]) -> Chi2Table:
    """Return the replicas of several tables of the same groups one after the other; the mean is that of the first."""
    return replace(
        tables[0],
        t0_replicas=np.concatenate([table.t0_replicas for table in tables]),
        experimental_replicas=np.concatenate([table.experimental_replicas for table in tables]),
    )


def table_to_csv(table: Chi2Table, replicas: Sequence[int]) -> str:
    """Return one line for each group: chi2 of the mean prediction, then of each replica, not divided by the points."""
    columns = [table.t0[np.newaxis], table.experimental[np.newaxis], table.t0_replicas, table.experimental_replicas]
    values = np.concatenate(columns).T
    lines = [",".join(_header(replicas))]
    for name, points, row in zip(csv_cells(table.names), table.points.tolist(), values, strict=True):
        lines.append(",".join([name, str(points), *number_texts(row)]))
    return "\n".join([*lines, ""])


def read_table(path: Path, replicas: Sequence[int]) -> Chi2Table:
    """Read what :func:`table_to_csv` returned.

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
