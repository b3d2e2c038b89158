"""Diagnostics of the replicas: preprocessing exponents, arc lengths and integrability by flavour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from n3fit.defaults import INTEGRABILITY_LIMIT
from n3fit.ensembles.arc_length import ARC_LENGTH_FLAVOURS
from n3fit.ensembles.integrability import INTEGRABILITY_FLAVOURS
from n3fit.report.labelled_fit import DrawnFit, LabelledFit
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.style import PALE, VERMILION, new_figure
from n3fit.typing import Floats

_ARC_LENGTHS = tuple({"Sigma": "Σ"}.get(name, name) for name in ARC_LENGTH_FLAVOURS)
_COLUMN = 0.72  # of the distance between two flavours, for the replicas of all fits side by side


@dataclass(frozen=True)
class Diagnostic:
    """A quantity by replica and flavour, and its figure.

    Parameters
    ----------
    name, title, caption : str
        See :class:`n3fit.report.plotted_figure.PlottedFigure`.
    label : str
        Label of the vertical axis.
    values : callable
        Returns the numbers (R,) of a fit by flavour.
    ranges : callable
        Returns the ranges of a fit by flavour, drawn as boxes; none by default.
    limits : tuple of float, optional
        Drawn as lines; a tuple without any still makes the axis start at zero.
    """

    name: str
    title: str
    caption: str
    label: str
    values: Callable[[LabelledFit], Mapping[str, Floats]]
    ranges: Callable[[LabelledFit], Mapping[str, tuple[float, float]]] = lambda _: {}
    limits: tuple[float, ...] | None = None


def diagnostic_figures(fits: Sequence[LabelledFit]) -> list[PlottedFigure]:
    """Return the figures of all quantities that have finite numbers."""
    diagnostics = (
        _exponents("alpha", "α", "smallx"),
        _exponents("beta", "β", "largex"),
        _arc_lengths(),
        _integrability(fits),
    )
    return [figure for diagnostic in diagnostics if (figure := _figure(fits, diagnostic)) is not None]


def _exponents(name: str, symbol: str, range_name: str) -> Diagnostic:
    """Return the diagnostic of the exponents ``alpha`` or ``beta``, with their ranges as boxes."""
    values_of = attrgetter(f"folder.results.{name}")
    range_of: Callable[[object], tuple[float, float] | None] = attrgetter(range_name)

    def ranges(fit: LabelledFit) -> dict[str, tuple[float, float]]:
        entries = fit.folder.description.preprocessing
        return {entry.flavour: bounds for entry in entries if (bounds := range_of(entry)) is not None}

    return Diagnostic(
        name=f"exponents_{name}",
        title=f"Preprocessing exponents {symbol}",
        caption=f"Exponents {symbol} of the preprocessing x^(1−α) (1−x)^β by fitted flavour and replica; boxes are the "
        "ranges of the runcard.",
        label=f"exponent {symbol}",
        values=lambda fit: dict(zip(fit.folder.description.flavours, values_of(fit).T, strict=True)),
        ranges=ranges,
    )


def _arc_lengths() -> Diagnostic:
    return Diagnostic(
        name="arc_lengths",
        title="Arc lengths",
        caption="Length of the curve x f(x, Q₀) over x from 10⁻⁷ to 1; outliers are replicas that wiggle.",
        label="arc length",
        values=lambda fit: dict(zip(_ARC_LENGTHS, fit.folder.results.arc_lengths.T, strict=True)),
    )


def _integrability(fits: Sequence[LabelledFit]) -> Diagnostic:
    """Return the diagnostic of integrability (arXiv:2109.02653, section 3.1.4), with the limits of the fits."""
    limits = sorted({limit for fit in fits if (limit := _integrability_limit(fit)) is not None})
    above = f"; above {' or '.join(f'{limit:g}' for limit in limits)} a replica is not integrable" if limits else ""
    return Diagnostic(
        name="integrability",
        title="Integrability",
        caption=f"Sum of |x f(x, Q₀)| at x = 10⁻⁹, 10⁻⁸ and 10⁻⁷{above}.",
        label="integrability",
        values=lambda fit: dict(zip(INTEGRABILITY_FLAVOURS, fit.folder.results.integrability.T, strict=True)),
        limits=tuple(limits),
    )


def _integrability_limit(fit: LabelledFit) -> float | None:
    """Return the limit that postfit applied, None without one; before postfit, its default."""
    postfit = fit.folder.postfit
    return INTEGRABILITY_LIMIT if postfit is None else postfit.integrability


def _figure(fits: Sequence[LabelledFit], diagnostic: Diagnostic) -> PlottedFigure | None:
    """Return the figure of a quantity: a column of dots for each flavour; None when no number is finite."""
    by_fit = [diagnostic.values(fit) for fit in fits]
    if not any(np.isfinite(column).any() for columns in by_fit for column in columns.values()):
        return None
    flavours = list(dict.fromkeys(name for columns in by_fit for name in columns))
    ranges = [diagnostic.ranges(fit) for fit in fits]
    return PlottedFigure(
        name=diagnostic.name,
        title=diagnostic.title,
        caption=diagnostic.caption,
        draw=partial(_draw, [fit.drawn for fit in fits], by_fit, flavours, ranges, diagnostic.limits, diagnostic.label),
        numbers=_numbers(fits, by_fit),
    )


def _draw(
    fits: Sequence[DrawnFit],
    by_fit: Sequence[Mapping[str, Floats]],
    flavours: list[str],
    ranges: Sequence[Mapping[str, tuple[float, float]]],
    limits: tuple[float, ...] | None,
    label: str,
) -> Figure:
    """Draw a column for each flavour, with numbers (R,) and a range for each fit and flavour."""
    figure = new_figure(5.4, 3.3, bottom=0.35, top=0.15)
    axes = figure.subplots()
    for fit, columns, lane in zip(fits, by_fit, _lanes(len(fits)), strict=True):
        _draw_replicas(axes, fit, columns, flavours, lane)
    axes.set_xticks(range(len(flavours)), flavours)
    axes.set_xlim(-0.6, len(flavours) - 0.4)
    axes.grid(visible=False, axis="x")
    if len(fits) > 1:
        axes.legend()
    if any(ranges):
        _draw_ranges(axes, ranges, flavours)
    if limits is not None:
        _draw_limits(axes, limits)
    axes.set_ylabel(label)
    return figure


def _draw_ranges(axes: Axes, ranges: Sequence[Mapping[str, tuple[float, float]]], flavours: list[str]) -> None:
    for of_fit, (offset, width) in zip(ranges, _lanes(len(ranges)), strict=True):
        for flavour, (low, high) in of_fit.items():
            left = flavours.index(flavour) + offset - width / 2
            axes.add_patch(Rectangle((left, low), width, high - low, facecolor=PALE, zorder=0))
    axes.autoscale_view()


def _draw_limits(axes: Axes, limits: tuple[float, ...]) -> None:
    for limit in limits:
        axes.axhline(limit, color=VERMILION, linewidth=1, linestyle="--")
        axes.text(0.99, limit, "limit", color=VERMILION, ha="right", va="bottom", fontsize=9,
                  transform=axes.get_yaxis_transform())  # fmt: skip
    axes.set_ylim(bottom=0, top=max(axes.get_ylim()[1], 1.15 * max(limits, default=0.0)))


def _draw_replicas(
    axes: Axes, fit: DrawnFit, columns: Mapping[str, Floats], flavours: list[str], lane: tuple[float, float]
) -> None:
    """Draw the replicas of a fit side by side for each flavour, within the lane of the fit.

    Vetoed replicas are hollow, and red when the fit is the only one.
    """
    offset, width = lane
    R, passing = fit.passing.size, fit.passing
    within = offset + (np.linspace(-0.4, 0.4, R) * width if R > 1 else np.zeros(1))
    positions = np.array([flavours.index(name) for name in columns])[:, None] + within
    values = np.array(list(columns.values()))
    axes.scatter(positions[:, passing], values[:, passing], s=12, color=fit.colour, marker=fit.marker, alpha=0.75,
                 linewidths=0, label=None if fit.alone else fit.label, zorder=2)  # fmt: skip
    axes.scatter(positions[:, ~passing], values[:, ~passing], s=13, facecolors="none", marker=fit.marker,
                 edgecolors=VERMILION if fit.alone else fit.colour, linewidths=0.9, zorder=2)  # fmt: skip


def _lanes(fits: int) -> list[tuple[float, float]]:
    """Return offset and width of the part of a column that belongs to each fit."""
    width = _COLUMN / fits
    return [((index - (fits - 1) / 2) * width, 0.92 * width) for index in range(fits)]


def _numbers(fits: Sequence[LabelledFit], by_fit: Sequence[Mapping[str, Floats]]) -> dict[str, NDArray[np.generic]]:
    """Return one row for each fit, replica and flavour."""
    parts = []
    for fit, columns in zip(fits, by_fit, strict=True):
        R = fit.folder.replicas.size
        parts.append(
            {
                "fit": np.full(R * len(columns), fit.label),
                "replica": np.repeat(fit.folder.replicas, len(columns)),
                "passing": np.repeat(fit.folder.passing, len(columns)),
                "flavour": np.tile(list(columns), R),
                "value": np.array(list(columns.values())).T.ravel(),
            }
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
