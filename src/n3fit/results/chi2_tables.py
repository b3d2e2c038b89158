"""Chi2 to the central data, by data set, by experiment and in total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from n3fit.results.residuals import WhitenedResiduals

Floats = NDArray[np.float64]


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

    def with_mean(self, residuals: WhitenedResiduals, level: str, selected: NDArray[np.bool_]) -> Chi2Table:
        """Give the table with the mean prediction over the replicas ``selected`` of ``residuals``."""
        return replace(
            self,
            t0=residuals.chi2_of_mean("t0", level, selected),
            experimental=residuals.chi2_of_mean("experimental", level, selected),
        )


def chi2_tables(residuals: WhitenedResiduals, selected: NDArray[np.bool_]) -> dict[str, Chi2Table]:
    """Give the tables of all ``LEVELS``, with the mean over the replicas ``selected`` (R,)."""
    return {
        level: Chi2Table(
            names=tuple(groups),
            points=np.array(list(groups.values()), dtype=np.int64),
            t0=residuals.chi2_of_mean("t0", level, selected),
            experimental=residuals.chi2_of_mean("experimental", level, selected),
            t0_replicas=residuals.chi2("t0", level),
            experimental_replicas=residuals.chi2("experimental", level),
        )
        for level, groups in residuals.groups.items()
    }


def keep_table_replicas(table: Chi2Table, kept: NDArray[np.bool_]) -> Chi2Table:
    """Give the table of the replicas ``kept`` (R,) alone; the mean is left as it is."""
    return replace(table, t0_replicas=table.t0_replicas[kept], experimental_replicas=table.experimental_replicas[kept])


def join_tables(tables: Sequence[Chi2Table], order: NDArray[np.intp]) -> Chi2Table:
    """Put the replicas of several tables of the same groups together, in this order; the mean is that of the first."""
    return replace(
        tables[0],
        t0_replicas=np.concatenate([table.t0_replicas for table in tables])[order],
        experimental_replicas=np.concatenate([table.experimental_replicas for table in tables])[order],
    )
