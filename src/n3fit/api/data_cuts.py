"""The points of the data of a runcard, and the cuts that remove some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.api.notebooks import shows_progress
from n3fit.html_tables import rows_to_html
from n3fit.paths import PathLike, SearchPaths
from n3fit.progress import NullReporter, ProgressReporter

if TYPE_CHECKING:
    from n3fit.data import PointSelection


@dataclass(frozen=True)
class RemovedPoints:
    """Points of a data set that one condition removes.

    Parameters
    ----------
    rule : str
        The condition that they do not fulfil.
    reason : str
        Why, for readers; may be empty.
    origin : str
        ``default``, or the key of the runcard.
    points : tuple of int
        Rows of the data file, from 0.
    """

    rule: str
    reason: str
    origin: str
    points: tuple[int, ...]


@dataclass(frozen=True)
class DatasetCuts:
    """A data set before and after cuts.

    Parameters
    ----------
    dataset, variant : str, str or None
        Its name today, whatever name the runcard has.
    points, kept : int
        Numbers of points in the file and after cuts.
    removed : tuple of RemovedPoints
        A point that fails several conditions is in each of them.
    """

    dataset: str
    variant: str | None
    points: int
    kept: int
    removed: tuple[RemovedPoints, ...]


@dataclass(frozen=True)
class CutSummary:
    """The cuts of a runcard, in the order of its data sets."""

    datasets: tuple[DatasetCuts, ...]
    positivity: tuple[DatasetCuts, ...]
    integrability: tuple[DatasetCuts, ...]

    @property
    def points(self) -> int:
        """Points of all data sets after cuts."""
        return sum(entry.kept for entry in self.datasets)

    def _repr_html_(self) -> str:
        """Return the data sets as a table, for notebooks."""
        rows = [
            (entry.dataset, entry.variant or "", str(entry.points), str(entry.kept),
             "; ".join(f"{cut.rule}: {len(cut.points)}" for cut in entry.removed))
            for entry in self.datasets
        ]  # fmt: skip
        return rows_to_html(("data set", "variant", "points", "kept", "removed, by rule"), rows, "<<>><")


@shows_progress
def data_cuts(
    runcard: PathLike,
    *,
    theory_path: PathLike | None = None,
    pdf_path: PathLike | None = None,
    data_path: PathLike | None = None,
    progress: ProgressReporter | None = None,
) -> CutSummary:
    """Return the points that a fit of a runcard keeps, and by which rule the others are removed.

    Tables are read only for ``use_cuts: fromsimilarpredictions``; otherwise the card of the theory is enough, which
    may be that of nnpdf-data. Keys that concern the fit alone are not checked and may be missing.

    Parameters
    ----------
    runcard, theory_path, pdf_path, data_path, progress
        As in :func:`n3fit.api.fit`.

    Raises
    ------
    RuncardError
        The runcard is not valid, or a rule cannot be applied.
    DataError, TheoryError
        A data set or the card of the theory is missing or broken.
    """
    from n3fit.fit.current_names import with_current_names
    from n3fit.fit.point_selection import select_fit_points
    from n3fit.runcard import read_runcard
    from n3fit.theory.theories import read_theory_card

    paths = SearchPaths.of(theory_path, pdf_path, data_path)
    card = with_current_names(read_runcard(Path(runcard), fitted=False), paths.data)
    theory_card = read_theory_card(card.theory.theoryid, path=paths.theories)
    points = select_fit_points(card, theory_card, paths, progress=progress or NullReporter())
    return CutSummary(*(describe_cuts(part) for part in (points.datasets, points.positivity, points.integrability)))


def describe_cuts(selections: Sequence[PointSelection]) -> tuple[DatasetCuts, ...]:
    """Return the points of data sets before and after cuts, by the selections of a fit."""
    return tuple(
        DatasetCuts(
            dataset=selection.dataset.name,
            variant=selection.dataset.variant,
            points=len(selection.dataset),
            kept=int(selection.kept.sum()),
            removed=tuple(
                RemovedPoints(entry.condition, entry.reason, entry.origin, tuple(entry.points.tolist()))
                for entry in selection.removals
            ),
        )
        for selection in selections
    )
