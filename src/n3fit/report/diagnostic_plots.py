"""Health of the replicas: exponents, arc lengths, integrability and positivity."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from n3fit.ensembles.arc_length import ARC_LENGTH_FLAVOURS
from n3fit.ensembles.integrability import INTEGRABILITY_FLAVOURS
from n3fit.report.figures import PlottedFigure
from n3fit.report.pictures import INK, PALE, VERMILION, label_logarithmic, new_figure
from n3fit.report.shown_fit import ShownFit
from n3fit.results.vetoes import Thresholds
from n3fit.theory.exponents import ExponentRange

Floats = NDArray[np.float64]
ARC_LENGTHS = tuple({"Sigma": "Σ"}.get(name, name) for name in ARC_LENGTH_FLAVOURS)
INTEGRABLE = Thresholds().integrability
"""Replicas above are not integrable (arXiv:2109.02653, section 3.1.4)."""
_SATISFIED = "#e1f0e8"
_TINY = 1e-300  # a logarithmic scale cannot show losses of zero and below, which are the good ones
_COLUMN = 0.72  # of the distance between two flavours, for the replicas of all fits side by side

Values = Callable[[ShownFit], Mapping[str, Floats]]
"""What a figure shows of a fit: numbers (R,) by the name of the column."""


def diagnostic_figures(fits: Sequence[ShownFit]) -> list[PlottedFigure]:
    """Give the figures that there is something to show for."""
    figures = [_exponents(fits, "alpha"), _exponents(fits, "beta"), _arc_lengths(fits), _integrability(fits)]
    figures += [_positivity(shown) for shown in fits]
    return [figure for figure in figures if figure is not None]


def _exponents(fits: Sequence[ShownFit], name: str) -> PlottedFigure | None:
    symbol, key = {"alpha": ("α", "smallx"), "beta": ("β", "largex")}[name]

    def values(shown: ShownFit) -> dict[str, Floats]:
        columns: Floats = getattr(shown.fit.results, name)
        return dict(zip(shown.fit.description.flavours, columns.T, strict=True))

    def limits(entry: ExponentRange) -> tuple[float, float] | None:
        found: tuple[float, float] | None = getattr(entry, key)
        return found

    drawn = _strips(fits, values)
    if drawn is None:
        return None
    figure, axes, flavours = drawn
    for shown, (offset, width) in zip(fits, _lanes(len(fits)), strict=True):
        for entry in shown.fit.description.preprocessing:
            bounds = limits(entry)
            if bounds is not None:
                left = flavours.index(entry.flavour) + offset - width / 2
                axes.add_patch(Rectangle((left, bounds[0]), width, bounds[1] - bounds[0], facecolor=PALE, zorder=0))
    axes.autoscale_view()
    axes.set_ylabel(f"exponent {symbol}")
    return PlottedFigure(
        name=f"exponents_{name}",
        title=f"Preprocessing exponents {symbol}",
        caption=f"Exponents {symbol} of the preprocessing x^(1−α) (1−x)^β by fitted flavour and replica; boxes are the "
        "ranges of the runcard.",
        figure=figure,
        numbers=_long_form(fits, values),
    )


def _arc_lengths(fits: Sequence[ShownFit]) -> PlottedFigure | None:
    def values(shown: ShownFit) -> dict[str, Floats]:
        return dict(zip(ARC_LENGTHS, shown.fit.results.arc_lengths.T, strict=True))

    drawn = _strips(fits, values)
    if drawn is None:
        return None
    figure, axes, _ = drawn
    axes.set_ylabel("arc length")
    return PlottedFigure(
        name="arc_lengths",
        title="Arc lengths",
        caption="Length of the curve x f(x, Q₀) over x from 10⁻⁷ to 1; outliers are replicas that wiggle.",
        figure=figure,
        numbers=_long_form(fits, values),
    )


def _integrability(fits: Sequence[ShownFit]) -> PlottedFigure | None:
    def values(shown: ShownFit) -> dict[str, Floats]:
        return dict(zip(INTEGRABILITY_FLAVOURS, shown.fit.results.integrability.T, strict=True))

    drawn = _strips(fits, values)
    if drawn is None:
        return None
    figure, axes, _ = drawn
    axes.axhline(INTEGRABLE, color=VERMILION, linewidth=1, linestyle="--")
    axes.text(0.99, INTEGRABLE, "limit", color=VERMILION, ha="right", va="bottom", fontsize=9,
              transform=axes.get_yaxis_transform())  # fmt: skip
    axes.set_ylim(bottom=0, top=max(axes.get_ylim()[1], 1.15 * INTEGRABLE))
    axes.set_ylabel("integrability")
    return PlottedFigure(
        name="integrability",
        title="Integrability",
        caption="Sum of |x f(x, Q₀)| at x = 10⁻⁹, 10⁻⁸ and 10⁻⁷; above 0.5 a replica is not integrable.",
        figure=figure,
        numbers=_long_form(fits, values),
    )


def _strips(fits: Sequence[ShownFit], values: Values) -> tuple[Figure, Axes, list[str]] | None:
    """Draw a column of dots for each name, fit by fit and replica by replica side by side; None without any number.

    Replicas that do not pass are hollow, and red when the fit is the only one.
    """
    names = list(dict.fromkeys(name for shown in fits for name in values(shown)))
    finite = [np.isfinite(column).any() for shown in fits for column in values(shown).values()]
    if not any(finite):
        return None
    figure = new_figure(5.4, 3.3, bottom=0.35, top=0.15)
    axes = figure.subplots()
    for shown, (offset, width) in zip(fits, _lanes(len(fits)), strict=True):
        R, passing = shown.fit.replicas.size, shown.fit.passing
        within = offset + (np.linspace(-0.4, 0.4, R) * width if R > 1 else np.zeros(1))
        columns = values(shown)
        places = np.array([names.index(name) for name in columns])[:, None] + within
        stacked = np.array(list(columns.values()))
        vetoed = VERMILION if shown.alone else shown.colour
        label = None if shown.alone else shown.label
        axes.scatter(places[:, passing], stacked[:, passing], s=12, color=shown.colour, marker=shown.marker,
                     alpha=0.75, linewidths=0, label=label, zorder=2)  # fmt: skip
        axes.scatter(places[:, ~passing], stacked[:, ~passing], s=13, facecolors="none", edgecolors=vetoed,
                     marker=shown.marker, linewidths=0.9, zorder=2)  # fmt: skip
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.grid(visible=False, axis="x")
    if len(fits) > 1:
        axes.legend()
    return figure, axes, names


def _lanes(fits: int) -> list[tuple[float, float]]:
    """Give centre and width of the part of a column that each fit takes."""
    width = _COLUMN / fits
    return [((place - (fits - 1) / 2) * width, 0.92 * width) for place in range(fits)]


def _long_form(fits: Sequence[ShownFit], values: Values) -> dict[str, NDArray[np.generic]]:
    """Give one line for each fit, replica and name."""
    parts = []
    for shown in fits:
        columns = values(shown)
        R = shown.fit.replicas.size
        parts.append(
            {
                "fit": np.full(R * len(columns), shown.label),
                "replica": np.repeat(shown.fit.replicas, len(columns)),
                "passing": np.repeat(shown.fit.passing, len(columns)),
                "flavour": np.tile(list(columns), R),
                "value": np.array(list(columns.values())).T.ravel(),
            }
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _positivity(shown: ShownFit) -> PlottedFigure | None:
    losses, names = shown.fit.results.positivity_losses, shown.fit.description.positivity_sets
    if losses.size == 0 or not np.isfinite(losses).any():
        return None
    R, P = losses.shape
    threshold = shown.fit.description.positivity_threshold
    figure = new_figure(11.2, min(9.0, 1.2 + 0.26 * P), left=0.3 + 0.078 * max(map(len, names)), top=0.1)
    axes = figure.subplots()
    image = axes.imshow(np.ma.masked_invalid(np.maximum(losses, _TINY)).T, norm=_loss_scale(threshold),
                        cmap=mpl.colormaps["YlOrRd"].with_extremes(under=_SATISFIED, bad=INK), aspect="auto",
                        interpolation="none")  # fmt: skip
    axes.set_yticks(range(P), names, fontsize=9)
    marks = range(0, R, max(1, R // 25))
    axes.set_xticks(marks, [str(shown.fit.replicas[place]) for place in marks])
    for label, place in zip(axes.get_xticklabels(), marks, strict=True):
        label.set_color(INK if shown.fit.passing[place] else VERMILION)
    axes.set_xlabel("replica (red: vetoed)")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    bar = figure.colorbar(image, ax=axes, label="loss", pad=0.01, extend="min")
    label_logarithmic(bar.ax.yaxis, *_loss_limits(threshold))
    return PlottedFigure(
        name=f"positivity{shown.suffix}",
        title=f"Positivity{shown.heading}",
        caption=f"Positivity losses at the best epoch, without multipliers; green up to {threshold:g}, the threshold "
        "of the runcard; black where not finite.",
        figure=figure,
        numbers={
            "replica": np.repeat(shown.fit.replicas, P),
            "passing": np.repeat(shown.fit.passing, P),
            "set": np.tile(names, R),
            "loss": losses.ravel(),
        },
        wide=True,
        raster=losses.size > 4000,
    )


def _loss_limits(threshold: float) -> tuple[float, float]:
    """Give the range of losses with colours: from the threshold, or what counts as zero, up to 1 or two decades."""
    low = max(threshold, 1e-12)
    return low, max(1.0, 100 * low)


def _loss_scale(threshold: float) -> LogNorm:
    low, high = _loss_limits(threshold)
    return LogNorm(low, high)
