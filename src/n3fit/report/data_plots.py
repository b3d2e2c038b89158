"""Data compared with the predictions of fits, point by point, one figure for each data set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from n3fit.report.data_comparison import DatasetComparison, comparison_figure
from n3fit.report.labelled_fit import LabelledFit
from n3fit.report.plotted_figure import PlottedFigure, with_distinct_names


def data_figures(fits: Sequence[LabelledFit]) -> list[PlottedFigure]:
    """Return a figure for each data set of the fits that have a chosen replica, in the order of the first fits."""
    fits = [fit for fit in fits if fit.folder.chosen.any() and not fit.folder.absent]
    names = dict.fromkeys(dataset.name for fit in fits for dataset in fit.folder.description.datasets)
    figures = (comparison_figure(compare_dataset(name, fits)) for name in names)
    return with_distinct_names([figure for figure in figures if figure is not None])


def compare_dataset(name: str, fits: Sequence[LabelledFit]) -> DatasetComparison:
    """Return data and predictions of a data set, which at least one of the fits must have."""
    owners = [(fit, points) for fit in fits if (points := _points_of(fit, name)) is not None]
    first, first_points = owners[0]
    table = first.folder.points
    same = [(fit, points) for fit, points in owners if _has_same_points(first, first_points, fit, points)]
    predictions = [fit.folder.results.predictions[fit.folder.chosen][:, points] for fit, points in same]
    fits_shown = tuple(fit for fit, _ in same)
    return DatasetComparison(
        name=name,
        sources=tuple(fit.source for fit in fits_shown),
        x=table.x[first_points],
        q2=table.q2[first_points],
        central=table.central[first_points],
        error=table.experimental_error[first_points],
        theory=np.array([values.mean(axis=0) for values in predictions]),
        spread=np.array([values.std(axis=0, ddof=min(1, len(values) - 1)) for values in predictions]),
        left_out=tuple(fit.label for fit, _ in owners if fit not in fits_shown),
        kind="fit",
    )


def _points_of(fit: LabelledFit, name: str) -> slice | None:
    """Return the points of a data set among those of a fit, None when the fit does not have the set."""
    found = next((dataset for dataset in fit.folder.description.datasets if dataset.name == name), None)
    return None if found is None else slice(found.start, found.stop)


def _has_same_points(first: LabelledFit, first_points: slice, other: LabelledFit, other_points: slice) -> bool:
    mine, others = first.folder.points, other.folder.points
    if first_points.stop - first_points.start != other_points.stop - other_points.start:
        return False
    pairs = ((mine.x, others.x), (mine.q2, others.q2), (mine.central, others.central))
    return all(np.array_equal(a[first_points], b[other_points], equal_nan=True) for a, b in pairs)
