"""PDFs at the initial scale: mean, 68 % band and replicas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from n3fit.report.pictures import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    Picture,
    label_logarithmic,
    new_figure,
    to_picture,
)
from n3fit.results.folder import FitFolder
from n3fit.theory.flavours import EXPORT_PIDS

Floats = NDArray[np.float64]
SMALLEST_SHOWN = 1e-5
_FRAMED = 1e-4
_MOST_LINES = 20
_SMALLEST_LINEAR = 1e-4
_FRAMED_LINEAR = 0.02


@dataclass(frozen=True)
class Combination:
    """A sum of flavours by PDG identifier, with its names for formulas and for text, and its colour."""

    formula: str
    name: str
    coefficients: Mapping[int, float]
    colour: str
    overview_factor: float = 1.0

    def of(self, pdf: Floats) -> Floats:
        """Take the combination of ``(R, nx, 14)``; gives ``(R, nx)``."""
        row = np.zeros(len(EXPORT_PIDS))
        for pid, coefficient in self.coefficients.items():
            row[EXPORT_PIDS.index(pid)] = coefficient
        result: Floats = pdf @ row
        return result


def _sum(*pids: int) -> Mapping[int, float]:
    return MappingProxyType(dict.fromkeys(pids, 1.0))


COMBINATIONS = (
    Combination("g", "gluon", _sum(21), VERMILION, 0.1),
    Combination("u_v", "up valence", MappingProxyType({2: 1.0, -2: -1.0}), BLUE),
    Combination("d_v", "down valence", MappingProxyType({1: 1.0, -1: -1.0}), GREEN),
    Combination(r"(\bar u + \bar d + \bar s + \bar c)", "sea", _sum(-2, -1, -3, -4), ORANGE, 0.1),
    Combination(r"\bar u", "anti-up", _sum(-2), SKY),
    Combination(r"\bar d", "anti-down", _sum(-1), MUTED),
    Combination("s^+", "strange plus anti-strange", _sum(3, -3), PURPLE),
    Combination("c^+", "charm plus anti-charm", _sum(4, -4), INK),
)
_IN_OVERVIEW = ("g", "u_v", "d_v", r"(\bar u + \bar d + \bar s + \bar c)", "s^+", "c^+")


def overview(fit: FitFolder) -> tuple[Picture, Picture]:
    """Show all flavours on a logarithmic and on a linear axis; needs a selected replica."""
    return _overview(fit, logarithmic=True), _overview(fit, logarithmic=False)


def _overview(fit: FitFolder, *, logarithmic: bool) -> Picture:
    figure = new_figure(5.4, 4.2)
    axes = figure.subplots()
    shown = _shown(fit, logarithmic=logarithmic)
    pdf = fit.pdf[fit.arrays.selected][:, shown]
    top = 0.0
    for combination in COMBINATIONS:
        if combination.formula in _IN_OVERVIEW:
            values = combination.overview_factor * combination.of(pdf)
            factor = "" if combination.overview_factor == 1 else " / 10"
            label = f"${_x(combination)}${factor}"
            top = max(top, _draw_band(axes, fit.xgrid[shown], values, combination.colour, label))
    _frame(axes, fit, logarithmic=logarithmic, limits=(-0.06 * top, 1.3 * top))
    axes.set_ylabel("$x\\,f(x, Q_0)$")
    axes.legend(loc="upper center", ncols=3, columnspacing=1.2, handlelength=1.4)
    return to_picture(
        figure,
        alt="All parton distributions against x, " + ("logarithmic axis" if logarithmic else "linear axis"),
        caption="Mean and 68 % band; gluon and sea are divided by ten." if logarithmic else "",
    )


def panels_of(fit: FitFolder, combination: Combination) -> tuple[Picture, Picture]:
    """Show one combination on a logarithmic and on a linear axis; needs a selected replica."""
    values = combination.of(fit.pdf[fit.arrays.selected])
    return _panel(fit, combination, values, logarithmic=True), _panel(fit, combination, values, logarithmic=False)


def _panel(fit: FitFolder, combination: Combination, values: Floats, *, logarithmic: bool) -> Picture:
    figure = new_figure()
    axes = figure.subplots()
    shown = _shown(fit, logarithmic=logarithmic)
    x, values = fit.xgrid[shown], values[:, shown]
    lines = axes.plot(x, values[:_MOST_LINES].T, color=combination.colour, linewidth=0.6, alpha=0.3, zorder=1)
    lines[0].set_label("replicas")
    _draw_band(axes, x, values, combination.colour, "mean and 68 % band" if len(values) > 1 else "replica")
    low, high = band(values)
    framed = (x >= _FRAMED) if logarithmic else (x >= _FRAMED_LINEAR)
    bottom, top = min(0.0, float(low[framed].min())), max(0.0, float(high[framed].max()))
    margin = 0.18 * (top - bottom) or 1.0
    _frame(axes, fit, logarithmic=logarithmic, limits=(bottom - 0.4 * margin, top + margin))
    axes.set_ylabel(f"${_x(combination)}(x, Q_0)$")
    axes.legend(loc="best")
    return to_picture(
        figure,
        alt=f"x times the {combination.name} distribution against x, "
        + ("logarithmic axis" if logarithmic else "linear axis"),
    )


def band(values: Floats) -> tuple[Floats, Floats]:
    """Give the limits that hold the central 68 % of the replicas, ``(nx,)`` each, of ``(R, nx)``."""
    low, high = np.percentile(values, [16, 84], axis=0)
    return low, high


def _draw_band(axes: Axes, x: Floats, values: Floats, colour: str, label: str) -> float:
    """Draw mean and band; give the largest value of the band in the framed range."""
    low, high = band(values)
    axes.plot(x, values.mean(axis=0), color=colour, label=label, zorder=3)
    axes.fill_between(x, low, high, color=colour, alpha=0.25, linewidth=0, zorder=2)
    return float(high[x >= _FRAMED].max())


def _shown(fit: FitFolder, *, logarithmic: bool) -> NDArray[np.bool_]:
    """Choose the nodes of the panel, and one beyond its left end."""
    smallest = SMALLEST_SHOWN if logarithmic else _SMALLEST_LINEAR
    return np.append(fit.xgrid[1:], np.inf) >= smallest


def _frame(axes: Axes, fit: FitFolder, *, logarithmic: bool, limits: tuple[float, float]) -> None:
    axes.axhline(0, color=MUTED, linewidth=0.8, zorder=0)
    if logarithmic:
        axes.set_xscale("log")
        axes.set_xlim(SMALLEST_SHOWN, 1)
        label_logarithmic(axes.xaxis, SMALLEST_SHOWN, 1)
    else:
        axes.set_xlim(0, 1)
    axes.set_ylim(*limits)
    axes.set_xlabel("$x$")
    axes.set_title(f"$Q_0$ = {fit.description.q0:g} GeV", loc="right", fontsize=9.5, fontweight="normal", color=MUTED)


def _x(combination: Combination) -> str:
    return f"x\\,{combination.formula}"
