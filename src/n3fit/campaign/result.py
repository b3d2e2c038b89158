"""The result of a campaign, in memory and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from n3fit.campaign.alphas_scan import AlphasScan
from n3fit.campaign.analysis import Analysis
from n3fit.campaign.layout import TABLE
from n3fit.campaign.table import RunRow
from n3fit.errors import N3fitError
from n3fit.report.output import PAGE
from n3fit.storage.json_files import to_json


@dataclass(frozen=True, eq=False)
class CampaignResult:
    """What a campaign gave.

    Parameters
    ----------
    folder : Path
    title, kind : str
        Description, and ``closure``, ``alphas`` or ``table``.
    rows : tuple of RunRow
    analysis : Analysis
        Of all fits together.
    failures : mapping of str to N3fitError
        By the name of the run.
    """

    folder: Path
    title: str
    kind: str
    rows: tuple[RunRow, ...]
    analysis: Analysis
    failures: Mapping[str, N3fitError]

    @property
    def page(self) -> Path:
        """The page."""
        return self.folder / PAGE

    @property
    def table(self) -> Path:
        """The table as CSV."""
        return self.folder / TABLE

    @property
    def error(self) -> N3fitError | None:
        """The error that the command ends with: that of the failed runs, or that of the analysis."""
        if not self.failures:
            return self.analysis.problem
        names = list(self.failures)
        first = self.failures[names[0]]
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        error = N3fitError(
            f"{len(names)} of {len(self.rows)} runs failed: {shown}; {names[0]}: {first.message}",
            hint=f"{first.hint + '; ' if first.hint else ''}the same command goes on with what is missing",
        )
        codes = {failure.exit_code for failure in self.failures.values()}
        error.exit_code = codes.pop() if len(codes) == 1 else FAILED
        return error


FAILED = 5
"""Exit code when runs failed for different reasons."""


def describe_alphas(scan: AlphasScan) -> dict[str, Any]:
    """Return alpha_s and the curves as plain values."""
    found = scan.determination
    return {
        "value": found.value,
        "uncertainty": found.uncertainty,
        "value_error": found.value_error,
        "uncertainty_error": found.uncertainty_error,
        "median": found.median,
        "low": found.low,
        "high": found.high,
        "outside": found.outside,
        "left_out": dict(found.left_out),
        "points": scan.points,
        "alphas": found.alphas,
        "central_chi2": scan.central_chi2,
        "replicas": found.replicas,
        "accepted": found.accepted,
        "minima": found.parabolas.minimum,
        "curvatures": found.parabolas.curvature,
        "chi2": found.chi2,
    }


def result_to_json(result: CampaignResult) -> str:
    """Return the result as JSON; numbers that are not finite become null."""
    analysis = result.analysis
    return to_json(
        {
            "title": result.title,
            "analysis": result.kind,
            "runs": [asdict(row) for row in result.rows],
            "closure": None if analysis.closure is None else asdict(analysis.closure),
            "alphas": None if analysis.alphas is None else describe_alphas(analysis.alphas),
            "problem": None if analysis.problem is None else str(analysis.problem),
        }
    )
