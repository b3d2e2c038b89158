"""Data against theory, point by point, for one data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from n3fit.report.figures import PlottedFigure, file_name, with_distinct_names
from n3fit.report.pictures import INK, MUTED, label_logarithmic, new_figure
from n3fit.report.shown_fit import ShownFit
from n3fit.results.records import DatasetRecord

Floats = NDArray[np.float64]
_MANY = 120
"""Points from which a figure is held as dots: each is several marks."""


@dataclass(frozen=True, eq=False)
class SetComparison:
    """One data set and what the fits that have the same points of it predict; n points, F fits.

    Parameters
    ----------
    name : str
    fits : tuple of ShownFit
    x, q2, central, error : (n,)
        Kinematics (nan where there is none), central data and total experimental uncertainty.
    theory, spread : (F, n)
        Mean and standard deviation of the chosen replicas.
    left_out : tuple of str
        Labels of fits that have other points of the set.
    """

    name: str
    fits: tuple[ShownFit, ...]
    x: Floats
    q2: Floats
    central: Floats
    error: Floats
    theory: Floats
    spread: Floats
    left_out: tuple[str, ...]


def data_figures(fits: Sequence[ShownFit]) -> list[PlottedFigure]:
    """Give a figure for each data set that a fit with a chosen replica has, in the order of the first fits."""
    fits = [shown for shown in fits if shown.fit.chosen.any()]
    names = dict.fromkeys(dataset.name for shown in fits for dataset in shown.fit.description.datasets)
    figures = (_data_figure(compare_set(name, fits)) for name in names)
    return with_distinct_names([figure for figure in figures if figure is not None])


def compare_set(name: str, fits: Sequence[ShownFit]) -> SetComparison:
    """Collect what the fits say about a data set; at least one must have it."""
    owners = [(shown, place) for shown in fits if (place := _place(shown, name)) is not None]
    first, points = owners[0]
    table = first.fit.points
    same = [(shown, place) for shown, place in owners if _same_points(first, points, shown, place)]
    chosen = [shown.fit.results.predictions[shown.fit.chosen][:, place] for shown, place in same]
    return SetComparison(
        name=name,
        fits=tuple(shown for shown, _ in same),
        x=table.x[points],
        q2=table.q2[points],
        central=table.central[points],
        error=table.experimental_error[points],
        theory=np.array([predictions.mean(axis=0) for predictions in chosen]),
        spread=np.array([predictions.std(axis=0, ddof=min(1, len(predictions) - 1)) for predictions in chosen]),
        left_out=tuple(shown.label for shown, _ in owners if shown not in [entry for entry, _ in same]),
    )


def _place(shown: ShownFit, name: str) -> slice | None:
    found: DatasetRecord | None = next((one for one in shown.fit.description.datasets if one.name == name), None)
    return None if found is None else slice(found.start, found.stop)


def _same_points(first: ShownFit, points: slice, other: ShownFit, place: slice) -> bool:
    ours, theirs = first.fit.points, other.fit.points
    if points.stop - points.start != place.stop - place.start:
        return False
    pairs = ((ours.x, theirs.x), (ours.q2, theirs.q2), (ours.central, theirs.central))
    return all(np.array_equal(a[points], b[place], equal_nan=True) for a, b in pairs)


def _data_figure(data: SetComparison) -> PlottedFigure | None:
    """Draw ratios to the prediction of the first fit; None when nothing is finite."""
    reference = data.theory[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, error = data.central / reference, np.abs(data.error / reference)
        theory, spread = data.theory / reference, np.abs(data.spread / reference)
    known = np.isfinite(ratio) & np.isfinite(error)
    if not known.any():
        return None
    x, q2 = data.x[known], data.q2[known]
    has_x = bool((np.isfinite(x) & (x > 0)).all())
    has_q2 = bool((np.isfinite(q2) & (q2 > 0)).all())
    positions = spread_by_q2(x, q2) if has_x else np.arange(1.0, x.size + 1)
    alone = len(data.fits) == 1
    figure = new_figure(5.4, 3.4, right=0.05 if alone and has_q2 else 0.2, top=0.12 if alone else 0.42)
    axes = figure.subplots()
    for shown, mean, width in zip(data.fits, theory, spread, strict=True):
        _draw_theory(axes, positions, mean[known], width[known], shown, alone=alone)
    axes.errorbar(positions, ratio[known], yerr=error[known], fmt="none", ecolor=MUTED, elinewidth=0.7, alpha=0.6,
                  zorder=1)  # fmt: skip
    _draw_data(figure, axes, positions, ratio[known], q2 if alone and has_q2 else None)
    if has_x:
        axes.set_xscale("log")
        label_logarithmic(axes.xaxis, float(positions.min()), float(positions.max()))
    axes.axhline(1, color=INK, linewidth=0.8, zorder=0)
    axes.set_ylim(*_frame(ratio[known], error[known]))
    axes.set_xlabel("$x$" if has_x else "point")
    axes.set_ylabel("data / theory" if alone else "ratio to the first fit")
    if not alone:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, columnspacing=1.2, handletextpad=0.4)
    return PlottedFigure(
        name=f"data_{file_name(data.name)}",
        title=f"{data.name}, {known.sum()} points",
        caption=_caption(data),
        figure=figure,
        numbers=_numbers(data),
        raster=int(known.sum()) * (1 + len(data.fits)) > _MANY,
    )


def _draw_theory(axes: Axes, x: Floats, mean: Floats, spread: Floats, shown: ShownFit, *, alone: bool) -> None:
    colour = INK if alone else shown.colour
    axes.errorbar(x, mean, yerr=spread, fmt="none" if alone else shown.marker, markersize=2.2, color=colour,
                  ecolor=colour, elinewidth=1.8, alpha=0.3 if alone else 0.55, label=shown.label, zorder=2)  # fmt: skip


def _draw_data(figure: Figure, axes: Axes, x: Floats, ratio: Floats, q2: Floats | None) -> None:
    """Draw the data, with a colour for the scale if ``q2`` (GeV2) is given."""
    if q2 is None:
        axes.scatter(x, ratio, s=9, color=INK, linewidths=0, zorder=3, label="data")
        return
    low, high = _limits(q2)
    dots = axes.scatter(x, ratio, s=11, linewidths=0.25, edgecolors=INK, zorder=3, c=q2, norm=LogNorm(low, high),
                        cmap="viridis")  # fmt: skip
    bar = figure.colorbar(dots, ax=axes, label="$Q^2$ [GeV$^2$]", pad=0.01)
    label_logarithmic(bar.ax.yaxis, low, high)


def _caption(data: SetComparison) -> str:
    if not data.left_out:
        return ""
    have = "has" if len(data.left_out) == 1 else "have"
    return f"Not shown: {', '.join(data.left_out)}, which {have} other points of this set."


def _numbers(data: SetComparison) -> dict[str, NDArray[np.generic]]:
    """Give one line for each point and fit, in the units of the data; Q2 in GeV2."""
    F, n = data.theory.shape
    return {
        "fit": np.repeat([shown.label for shown in data.fits], n),
        "point": np.tile(np.arange(n), F),
        "x": np.tile(data.x, F),
        "q2": np.tile(data.q2, F),
        "data": np.tile(data.central, F),
        "data_error": np.tile(data.error, F),
        "theory": data.theory.ravel(),
        "theory_error": data.spread.ravel(),
    }


def spread_by_q2(x: Floats, q2: Floats) -> Floats:
    """Move points that share an x a little apart, in the order of their Q2; (n,) positions near ``x``.

    A group takes at most 60 % of the way to its neighbours on a logarithmic axis.
    """
    nodes, group = np.unique(x, return_inverse=True)
    gaps = np.diff(np.log(nodes))
    room = np.minimum(np.append(gaps, np.inf), np.insert(gaps, 0, np.inf))
    room = np.minimum(0.6 * room, 0.3)
    shifts = np.zeros_like(x)
    for number in range(nodes.size):
        members = np.flatnonzero(group == number)
        order = members[np.argsort(q2[members], kind="stable")]
        shifts[order] = np.linspace(-0.5, 0.5, order.size) if order.size > 1 else 0.0
    result: Floats = x * np.exp(shifts * room[group])
    return result


def _limits(values: Floats) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return (low, high) if low < high else (0.9 * low, 1.1 * high)


def _frame(ratio: Floats, error: Floats) -> tuple[float, float]:
    """Frame most points, not the few with enormous errors."""
    low, high = np.percentile(ratio - error, 3), np.percentile(ratio + error, 97)
    margin = 0.12 * max(high - low, 0.02)
    return min(float(low), 0.98) - margin, max(float(high), 1.02) + margin
