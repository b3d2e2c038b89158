"""Health of the replicas: exponents, arc lengths, integrability and positivity."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from n3fit.report.pictures import BLUE, INK, PALE, VERMILION, Picture, label_logarithmic, new_figure, to_picture
from n3fit.results.folder import FitFolder

Floats = NDArray[np.float64]
ARC_LENGTHS = ("Σ", "g", "V", "V3", "V8")
INTEGRABILITY = ("V", "V3", "V8", "T3", "T8")
INTEGRABLE = 0.5
"""Replicas above are not integrable (arXiv:2109.02653)."""
USUAL_THRESHOLD = 1e-6
"""Default of the runcard's ``parameters.positivity.threshold``."""
_SATISFIED = "#e1f0e8"
_TINY = 1e-300  # a logarithmic scale cannot show losses of zero and below, which are the good ones


def diagnostic_pictures(fit: FitFolder) -> list[Picture]:
    """Give the pictures that there is something to show for."""
    makers = (_alpha, _beta, _arc_lengths, _integrability, _positivity)
    return [picture for picture in (maker(fit) for maker in makers) if picture is not None]


def _alpha(fit: FitFolder) -> Picture | None:
    return _exponents(fit, fit.arrays.alpha, [entry.smallx for entry in fit.description.preprocessing], "α")


def _beta(fit: FitFolder) -> Picture | None:
    return _exponents(fit, fit.arrays.beta, [entry.largex for entry in fit.description.preprocessing], "β")


def _exponents(
    fit: FitFolder, values: Floats, limits: Sequence[tuple[float, float] | None], symbol: str
) -> Picture | None:
    if not np.isfinite(values).any():
        return None
    figure = _new_strips()
    axes = figure.subplots()
    for place, limit in enumerate(limits):
        if limit is not None:
            box = Rectangle((place - 0.32, limit[0]), 0.64, limit[1] - limit[0], facecolor=PALE, zorder=0)
            axes.add_patch(box)
    _strips(axes, values, fit.arrays.passing, fit.description.flavours)
    axes.set_ylabel(f"exponent {symbol}")
    return to_picture(
        figure,
        alt=f"Preprocessing exponent {symbol} of each flavour and replica",
        caption=f"Exponents {symbol} of the preprocessing x^(1−α) (1−x)^β; boxes are the runcard's ranges.",
    )


def _arc_lengths(fit: FitFolder) -> Picture | None:
    if not np.isfinite(fit.arrays.arc_lengths).any():
        return None
    figure = _new_strips()
    axes = figure.subplots()
    _strips(axes, fit.arrays.arc_lengths, fit.arrays.passing, ARC_LENGTHS)
    axes.set_ylabel("arc length")
    return to_picture(figure, alt="Arc lengths of each replica", caption="Arc lengths: outliers are wiggly replicas.")


def _integrability(fit: FitFolder) -> Picture | None:
    if not np.isfinite(fit.arrays.integrability).any():
        return None
    figure = _new_strips()
    axes = figure.subplots()
    _strips(axes, fit.arrays.integrability, fit.arrays.passing, INTEGRABILITY)
    axes.axhline(INTEGRABLE, color=VERMILION, linewidth=1, linestyle="--")
    axes.text(0.99, INTEGRABLE, "limit", color=VERMILION, ha="right", va="bottom", fontsize=9,
              transform=axes.get_yaxis_transform())  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.set_ylabel("integrability")
    return to_picture(
        figure,
        alt="Integrability numbers of each replica",
        caption="Integrability: above 0.5 a replica is not selected.",
    )


def _new_strips() -> Figure:
    return new_figure(5.4, 3.3, bottom=0.35, top=0.15)


def _strips(axes: Axes, values: Floats, passing: NDArray[np.bool_], names: tuple[str, ...]) -> None:
    """Draw ``(R, K)`` as K columns of dots, the replicas side by side within a column."""
    spread = np.linspace(-0.24, 0.24, len(values)) if len(values) > 1 else np.zeros(1)
    for chosen, colour in ((passing, BLUE), (~passing, VERMILION)):
        places = np.arange(len(names)) + spread[chosen, None]
        axes.scatter(places, values[chosen], s=13, color=colour, alpha=0.75, linewidths=0)
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.grid(visible=False, axis="x")


def _positivity(fit: FitFolder) -> Picture | None:
    losses = fit.arrays.positivity_losses
    if losses.size == 0 or not np.isfinite(losses).any():
        return None
    R, P = losses.shape
    longest = max(len(name) for name in fit.description.positivity_sets)
    figure = new_figure(11.2, min(9.0, 1.2 + 0.26 * P), left=0.3 + 0.078 * longest, top=0.1)
    axes = figure.subplots()
    shown = np.ma.masked_invalid(np.maximum(losses, _TINY))
    colours = mpl.colormaps["YlOrRd"].with_extremes(under=_SATISFIED, bad=INK)
    image = axes.imshow(shown.T, norm=LogNorm(USUAL_THRESHOLD, 1), cmap=colours, aspect="auto", interpolation="none")
    axes.set_yticks(range(P), fit.description.positivity_sets, fontsize=9)
    marks = range(0, R, max(1, R // 25))
    axes.set_xticks(marks, [str(fit.replicas[place]) for place in marks])
    for label, place in zip(axes.get_xticklabels(), marks, strict=True):
        label.set_color(INK if fit.arrays.passing[place] else VERMILION)
    axes.set_xlabel("replica (red: vetoed)")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    bar = figure.colorbar(image, ax=axes, label="loss", pad=0.01, extend="min")
    label_logarithmic(bar.ax.yaxis, USUAL_THRESHOLD, 1)
    return to_picture(
        figure,
        alt="Positivity loss of each replica and positivity set",
        caption="Positivity losses at the best epoch, without multipliers; green up to 10⁻⁶, the usual threshold.",
    )
