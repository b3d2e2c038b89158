"""Chi2 of PDF sets and fits to the data of a runcard."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.api.chi2_table import chi2_to_html
from n3fit.api.notebooks import shows_progress
from n3fit.errors import CommandLineError, OutputExistsError
from n3fit.paths import PathLike, SearchPaths, as_path
from n3fit.progress import NullReporter, ProgressReporter

if TYPE_CHECKING:
    from n3fit.api.fit_object import Fit
    from n3fit.fit.inputs import FitInputs
    from n3fit.results import FitFolder
    from n3fit.results.set_chi2 import SetChi2
    from n3fit.results.set_predictions import SetPredictions
    from n3fit.runcard import Runcard

PAGE, CHI2_TABLE, PREDICTION_TABLE = "chi2.html", "chi2.csv", "predictions.csv"
"""Files in the folder of the output."""


@dataclass(frozen=True, eq=False)
class Chi2Summary:
    """Chi2 of PDF sets to the data of a runcard.

    Parameters
    ----------
    runcard : Path
    theory, t0_set : str
    t0_given : bool
        Whether the t0 set was named; otherwise it is the one that comes with n3fit.
    points : int
    sets : tuple of SetChi2
        One for each PDF set, in their order.
    predictions : tuple of SetPredictions
        Of the same sets, for all points.
    page : Path or None
        The page written.
    """

    runcard: Path
    theory: str
    t0_set: str
    t0_given: bool
    points: int
    sets: tuple[SetChi2, ...]
    predictions: tuple[SetPredictions, ...] = field(repr=False)
    page: Path | None = None

    def _repr_html_(self) -> str:
        """Return the table of chi2 per point, for notebooks."""
        origin = "" if self.t0_given else " (the runcard names none)"
        caption = (
            f"chi2 per point of the central members, by covariance; theory {self.theory}, t0 set {self.t0_set}{origin}"
        )
        return chi2_to_html(self.sets, caption=caption)


@shows_progress
def chi2(
    runcard: PathLike,
    pdf: Fit | PathLike | Sequence[Fit | PathLike],
    *,
    t0: str | None = None,
    output: PathLike | None = None,
    theory_path: PathLike | None = None,
    pdf_path: PathLike | None = None,
    data_path: PathLike | None = None,
    force: bool = False,
    progress: ProgressReporter | None = None,
) -> Chi2Summary:
    """Compute the chi2 of PDF sets to the data of a runcard, with its cuts, theory and covariances.

    Parameters
    ----------
    runcard : path
        A runcard, or the folder of a fit for that of the fit. Only its keys of data, cuts, theory and covariance are
        used; those of the fit may be missing.
    pdf : Fit, path or str, or sequence of them
        Fits, fit folders, or LHAPDF sets by name or folder.
    t0 : str, optional
        PDF set of the t0 covariance in place of that in the runcard.
    output : path, optional
        Folder for the page with its figures, ``chi2.csv`` and ``predictions.csv``; nothing is written without it.
    theory_path, pdf_path, data_path : path, optional
        Folders of theories, PDF sets and own data sets, besides those that are always searched.
    force : bool
        Replace existing output.
    progress : ProgressReporter, optional
        Receives phases, steps and messages; in notebooks a bar by default.

    Raises
    ------
    N3fitError
        A key, data set, table or PDF set is missing or broken, or the output exists.
    """
    from n3fit.fit.inputs import load_inputs
    from n3fit.results.ensembles import open_ensemble
    from n3fit.results.layout import RUNCARD
    from n3fit.results.set_chi2 import chi2_covariances, chi2_of_sets, group_points
    from n3fit.results.set_predictions import distinct_labels, predict_ensemble
    from n3fit.runcard import read_runcard

    sources = _sources(pdf)
    paths = SearchPaths.of(theory_path, pdf_path, data_path)
    reporter, folder = progress or NullReporter(), as_path(output)
    if folder is not None:
        _check_free(folder, force=force)
    path = Path(runcard) / RUNCARD if Path(runcard).is_dir() else Path(runcard)
    card = read_runcard(path, fitted=False)
    given = t0 is not None or card.datacuts.t0pdfset is not None
    if t0 is not None:
        card = card.model_copy(update={"datacuts": card.datacuts.model_copy(update={"t0pdfset": t0})})
    reporter.phase("reading data and theory")
    inputs = load_inputs(card, paths, progress=reporter, fitted=False)
    reporter.phase("computing predictions")
    ensembles = [open_ensemble(source, paths=paths.pdf_folders) for source in sources]
    predictions = distinct_labels(
        [predict_ensemble(inputs.observables, entry, inputs.theory.q0, progress=reporter) for entry in ensembles]
    )
    reporter.phase("computing chi2")
    data = inputs.data
    sets = chi2_of_sets(predictions, data.central, chi2_covariances(data), group_points(data))
    summary = Chi2Summary(
        runcard=path,
        theory=inputs.theory.identifier,
        t0_set=inputs.t0_set,
        t0_given=given,
        points=len(data),
        sets=sets,
        predictions=predictions,
    )
    return summary if folder is None else _write(summary, card, inputs, folder, force=force, progress=reporter)


def _sources(pdf: Fit | PathLike | Sequence[Fit | PathLike]) -> list[FitFolder | PathLike]:
    """Return the sets and fits as a list.

    Raises
    ------
    CommandLineError
        There is none.
    """
    from n3fit.api.fit_object import Fit

    several = [pdf] if isinstance(pdf, str | os.PathLike | Fit) else list(pdf)
    if not several:
        raise CommandLineError("expected at least one PDF set or fit, received none", hint="name one with --pdf")
    return [entry.folder if isinstance(entry, Fit) else entry for entry in several]


def _check_free(folder: Path, *, force: bool) -> None:
    """Check that the output does not exist, or with ``force`` that it is output of the same kind.

    Raises
    ------
    OutputExistsError
    """
    from n3fit.report.output import check_free

    check_free(folder / PAGE, force=force)
    for name in (CHI2_TABLE, PREDICTION_TABLE):
        if (folder / name).exists() and not force:
            raise OutputExistsError(
                f"{folder / name}: exists already", hint="replace it with --force", ways=[["--force"]]
            )


def _write(
    summary: Chi2Summary, card: Runcard, inputs: FitInputs, folder: Path, *, force: bool, progress: ProgressReporter
) -> Chi2Summary:
    """Write the page, its figures and the tables, and return the summary with the page."""
    from n3fit.report.set_page import write_set_page
    from n3fit.results.set_tables import chi2_to_csv, predictions_to_csv
    from n3fit.storage import write_atomically

    progress.phase("drawing the figures")
    names = [entry.label for entry in summary.sets]
    t0 = summary.t0_set if summary.t0_given else f"{summary.t0_set}, as the runcard names none"
    page = write_set_page(
        folder / PAGE,
        title=f"{', '.join(names)} and the data of {summary.runcard.stem}",
        facts={
            "Runcard": card.description.strip() or summary.runcard.name,
            "Theory": summary.theory,
            "t0 set": t0,
            "Data": f"{summary.points} points of {len(inputs.data.datasets)} data sets",
        },
        data=inputs.data,
        predictions=summary.predictions,
        chi2=summary.sets,
        force=force,
        progress=progress,
    )
    write_atomically(folder / CHI2_TABLE, chi2_to_csv(summary.sets))
    write_atomically(folder / PREDICTION_TABLE, predictions_to_csv(inputs.data, summary.predictions))
    return replace(summary, page=page)
