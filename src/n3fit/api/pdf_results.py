"""What the functions of PDF sets return."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.html_tables import facts_to_html, rows_to_html

if TYPE_CHECKING:
    from n3fit.lhapdf.set_check import CheckRow
    from n3fit.lhapdf.sum_rules import SumRuleRow


@dataclass(frozen=True)
class PdfSummary:
    """One PDF set that a runcard can name; of a broken one ``problem`` says what is wrong, and the rest is empty."""

    name: str
    folder: Path
    members: int = 0
    error_type: str = ""
    x_min: float = float("nan")
    q_min: float = float("nan")
    q_max: float = float("nan")
    problem: str = ""


@dataclass(frozen=True)
class PdfSubgrid:
    """The nodes between two flavour thresholds; scales in GeV."""

    x_nodes: int
    x_min: float
    x_max: float
    q_nodes: int
    q_min: float
    q_max: float


@dataclass(frozen=True)
class PdfDescription:
    """The metadata of a PDF set, and the grids of its central member."""

    name: str
    folder: Path
    description: str
    authors: str
    members: int
    error_type: str
    order: str
    alpha_s_mz: float
    alpha_s_nodes: int
    flavours: tuple[int, ...]
    subgrids: tuple[PdfSubgrid, ...]

    def _repr_html_(self) -> str:
        """Return the metadata as a table, for notebooks."""
        members = f"{self.members}, error type {self.error_type}" if self.error_type else str(self.members)
        return facts_to_html(
            {
                "set": self.name,
                "description": self.description,
                "members": members,
                "order": self.order,
                "alpha_s(M_Z)": f"{self.alpha_s_mz:.6g}",
                "flavours": ", ".join(map(str, self.flavours)),
                "x": f"{min(grid.x_min for grid in self.subgrids):g} to {max(grid.x_max for grid in self.subgrids):g}",
                "Q": f"{self.subgrids[0].q_min:g} to {self.subgrids[-1].q_max:g} GeV",
            }
        )


@dataclass(frozen=True)
class PdfCheck:
    """The result of a check of a PDF set.

    Attributes
    ----------
    rows : tuple of CheckRow
        One for each thing that was checked.
    sum_rules : tuple of SumRuleRow
        The worst member of each sum rule at each scale.
    """

    name: str
    folder: Path
    tolerance: float
    rows: tuple[CheckRow, ...]
    sum_rules: tuple[SumRuleRow, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(row.passed is not False for row in self.rows)

    def _repr_html_(self) -> str:
        """Return the results as a table, for notebooks."""
        results = {True: "passed", False: "failed", None: ""}
        rows = [(row.name, results[row.passed], row.detail) for row in self.rows]
        return rows_to_html((self.name, "result", "details"), rows, "<<<")
