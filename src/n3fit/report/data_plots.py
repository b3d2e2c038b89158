"""Data over theory, point by point, for one data set."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import LogNorm
from numpy.typing import NDArray

from n3fit.report.pictures import INK, MUTED, Picture, label_logarithmic, new_figure, to_picture
from n3fit.results.folder import FitFolder
from n3fit.results.records import DatasetRecord

Floats = NDArray[np.float64]


def data_over_theory(fit: FitFolder, dataset: DatasetRecord) -> Picture | None:
    """Show the ratio with its uncertainty against x, coloured by Q2; None when nothing is finite."""
    arrays, place = fit.arrays, slice(dataset.start, dataset.stop)
    theory = arrays.mean_prediction[place]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = arrays.central[place] / theory
        error = np.abs(arrays.experimental_error[place] / theory)
        spread = np.abs(arrays.predictions[arrays.selected][:, place].std(axis=0) / theory) if theory.size else theory
    known = np.isfinite(ratio) & np.isfinite(error)
    if not known.any():
        return None
    x, q2 = arrays.x[place][known], arrays.q2[place][known]
    has_x = bool((np.isfinite(x) & (x > 0)).all())
    has_q2 = bool((np.isfinite(q2) & (q2 > 0)).all())
    positions = spread_by_q2(x, q2) if has_x else np.arange(1.0, x.size + 1)
    figure = new_figure(5.4, 3.4, right=0.05, top=0.12)
    axes = figure.subplots()
    axes.errorbar(positions, np.ones(x.size), yerr=spread[known], fmt="none", ecolor=INK, elinewidth=1.8, alpha=0.3,
                  label="theory ± 1σ", zorder=2)  # fmt: skip
    axes.errorbar(
        positions, ratio[known], yerr=error[known], fmt="none", ecolor=MUTED, elinewidth=0.7, alpha=0.6, zorder=1
    )
    colours = {"c": q2, "norm": LogNorm(*_limits(q2)), "cmap": "viridis"} if has_q2 else {"color": MUTED}
    dots = axes.scatter(
        positions, ratio[known], s=11, linewidths=0.25, edgecolors=INK, zorder=3, label="data ± 1σ", **colours
    )
    if has_q2:
        bar = figure.colorbar(dots, ax=axes, label="$Q^2$ [GeV$^2$]", pad=0.01)
        label_logarithmic(bar.ax.yaxis, *_limits(q2))
    if has_x:
        axes.set_xscale("log")
        label_logarithmic(axes.xaxis, float(positions.min()), float(positions.max()))
    axes.axhline(1, color=INK, linewidth=0.8, zorder=0)
    axes.set_ylim(*_frame(ratio[known], error[known]))
    axes.set_xlabel("$x$" if has_x else "point")
    axes.set_ylabel("data / theory")
    return to_picture(
        figure,
        kind="png",
        alt=f"Data over theory for {dataset.name}",
        title=f"{dataset.name}, {known.sum()} points",
    )


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
