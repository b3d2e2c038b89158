"""How the training went: losses against epochs, where replicas stopped, and the chi2 they reached."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from n3fit.report.pictures import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    VERMILION,
    Picture,
    label_logarithmic,
    new_figure,
    to_picture,
)
from n3fit.results.folder import FitFolder

Floats = NDArray[np.float64]
_MOST_LINES = 40


def training_pictures(fit: FitFolder) -> list[Picture]:
    """Give the pictures that there is something to show for."""
    makers = (_history, _scatter, _epochs, _chi2)
    return [picture for picture in (maker(fit) for maker in makers) if picture is not None]


def _history(fit: FitFolder) -> Picture | None:
    arrays = fit.arrays
    epochs = arrays.history_epochs + 1
    curves = (
        ("training", arrays.history_training, BLUE),
        ("validation", arrays.history_validation, ORANGE),
    )
    if not any((np.isfinite(values) & (values > 0)).any() for _, values, _ in curves):
        return None
    figure = new_figure()
    axes = figure.subplots()
    for label, values, colour in curves:
        shown = np.where(np.isfinite(values) & (values > 0), values, np.nan)
        axes.plot(epochs, shown[:, :_MOST_LINES], color=colour, linewidth=0.5, alpha=0.35)
        axes.plot(epochs, _median(shown), color=colour, linewidth=1.9, label=label)
    axes.set_yscale("log")
    label_logarithmic(axes.yaxis, *axes.get_ylim())
    axes.set_xlim(0, max(fit.description.epochs, int(epochs.max())))
    axes.set_xlabel("epoch")
    axes.set_ylabel("$\\chi^2$ / point, to the pseudodata")
    axes.legend(title="median of the replicas")
    return to_picture(
        figure,
        alt="Training and validation chi2 against the epoch",
        caption="Training and validation χ² per point; thin lines are replicas, thick ones their medians.",
    )


def _median(values: Floats) -> Floats:
    """Give the median of the finite entries of each row of ``(H, R)``, nan where there are none."""
    result = np.full(values.shape[0], np.nan)
    some = np.isfinite(values).any(axis=1)
    result[some] = np.nanmedian(values[some], axis=1)
    return result


def _scatter(fit: FitFolder) -> Picture | None:
    arrays = fit.arrays
    known = np.isfinite(arrays.training_chi2) & np.isfinite(arrays.validation_chi2)
    if not known.any():
        return None
    figure = new_figure()
    axes = figure.subplots()
    _dots(axes, arrays.training_chi2, arrays.validation_chi2, known & arrays.passing, "passing", BLUE, filled=True)
    _dots(
        axes, arrays.training_chi2, arrays.validation_chi2, known & ~arrays.passing, "vetoed", VERMILION, filled=False
    )
    averaged = known & arrays.selected
    if averaged.any():
        means = arrays.training_chi2[averaged].mean(), arrays.validation_chi2[averaged].mean()
        axes.plot(*means, marker="*", markersize=13, color=INK, linestyle="none", label="mean")
    start = float(arrays.training_chi2[known].min())
    axes.axline((start, start), slope=1, color=MUTED, linewidth=0.8, zorder=0)
    axes.set_xlabel("training $\\chi^2$ / point")
    axes.set_ylabel("validation $\\chi^2$ / point")
    axes.legend()
    return to_picture(
        figure,
        alt="Validation chi2 against training chi2 of each replica",
        caption="χ² per point to each replica's own pseudodata at its best epoch; the line marks equality.",
    )


def _dots(
    axes: Axes, x: Floats, y: Floats, chosen: NDArray[np.bool_], label: str, colour: str, *, filled: bool
) -> None:
    if chosen.any():
        face = colour if filled else "none"
        axes.scatter(x[chosen], y[chosen], s=34, facecolors=face, edgecolors=colour, alpha=0.85, label=label, zorder=2)


def _epochs(fit: FitFolder) -> Picture | None:
    arrays = fit.arrays
    stops = arrays.stop_epoch + 1
    best = arrays.best_epoch[arrays.best_epoch >= 0] + 1
    if not stops.size:
        return None
    figure = new_figure()
    axes = figure.subplots()
    bins = np.linspace(0, max(fit.description.epochs, int(stops.max())), 21).tolist()
    axes.hist(stops, bins=bins, color=MUTED, alpha=0.35, label="stopped")
    if best.size:
        axes.hist(best, bins=bins, color=GREEN, alpha=0.75, label="best validation")
        axes.axvline(float(best.mean()), color=INK, linewidth=1, linestyle="--", label=f"mean best, {best.mean():.0f}")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlim(bins[0], bins[-1])
    axes.set_xlabel("epoch")
    axes.set_ylabel("replicas")
    axes.legend()
    return to_picture(
        figure,
        alt="Histogram of the epochs at which replicas stopped and were best",
        caption=f"Epochs of the best validation χ² and of the end of training, of at most {fit.description.epochs}.",
    )


def _chi2(fit: FitFolder) -> Picture | None:
    total = fit.chi2["total"]
    if not total.names:
        return None
    values = total.per_point(total.t0_replicas)[:, 0]
    known = np.isfinite(values)
    if not known.any():
        return None
    figure = new_figure()
    axes = figure.subplots()
    # the edges reach past all values, so that a single one has a bin of its own
    low, high = float(values[known].min()), float(values[known].max())
    margin = 0.05 * (high - low) or 0.01 * abs(high) or 0.01
    bins = np.linspace(low - margin, high + margin, 16).tolist()
    passing = fit.arrays.passing & known
    axes.hist([values[passing], values[known & ~passing]], bins=bins, stacked=True, color=[BLUE, VERMILION],
              alpha=0.8, label=["passing", "vetoed"])  # fmt: skip
    mean = total.per_point(total.t0)[0]
    if np.isfinite(mean):
        axes.axvline(mean, color=INK, linewidth=1.2, linestyle="--", label=f"mean prediction, {mean:.3f}")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("$\\chi^2$ / point, to the central data ($t_0$)")
    axes.set_ylabel("replicas")
    axes.legend()
    return to_picture(
        figure,
        alt="Histogram of the total chi2 of the replicas",
        caption="Total χ² per point of each replica to the central data, with the t₀ covariance.",
    )
