"""One data set compared with several predictions, point by point: the numbers, and their figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from n3fit.report.axes import label_logarithmic
from n3fit.report.plotted_figure import PlottedFigure, file_name
from n3fit.report.source import Source
from n3fit.report.style import INK, MUTED, new_figure
from n3fit.typing import Floats

_MANY = 120
"""Points from which a figure is a raster image: each point is drawn as several marks."""

_LEGEND_COLUMNS = 3
_LEGEND_ROW = 0.24
"""Height of a row of the legend in inches."""


@dataclass(frozen=True, eq=False)
class DatasetComparison:
    """One data set and the predictions of the F sources that have the same n points of it.

    Parameters
    ----------
    name : str
    sources : sequence of F sources
    x, q2, central, error : (n,)
        Kinematics (nan where undefined; Q2 in GeV2), central data and total experimental uncertainty.
    theory, spread : (F, n)
        Predictions and their uncertainties: for fits mean and standard deviation of the chosen replicas.
    left_out : tuple of str
        Labels of sources that have other points of the set.
    kind : str
        What the sources are.
    """

    name: str
    sources: Sequence[Source]
    x: Floats
    q2: Floats
    central: Floats
    error: Floats
    theory: Floats
    spread: Floats
    left_out: tuple[str, ...] = ()
    kind: Literal["fit", "set"] = "fit"


def comparison_figure(data: DatasetComparison) -> PlottedFigure | None:
    """Return the figure of the ratios to the prediction of the first source, None when nothing is finite."""
    reference = data.theory[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, error = data.central / reference, np.abs(data.error / reference)
        theory, spread = data.theory / reference, np.abs(data.spread / reference)
    known = np.isfinite(ratio) & np.isfinite(error)
    if not known.any():
        return None
    return PlottedFigure(
        name=f"data_{file_name(data.name)}",
        title=f"{data.name}, {known.sum()} points",
        caption=_caption(data),
        draw=partial(_draw, data, known, ratio[known], error[known], theory[:, known], spread[:, known]),
        numbers=_numbers(data),
        raster=int(known.sum()) * (1 + len(data.sources)) > _MANY,
    )


def _draw(
    data: DatasetComparison, known: NDArray[np.bool_], ratio: Floats, error: Floats, theory: Floats, spread: Floats
) -> Figure:
    """Draw the known points: ratios of data and their uncertainty (k,), ratios of theory and their spread (F, k)."""
    x, q2 = data.x[known], data.q2[known]
    has_x, has_q2 = _is_positive(x), _is_positive(q2)
    positions = spread_by_q2(x, q2) if has_x else np.arange(1.0, x.size + 1)
    alone = len(data.sources) == 1
    rows = 0 if alone else math.ceil((1 + len(data.sources)) / _LEGEND_COLUMNS)
    top = 0.12 + _LEGEND_ROW * rows
    figure = new_figure(5.4, 3.28 + top, right=0.05 if alone and has_q2 else 0.2, top=top)
    axes = figure.subplots()
    shown = [positions] if alone else beside(positions, len(data.sources), logarithmic=has_x)
    for source, place, mean, width in zip(data.sources, shown, theory, spread, strict=True):
        _draw_theory(axes, place, mean, width, source, alone=alone)
    axes.errorbar(positions, ratio, yerr=error, fmt="none", ecolor=MUTED, elinewidth=0.7, alpha=0.6, zorder=1)
    _draw_data(figure, axes, positions, ratio, q2 if alone and has_q2 else None)
    if has_x:
        axes.set_xscale("log")
        label_logarithmic(axes.xaxis, float(positions.min()), float(positions.max()))
    axes.axhline(1, color=INK, linewidth=0.8, zorder=0)
    axes.set_ylim(*_range(ratio, error, theory))
    axes.set_xlabel("$x$" if has_x else "point")
    axes.set_ylabel("data / theory" if alone else f"ratio to the first {data.kind}")
    if not alone:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=_LEGEND_COLUMNS, columnspacing=1.2,
                    handletextpad=0.4)  # fmt: skip
    return figure


def _draw_theory(axes: Axes, x: Floats, mean: Floats, spread: Floats, source: Source, *, alone: bool) -> None:
    colour = INK if alone else source.colour
    shape = "none" if alone else source.marker
    axes.errorbar(x, mean, yerr=spread, fmt=shape, markersize=3.0, color=colour, ecolor=colour, elinewidth=1.8,
                  alpha=0.3 if alone else 0.55, label=source.label, zorder=2)  # fmt: skip


def _draw_data(figure: Figure, axes: Axes, x: Floats, ratio: Floats, q2: Floats | None) -> None:
    """Draw the data, with a colour for the scale if ``q2`` (GeV2) is not None."""
    if q2 is None:
        axes.scatter(x, ratio, s=9, color=INK, linewidths=0, zorder=3, label="data")
        return
    low, high = _limits(q2)
    dots = axes.scatter(x, ratio, s=11, linewidths=0.25, edgecolors=INK, zorder=3, c=q2, norm=LogNorm(low, high),
                        cmap="viridis")  # fmt: skip
    bar = figure.colorbar(dots, ax=axes, label="$Q^2$ [GeV$^2$]", pad=0.01)
    label_logarithmic(bar.ax.yaxis, low, high)


def _caption(data: DatasetComparison) -> str:
    if not data.left_out:
        return ""
    have = "has" if len(data.left_out) == 1 else "have"
    return f"Not shown: {', '.join(data.left_out)}, which {have} other points of this set."


def _numbers(data: DatasetComparison) -> dict[str, NDArray[np.generic]]:
    """Return one row for each point and source, in the units of the data; Q2 in GeV2."""
    F, n = data.theory.shape
    return {
        data.kind: np.repeat([source.label for source in data.sources], n),
        "point": np.tile(np.arange(n), F),
        "x": np.tile(data.x, F),
        "q2": np.tile(data.q2, F),
        "data": np.tile(data.central, F),
        "data_error": np.tile(data.error, F),
        "theory": data.theory.ravel(),
        "theory_error": data.spread.ravel(),
    }


def spread_by_q2(x: Floats, q2: Floats) -> Floats:
    """Return positions (n,) close to ``x``, at which points of the same x are apart, in the order of their Q2.

    A group of points extends over at most 60 % of the distance to its neighbours on a logarithmic axis.
    """
    nodes, group = np.unique(x, return_inverse=True)
    gaps = np.diff(np.log(nodes))
    width = np.minimum(np.append(gaps, np.inf), np.insert(gaps, 0, np.inf))
    width = np.minimum(0.6 * width, 0.3)
    shifts = np.zeros_like(x)
    for number in range(nodes.size):
        members = np.flatnonzero(group == number)
        order = members[np.argsort(q2[members], kind="stable")]
        shifts[order] = np.linspace(-0.5, 0.5, order.size) if order.size > 1 else 0.0
    result: Floats = x * np.exp(shifts * width[group])
    return result


def beside(positions: Floats, sources: int, *, logarithmic: bool) -> list[Floats]:
    """Return positions (n,) for each of several sources, at both sides of those of the data and close to them.

    All of them lie within 60 % of a small distance between two points: the 20th percentile.
    """
    coordinates = np.log(positions) if logarithmic else positions
    gaps = np.diff(np.unique(coordinates))
    step = 0.6 * float(np.percentile(gaps, 20)) / (sources + 1) if gaps.size else 0.05
    shifts = [step * (1 + number // 2) * (-1 if number % 2 == 0 else 1) for number in range(sources)]
    return [np.exp(coordinates + shift) if logarithmic else coordinates + shift for shift in shifts]


def _is_positive(values: Floats) -> bool:
    return bool((np.isfinite(values) & (values > 0)).all())


def _limits(values: Floats) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return (low, high) if low < high else (0.9 * low, 1.1 * high)


def _range(ratio: Floats, error: Floats, theory: Floats) -> tuple[float, float]:
    """Return the range of the vertical axis, without the few points of very large uncertainty or deviation."""
    low = min(np.percentile(ratio - error, 3), np.percentile(theory, 3))
    high = max(np.percentile(ratio + error, 97), np.percentile(theory, 97))
    margin = 0.12 * max(high - low, 0.02)
    return min(float(low), 0.98) - margin, max(float(high), 1.02) + margin
