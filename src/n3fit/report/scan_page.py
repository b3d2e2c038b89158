"""The page of a hyperparameter scan: losses, parameters, folds, best and failed trials, and what follows from them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from n3fit.errors import DataError, N3fitError
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.report.figure_rendering import render_figures
from n3fit.report.html import render_template
from n3fit.report.output import check_free, choose_page, figures_folder, write_report
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.scan_coordinates import coordinates_figure
from n3fit.report.scan_folds import Fold, describe_folds, fold_figures, loss_name
from n3fit.report.scan_importance import importances
from n3fit.report.scan_losses import losses_of
from n3fit.report.scan_parameter_plots import parameters_figure
from n3fit.report.scan_parameters import ScanParameter, scan_parameters
from n3fit.report.scan_plots import history_figure, importance_figure, time_figure
from n3fit.report.style import plot_style
from n3fit.results.scan_folder import RUNCARD, Scan
from n3fit.results.trial_card import ensemble_text, trial_card
from n3fit.results.tries import Try
from n3fit.runcard.yaml_reader import parse_yaml

MOST_SHOWN = 20
"""Number of the best trials in the first table."""

UNKNOWN = "the file does not say"


@dataclass(frozen=True)
class TrialLine:
    """A row of the table of the best trials; ``values`` are those of the parameters in which trials differ."""

    rank: int
    trial: Try
    values: tuple[str, ...]

    @property
    def validation(self) -> float | None:
        """The validation loss, None where the file has none."""
        return _number(self.trial.result.get("validation_loss"))

    @property
    def experimental(self) -> float | None:
        """The experimental loss, None where the file has none."""
        return _number(self.trial.result.get("experimental_loss"))


@dataclass(frozen=True, eq=False)
class ScanContents:
    """All that the page shows.

    Parameters
    ----------
    scan : Scan
    seconds, median_seconds : float
        Time of all trials, and of one; not a number where the file does not say.
    parameters : list of ScanParameter
        Those in which trials differ.
    common : mapping of str to str
        The values of the others.
    lines : list of TrialLine
        The trials that did not fail, the best one first.
    failures : mapping of str to list of int
        The numbers of failed trials by their reason.
    folds : list of Fold
    loss_type : str
        Name of the loss of a fold in the runcard.
    history, space, fold_figures : list of PlottedFigure
        The figures of losses and time, of the parameters, and of the folds.
    best_card : str
        The runcard of the best trial; empty where there is none.
    best_card_problem : str
        Why there is none.
    ensemble : str
        The keys of a runcard whose replicas use the best trials.
    """

    scan: Scan
    seconds: float
    median_seconds: float
    parameters: list[ScanParameter]
    common: Mapping[str, str]
    lines: list[TrialLine]
    failures: Mapping[str, list[int]]
    folds: list[Fold]
    loss_type: str
    history: list[PlottedFigure]
    space: list[PlottedFigure]
    fold_figures: list[PlottedFigure]
    best_card: str
    best_card_problem: str
    ensemble: str

    @property
    def figures(self) -> list[PlottedFigure]:
        """All figures, in the order of the page."""
        return [*self.history, *self.space, *self.fold_figures]

    @property
    def shown(self) -> list[TrialLine]:
        """The best trials, which are shown at once."""
        return self.lines[:MOST_SHOWN]

    @property
    def others(self) -> list[TrialLine]:
        """The other trials that did not fail."""
        return self.lines[MOST_SHOWN:]

    @property
    def best(self) -> Try | None:
        """The best trial, None if all failed."""
        return self.lines[0].trial if self.lines else None


def make_scan_report(
    scan: Scan, *, output: Path | None = None, force: bool = False, progress: ProgressReporter | None = None
) -> Path:
    """Write the page of a scan, and the folder of its figures as PDF with their numbers as CSV.

    Parameters
    ----------
    scan : Scan
        Of n3fit or of nnpdf.
    output : Path, optional
        A file ``*.html``, or the folder for ``report.html``; by default the folder of the scan.
    force : bool
        Replace an existing page.
    progress : ProgressReporter, optional

    Returns
    -------
    Path
        The file of the page.

    Raises
    ------
    DataError
        No trial of the scan has ended.
    OutputExistsError
        The page exists and ``force`` is false.
    ResourceError
        The files cannot be written.
    """
    if not scan.ended:
        raise DataError(f"{scan.path}: expected a scan with trials that have ended, received none")
    reporter = progress if progress is not None else NullReporter()
    page = choose_page(output, scan.path)
    check_free(page, force=force)
    reporter.phase("drawing the figures")
    contents = collect_scan(scan)
    files = render_figures(contents.figures, progress=reporter)
    reporter.phase("writing the report")
    return write_report(
        page, render_template("scan.html.j2", contents, files, figures_folder(page).name), files, force=force
    )


def collect_scan(scan: Scan) -> ScanContents:
    """Return all that the page of a scan shows."""
    tries = scan.ended
    runcard = _runcard(scan)
    parameters, common = scan_parameters(tries)
    labels = {entry.name: entry.label for entry in parameters}
    loss = loss_name(runcard)
    places = {id(trial): index for index, trial in enumerate(tries)}
    seconds = [trial.seconds for trial in tries if math.isfinite(trial.seconds)]
    with plot_style():
        history: list[PlottedFigure | None] = [history_figure(tries), time_figure(tries)]
        space = [
            importance_figure(importances(parameters, losses_of(tries)), labels),
            parameters_figure(tries, parameters),
            coordinates_figure(tries, parameters),
        ]
        folds = fold_figures(scan.ranked, loss) if scan.ranked else []
    card, problem = _best_card(scan)
    return ScanContents(
        scan=scan,
        seconds=sum(seconds) if seconds else math.nan,
        median_seconds=sorted(seconds)[len(seconds) // 2] if seconds else math.nan,
        parameters=parameters,
        common=common,
        lines=[
            TrialLine(rank, trial, tuple(entry.shown(places[id(trial)]) for entry in parameters))
            for rank, trial in enumerate(scan.ranked, 1)
        ],
        failures=_failures(scan.failed),
        folds=describe_folds(runcard, scan.ranked[0], loss) if scan.ranked else [],
        loss_type=loss,
        history=[figure for figure in history if figure is not None],
        space=[figure for figure in space if figure is not None],
        fold_figures=folds,
        best_card=card,
        best_card_problem=problem,
        ensemble=ensemble_text(scan),
    )


def _runcard(scan: Scan) -> Mapping[str, Any]:
    """Return the content of the runcard of a scan; nothing where it cannot be read."""
    try:
        content = parse_yaml(scan.runcard_text, RUNCARD).data
    except N3fitError:
        return {}
    return content if isinstance(content, dict) else {}


def _best_card(scan: Scan) -> tuple[str, str]:
    """Return the runcard of the best trial, or why there is none."""
    if not scan.ranked:
        return "", "every trial failed"
    try:
        return trial_card(scan, scan.ranked[0]), ""
    except N3fitError as error:
        return "", error.message


def _failures(failed: Sequence[Try]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for trial in failed:
        found.setdefault(trial.reason or UNKNOWN, []).append(trial.tid)
    return dict(sorted(found.items(), key=lambda entry: -len(entry[1])))


def _number(value: Any) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if known else None
