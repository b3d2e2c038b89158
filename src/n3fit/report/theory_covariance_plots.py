"""The theory covariance: its uncertainties beside those of the data, its share of the total, and its correlations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from n3fit.report.labelled_fit import LabelledFit
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.style import BLUE, INK, MUTED, VERMILION, new_figure
from n3fit.typing import Floats, Indices

if TYPE_CHECKING:
    from n3fit.results.records import DatasetRecord

MOST_POINTS = 240
"""Points between which correlations are shown: of more, they are picked evenly."""

NEGLIGIBLE = 1e-10
"""Uncertainty relative to the data that comes from rounding, such as that of a ratio of equal shifts."""

_ROW = 0.26  # inches
_NARROWEST = 0.03  # share of the axis that a label needs


@dataclass(frozen=True, eq=False)
class CategoryOrder:
    """The points of a fit, those of a process category together.

    Parameters
    ----------
    points : array of int (N,)
        Their positions among the points of the fit.
    datasets : tuple of DatasetRecord
        The data sets in this order.
    categories : tuple of str
        The category of each data set.
    """

    points: Indices
    datasets: tuple[DatasetRecord, ...]
    categories: tuple[str, ...]

    @property
    def point_categories(self) -> list[str]:
        """The category of each point."""
        pairs = zip(self.datasets, self.categories, strict=True)
        return [category for dataset, category in pairs for _ in range(dataset.start, dataset.stop)]

    @property
    def point_datasets(self) -> list[str]:
        """The data set of each point."""
        return [dataset.name for dataset in self.datasets for _ in range(dataset.start, dataset.stop)]


def theory_covariance_figures(fits: Sequence[LabelledFit]) -> list[PlottedFigure]:
    """Return the figures of each fit with a theory covariance.

    Raises
    ------
    DataError, ResourceError
        The file of a theory covariance is damaged or missing.
    """
    return [figure for fit in fits if fit.folder.description.theory_covariance is not None for figure in _figures(fit)]


def _figures(fit: LabelledFit) -> list[PlottedFigure]:
    stored = fit.folder.theory_covariance()
    if stored is None or not stored.points.size:
        return []
    order = _order(fit.folder.description.datasets)
    columns, errors = stored.covariance.columns[order.points], np.sqrt(stored.covariance.variances)[order.points]
    errors = np.where(errors > NEGLIGIBLE * np.abs(fit.folder.points.central[order.points]), errors, 0.0)
    experimental = fit.folder.points.experimental_error[order.points]
    central = np.abs(fit.folder.points.central[order.points])
    return [
        _uncertainties(fit, order, errors, experimental, central),
        _shares(fit, order, errors, experimental),
        _correlations(fit, order, columns, errors),
    ]


def _order(datasets: Sequence[DatasetRecord]) -> CategoryOrder:
    """Return the data sets by category, in the order of first appearance."""
    from n3fit.data.categories import category_of  # loads much that processes that draw do without

    by_category: dict[str, list[DatasetRecord]] = {}
    for dataset in datasets:
        by_category.setdefault(category_of(dataset.name, dataset.process_type), []).append(dataset)
    ordered = [(category, dataset) for category, members in by_category.items() for dataset in members]
    return CategoryOrder(
        points=np.concatenate([np.arange(dataset.start, dataset.stop) for _, dataset in ordered]),
        datasets=tuple(dataset for _, dataset in ordered),
        categories=tuple(category for category, _ in ordered),
    )


def _uncertainties(
    fit: LabelledFit, order: CategoryOrder, errors: Floats, experimental: Floats, central: Floats
) -> PlottedFigure:
    scale = 100.0 / np.where(central > 0.0, central, np.nan)
    total = np.hypot(errors, experimental)
    return PlottedFigure(
        name=f"theory_uncertainties{fit.suffix}",
        title=f"Uncertainties of theory and data{fit.heading}",
        caption="Square roots of the diagonals of the covariances of the theory, of the data (multiplicative "
        "uncertainties relative to the data), and of the sum, relative to the central data.",
        draw=partial(_draw_uncertainties, scale * total, scale * experimental, scale * errors, order.point_categories),
        numbers={
            "category": np.array(order.point_categories),
            "dataset": np.array(order.point_datasets),
            "theory_error": errors,
            "experimental_error": experimental,
            "total_error": total,
            "data": central,
        },
        wide=True,
        raster=len(errors) > MOST_POINTS,
    )


def _draw_uncertainties(total: Floats, experimental: Floats, theory: Floats, categories: Sequence[str]) -> Figure:
    """Draw uncertainties (N,) in percent of the data, at points of some categories."""
    figure = new_figure(11.2, 3.6, left=0.8, right=0.4)
    axes = figure.subplots()
    numbers = np.arange(len(theory))
    for values, colour, label, width in (
        (total, MUTED, "total", 1.0),
        (experimental, BLUE, "experimental", 1.0),
        (theory, VERMILION, "theory", 1.4),
    ):
        axes.plot(numbers, values, color=colour, linewidth=width, label=label, drawstyle="steps-mid")
    axes.set_yscale("log")
    axes.set_ylim(*_log_limits(np.concatenate([total, experimental, theory])))
    axes.set_ylabel("uncertainty [% of the data]")
    _mark_categories(axes, categories, both=False)
    axes.set_xlim(-0.5, len(theory) - 0.5)
    axes.legend(ncols=3)
    return figure


def _shares(fit: LabelledFit, order: CategoryOrder, errors: Floats, experimental: Floats) -> PlottedFigure:
    share = errors**2 / (errors**2 + experimental**2)
    names = [dataset.name for dataset in order.datasets]
    edges = np.cumsum([0, *(dataset.stop - dataset.start for dataset in order.datasets)])
    means = np.array([share[start:stop].mean() for start, stop in pairwise(edges)])
    labels, values = [*names, "all points"], np.append(means, share.mean())
    return PlottedFigure(
        name=f"theory_share{fit.suffix}",
        title=f"Share of the theory in the uncertainties{fit.heading}",
        caption="Variance of the theory divided by the sum of those of theory and data, mean over the points of each "
        "data set.",
        draw=partial(_draw_shares, labels, 100.0 * values),
        numbers={
            "category": np.array([*order.categories, "all"]),
            "dataset": np.array(labels),
            "share": values,
        },
        wide=True,
    )


def _draw_shares(labels: Sequence[str], percent: Floats) -> Figure:
    """Draw a bar for each label; the last one is that of all points."""
    rows = np.arange(len(labels))[::-1]
    longest = max(map(len, labels))
    figure = new_figure(11.2, 0.9 + _ROW * max(len(labels), 3), left=0.3 + 0.078 * longest, top=0.15)
    axes = figure.subplots()
    axes.barh(rows, percent, height=0.62, color=[*([VERMILION] * (len(labels) - 1)), INK])
    axes.set_yticks(rows, labels, fontsize=9)
    axes.set_ylim(-0.7, len(labels) - 0.3)
    axes.set_xlim(0.0, 100.0)
    axes.set_xlabel("share of the theory in the total variance [%]")
    axes.grid(visible=False, axis="y")
    return figure


def _correlations(fit: LabelledFit, order: CategoryOrder, columns: Floats, errors: Floats) -> PlottedFigure:
    picked = np.unique(np.linspace(0, len(errors) - 1, min(len(errors), MOST_POINTS)).round().astype(np.intp))
    scaled = columns[picked] / np.where(errors[picked] > 0.0, errors[picked], np.nan)[:, None]
    matrix = scaled @ scaled.T
    rows, across = np.indices(matrix.shape)
    datasets = np.array(order.point_datasets)[picked]
    part = "" if len(picked) == len(errors) else f", for {len(picked)} of the {len(errors)} points, picked evenly"
    return PlottedFigure(
        name=f"theory_correlations{fit.suffix}",
        title=f"Correlations of the theory covariance{fit.heading}",
        caption=f"Correlation coefficients between points, in the order of process categories{part}; grey without "
        "theory uncertainty.",
        draw=partial(_draw_matrix, matrix, [order.point_categories[point] for point in picked]),
        numbers={
            "first": datasets[rows.ravel()],
            "first point": picked[rows.ravel()],
            "second": datasets[across.ravel()],
            "second point": picked[across.ravel()],
            "correlation": matrix.ravel(),
        },
        raster=True,
    )


def _draw_matrix(matrix: Floats, categories: Sequence[str]) -> Figure:
    figure = new_figure(6.6, 5.6, left=1.05, bottom=0.8, right=0.5)
    axes = figure.subplots()
    axes.set_facecolor("#c9d1d9")
    image = axes.imshow(np.ma.masked_invalid(matrix), cmap="RdBu_r", vmin=-1, vmax=1, interpolation="none")
    _mark_categories(axes, categories, both=True)
    bar = figure.colorbar(image, ax=axes, pad=0.02, fraction=0.05, ticks=[-1, -0.5, 0, 0.5, 1])
    bar.outline.set_visible(False)
    return figure


def _mark_categories(axes: Axes, categories: Sequence[str], *, both: bool) -> None:
    """Draw lines between the process categories, and label those that are wide enough, on one or ``both`` axes."""
    shown = np.array(categories)
    starts = [0, *(np.flatnonzero(shown[1:] != shown[:-1]) + 1).tolist(), len(shown)]
    centres, labels = [], []
    for start, stop in pairwise(starts):
        if start > 0:
            axes.axvline(start - 0.5, color=INK, linewidth=0.6)
            if both:
                axes.axhline(start - 0.5, color=INK, linewidth=0.6)
        if stop - start >= _NARROWEST * len(shown):
            centres.append(0.5 * (start + stop - 1))
            labels.append(str(shown[start]))
    axes.set_xticks(centres, labels, rotation=40 if both else 0, ha="right" if both else "center", fontsize=9)
    if both:
        axes.set_yticks(centres, labels, fontsize=9)
    axes.tick_params(length=0)
    axes.grid(visible=False, axis="both" if both else "x")


def _log_limits(values: Floats) -> tuple[float, float]:
    """Return limits of a logarithmic axis around all positive values, over four decades at most."""
    positive = values[np.isfinite(values) & (values > 0.0)]
    if not positive.size:
        return 0.1, 10.0
    high = 2.0 * float(positive.max())
    return max(0.7 * float(positive.min()), 1e-4 * high), high
