"""Data compared with the predictions of PDF sets, one figure for each data set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from n3fit.data.fit_data import FitData
from n3fit.report.data_comparison import DatasetComparison, comparison_figure
from n3fit.report.plotted_figure import PlottedFigure, with_distinct_names
from n3fit.report.source import Source
from n3fit.results.set_predictions import SetPredictions


def set_figures(data: FitData, predictions: Sequence[SetPredictions]) -> list[PlottedFigure]:
    """Return a figure for each data set: central predictions, their deviations, and the data."""
    sources = tuple(Source(entry.label, index) for index, entry in enumerate(predictions))
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
