"""What a runcard names for its fit: it is looked for as a whole, so that all that is missing is named at once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from n3fit.data import PointSelection
from n3fit.fit.completeness import Problems, Request, missing_files
from n3fit.fit.named_sets import open_t0_set, open_true_set
from n3fit.fit.other_theories import open_other_theory, other_theories
from n3fit.fit.point_selection import SelectedPoints, select_fit_points
from n3fit.fit.theory_checks import check_charm, check_sum_rules
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.paths import SearchPaths
from n3fit.progress import ProgressReporter
from n3fit.runcard import Runcard
from n3fit.theory.capabilities import describe_obstacles
from n3fit.theory.theories import Theory, open_theory

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class NamedInputs:
    """What a runcard names, all of it there.

    Parameters
    ----------
    theory : Theory
    points : SelectedPoints
    requests, penalties : list
        The kept points of each data set, and of each positivity and integrability set, with the names of K-factors.
    t0_set : PDFSet
    true_set : PDFSet, optional
        The set of the truth of a closure test.
    """

    theory: Theory
    points: SelectedPoints
    requests: list[Request]
    penalties: list[Request]
    t0_set: PDFSet
    true_set: PDFSet | None


def find_inputs(card: Runcard, paths: SearchPaths, *, progress: ProgressReporter, fitted: bool) -> NamedInputs:
    """Find everything that the runcard names; what is missing is named together.

    Parameters
    ----------
    card, paths, progress, fitted
        As in :func:`n3fit.fit.inputs.load_inputs`.

    Raises
    ------
    DataError, TheoryError
        Something is missing, or the theory has not the charm of the fitting basis.
    """
    problems = Problems()
    t0_set = problems.attempt(lambda: open_t0_set(card, paths))
    true_set = problems.attempt(lambda: open_true_set(card, paths))
    theory = problems.require(lambda: open_theory(card.theory.theoryid, path=paths.theories))
    if fitted:
        _check_for_fit(theory, card, progress)
    points = select_fit_points(card, theory.card, paths, progress=progress, problems=problems)
    if not fitted:
        points = replace(points, positivity=(), integrability=())
    requests, penalties = _requests(points, problems)
    problems.errors += missing_files(theory, [*requests, *penalties])
    for key, identifier in other_theories(card).items():
        other = problems.attempt(partial(open_other_theory, key, identifier, paths))
        problems.errors += [] if other is None else missing_files(other, requests)
    problems.raise_any()
    assert t0_set is not None  # its error was raised otherwise
    return NamedInputs(theory, points, requests, penalties, t0_set, true_set)


def _check_for_fit(theory: Theory, card: Runcard, progress: ProgressReporter) -> None:
    """Check that the theory has the charm of the fitting basis; say if sum rules or evolution have no meaning.

    Raises
    ------
    TheoryError
    """
    check_charm(theory, card.fitting.fitbasis)
    check_sum_rules(card, progress)
    note = describe_obstacles(theory.card, source=f"theory {theory.identifier}")
    if note:
        logger.warning("%s", note)


def _requests(points: SelectedPoints, problems: Problems) -> tuple[list[Request], list[Request]]:
    """Return the kept points with the names of their K-factors: of the data, and of positivity and integrability."""

    def kept(selections: Sequence[PointSelection], cfacs: Sequence[Sequence[str]]) -> list[Request]:
        found = [(problems.attempt(selection.select), cfac) for selection, cfac in zip(selections, cfacs, strict=True)]
        return [(dataset, cfac) for dataset, cfac in found if dataset is not None]

    penalties = (*points.positivity, *points.integrability)
    return kept(points.datasets, points.cfacs), kept(penalties, [()] * len(penalties))
