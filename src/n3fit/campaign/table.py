"""The table of a campaign: one row for each run."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from io import StringIO
from pathlib import Path

from n3fit.campaign.expansion import Run
from n3fit.errors import N3fitError
from n3fit.report.output import PAGE
from n3fit.results import FitFolder
from n3fit.storage.json_files import finite_or_none


@dataclass(frozen=True)
class RunRow:
    """What the table says of a run; None where there is nothing.

    Parameters
    ----------
    name : str
    status : str
        ``complete``, ``failed``, or ``missing`` for a run that has not been finished.
    problem : str
        Why it failed.
    theory : str
    alphas : float
        alpha_s(MZ) of the theory.
    replicas, chosen : int
        Numbers of replicas: fitted, and those of which means are made.
    points : int
    chi2, chi2_experimental : float
        Per point, of the mean prediction with the t0 and the experimental covariance.
    chi2_replicas, chi2_deviation : float
        Mean and standard deviation over the chosen replicas.
    best_epoch : float
        Mean over the replicas.
    seconds : float
        Of the fit.
    folder : str
        The fit, relative to the campaign folder.
    page, pdf_set : str
        The page and the PDF set of the fit, relative to the campaign folder; empty without.
    """

    name: str
    status: str
    problem: str = ""
    theory: str = ""
    alphas: float | None = None
    replicas: int | None = None
    chosen: int | None = None
    points: int | None = None
    chi2: float | None = None
    chi2_experimental: float | None = None
    chi2_replicas: float | None = None
    chi2_deviation: float | None = None
    best_epoch: float | None = None
    seconds: float | None = None
    folder: str = ""
    page: str = ""
    pdf_set: str = ""


def make_rows(
    runs: Sequence[Run], fits: Mapping[str, FitFolder], failures: Mapping[str, N3fitError], folder: Path
) -> list[RunRow]:
    """Return a row for each run; ``folder`` is that of the campaign."""
    return [_row(run, fits.get(run.name), failures.get(run.name), folder) for run in runs]


def _row(run: Run, fit: FitFolder | None, failure: N3fitError | None, folder: Path) -> RunRow:
    status = "failed" if failure is not None else "missing" if fit is None else "complete"
    problem = "" if failure is None else str(failure)
    if fit is None:
        return RunRow(run.name, status, problem, str(run.theory), run.alphas)
    summary = fit.summary()
    alphas = fit.description.theory.get("card", {}).get("alphas")
    page, own = fit.path / PAGE, next(iter(fit.pdf_sets), None)
    return RunRow(
        name=run.name,
        status=status,
        problem=problem,
        theory=str(run.theory),
        alphas=float(alphas) if isinstance(alphas, int | float) else None,
        replicas=summary.replicas,
        chosen=summary.chosen,
        points=summary.points,
        chi2=finite_or_none(summary.total.t0),
        chi2_experimental=finite_or_none(summary.total.experimental),
        chi2_replicas=finite_or_none(summary.total.replicas_mean),
        chi2_deviation=finite_or_none(summary.total.replicas_deviation),
        best_epoch=finite_or_none(summary.mean_best_epoch),
        seconds=float(sum(summary.timing.values())),
        folder=_relative(fit.path, folder),
        page=_relative(page, folder) if page.is_file() else "",
        pdf_set="" if own is None else _relative(own, folder),
    )


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def rows_to_csv(rows: Sequence[RunRow]) -> str:
    """Return the rows as CSV, with all digits; a value that is not there is an empty cell."""
    stream = StringIO()
    writer = csv.DictWriter(stream, [entry.name for entry in fields(RunRow)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return stream.getvalue()
