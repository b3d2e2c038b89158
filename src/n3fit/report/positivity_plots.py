"""Maps of the positivity losses by positivity set and replica."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from n3fit.report.axes import label_logarithmic
from n3fit.report.labelled_fit import LabelledFit
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.style import INK, VERMILION, new_figure
from n3fit.typing import Booleans, Floats, Integers

_SATISFIED = "#e1f0e8"
_TINY = 1e-300  # losses of zero or less, which satisfy positivity, do not exist on a logarithmic scale
_SMALLEST_LIMIT = 1e-12  # of the colours, for a threshold of zero
_MOST_TICKS = 25
_MANY = 4000  # losses from which the map is a raster image


def positivity_figures(fits: Sequence[LabelledFit]) -> list[PlottedFigure]:
    """Return the map of each fit that has positivity sets and finite losses."""
    return [_figure(fit) for fit in fits if np.isfinite(fit.folder.results.positivity_losses).any()]


def _figure(fit: LabelledFit) -> PlottedFigure:
    losses, names = fit.folder.results.positivity_losses, fit.folder.description.positivity_sets
    R, P = losses.shape
    return PlottedFigure(
        name=f"positivity{fit.suffix}",
        title=f"Positivity{fit.heading}",
        caption="Positivity losses at the best epoch, without multipliers; green up to "
        f"{fit.folder.description.positivity_threshold:g}, the threshold of the runcard; black where not finite.",
        draw=partial(
            _draw, losses, names, fit.folder.description.positivity_threshold, fit.folder.replicas, fit.folder.passing
        ),
        numbers={
            "replica": np.repeat(fit.folder.replicas, P),
            "passing": np.repeat(fit.folder.passing, P),
            "set": np.tile(names, R),
            "loss": losses.ravel(),
        },
        wide=True,
        raster=losses.size > _MANY,
    )


def _draw(losses: Floats, names: Sequence[str], threshold: float, replicas: Integers, passing: Booleans) -> Figure:
    """Draw the losses (R, P) of the replicas whose numbers are ``replicas`` (R,)."""
    low, high = _limits(threshold)
    figure = new_figure(11.2, min(9.0, 1.2 + 0.26 * len(names)), left=0.3 + 0.078 * max(map(len, names)), top=0.1)
    axes = figure.subplots()
    image = axes.imshow(np.ma.masked_invalid(np.maximum(losses, _TINY)).T, norm=LogNorm(low, high),
                        cmap=mpl.colormaps["YlOrRd"].with_extremes(under=_SATISFIED, bad=INK), aspect="auto",
                        interpolation="none")  # fmt: skip
    axes.set_yticks(range(len(names)), names, fontsize=9)
    _label_replicas(axes, replicas, passing)
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    bar = figure.colorbar(image, ax=axes, label="loss", pad=0.01, extend="min")
    label_logarithmic(bar.ax.yaxis, low, high)
    return figure


def _label_replicas(axes: Axes, replicas: Integers, passing: Booleans) -> None:
    """Label the horizontal axis with replica numbers, red ones for vetoed replicas."""
    R = replicas.size
    ticks = range(0, R, max(1, R // _MOST_TICKS))
    axes.set_xticks(ticks, [str(replicas[place]) for place in ticks])
    for label, place in zip(axes.get_xticklabels(), ticks, strict=True):
        label.set_color(INK if passing[place] else VERMILION)
    axes.set_xlabel("replica (red: vetoed)")


def _limits(threshold: float) -> tuple[float, float]:
    """Return the losses between which colours change: from the threshold to 1, or over two decades."""
    low = max(threshold, _SMALLEST_LIMIT)
    return low, max(1.0, 100 * low)
