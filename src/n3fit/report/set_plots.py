"""Data compared with the predictions of PDF sets, one figure for each data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from n3fit.data.fit_data import FitData
from n3fit.report.data_comparison import DatasetComparison, comparison_figure
from n3fit.report.plotted_figure import PlottedFigure, with_distinct_names
from n3fit.report.style import FIT_COLOURS, FIT_MARKERS
from n3fit.results.set_predictions import SetPredictions


@dataclass(frozen=True)
class LabelledSet:
    """One of the PDF sets of a page; ``index`` is its place among them, from 0."""

    label: str
    index: int

    @property
    def colour(self) -> str:
        """Colour of its lines and markers."""
        return FIT_COLOURS[self.index % len(FIT_COLOURS)]

    @property
    def marker(self) -> str:
        """Shape of its markers."""
        return FIT_MARKERS[self.index % len(FIT_MARKERS)]


def set_figures(data: FitData, predictions: Sequence[SetPredictions]) -> list[PlottedFigure]:
    """Return a figure for each data set: central predictions, their deviations, and the data."""
    sources = tuple(LabelledSet(entry.label, index) for index, entry in enumerate(predictions))
    errors = np.sqrt(np.diag(data.experimental_covariance))
    bands = [entry.band() for entry in predictions]
    figures = []
    for dataset in data.datasets:
        points = data.slices[dataset.name]
        comparison = DatasetComparison(
            name=dataset.name,
            sources=sources,
            x=dataset.x,
            q2=dataset.q2,
            central=dataset.central,
            error=errors[points],
            theory=np.array([band.central[points] for band in bands]),
            spread=np.array([band.deviation[points] for band in bands]),
            kind="set",
        )
        figures.append(comparison_figure(comparison))
    return with_distinct_names([figure for figure in figures if figure is not None])
