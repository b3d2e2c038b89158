"""Chi2 of PDF sets as a table of notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from n3fit.html_tables import rows_to_html

if TYPE_CHECKING:
    from n3fit.results.set_chi2 import SetChi2


def chi2_to_html(sets: Sequence[SetChi2], *, caption: str) -> str:
    """Return chi2 per point of the central members by process and data set, the total last."""
    rows = sets[0].rows
    covariances = list(dict.fromkeys(row.covariance for row in rows))
    groups = dict.fromkeys((row.level, row.name, row.points) for row in rows)
    cells = [
        (
            f"\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}{name}" if level == "dataset" else name,
            str(points),
            *(
                f"{entry.row(name, covariance, level).central / points:.3f}"
                for entry in sets
                for covariance in covariances
            ),
        )
        for level, name, points in groups
    ]
    header = ("data", "points", *(f"{entry.label}, {name}" for entry in sets for name in covariances))
    return rows_to_html(header, cells, "<" + ">" * (len(header) - 1), caption=caption)
