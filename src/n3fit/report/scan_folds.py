"""Figures of the folds of a scan: losses of all trials in each, replicas of the best trial, and chi2 against phi."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.scan_losses import set_loss_axis, spread
from n3fit.report.style import BLUE, INK, MUTED, ORANGE, VERMILION, new_figure
from n3fit.results.tries import Try
from n3fit.typing import Floats

LOSSES = ("chi2", "phi2", "logp", "chi2p")
"""Losses of a fold by their names in the runcard."""


@dataclass(frozen=True)
class Fold:
    """A fold, the data sets that are left out in it, and the losses of the best trial there.

    Parameters
    ----------
    number : int
        From 1.
    datasets : tuple of str
    overfit : bool
        Whether the data sets are fitted too.
    loss, validation, experimental : float
        Of the best trial; not a number where the file has none.
    """

    number: int
    datasets: tuple[str, ...]
    overfit: bool
    loss: float
    validation: float
    experimental: float


def fold_array(trial: Try, name: str, dimensions: int) -> Floats:
    """Return a quantity of the folds of a trial, (K,) or (K, R); empty where the file does not have it as numbers."""
    value = trial.result.get("kfold_meta", {}).get(name)
    empty = np.zeros((0,) * dimensions)
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        return empty
    return array if array.ndim == dimensions else empty


def loss_name(runcard: Mapping[str, Any]) -> str:
    """Return the loss of the folds that the runcard of a scan names."""
    kfold = runcard.get("kfold")
    named = kfold.get("loss_type") if isinstance(kfold, Mapping) else None
    return named if named in LOSSES else LOSSES[0]


def fold_losses(trial: Try, loss: str) -> Floats:
    """Return the losses (K,) of the folds of a trial; for a scan of nnpdf, which has none, what is nearest to them."""
    for name in ("fold_losses", f"hyper_losses_{loss}"):
        found = fold_array(trial, name, 1)
        if found.size:
            return found
    return fold_array(trial, "experimental_losses", 1)


def describe_folds(runcard: Mapping[str, Any], best: Try, loss: str) -> list[Fold]:
    """Return the folds of a scan with the losses of its best trial."""
    kfold = runcard.get("kfold")
    written = kfold.get("partitions") if isinstance(kfold, Mapping) else None
    partitions = [entry if isinstance(entry, Mapping) else {} for entry in written] if isinstance(written, list) else []
    columns = [
        fold_losses(best, loss),
        fold_array(best, "validation_losses", 1),
        fold_array(best, "experimental_losses", 1),
    ]
    number = max(len(partitions), *(len(column) for column in columns))
    partitions += [{}] * (number - len(partitions))
    values = [np.pad(column, (0, number - len(column)), constant_values=np.nan) for column in columns]
    return [
        Fold(
            number=index + 1,
            datasets=tuple(map(str, entry.get("datasets") or ())),
            overfit=entry.get("overfit") is True,
            loss=float(values[0][index]),
            validation=float(values[1][index]),
            experimental=float(values[2][index]),
        )
        for index, entry in enumerate(partitions)
    ]


def fold_figures(ranked: Sequence[Try], loss: str) -> list[PlottedFigure]:
    """Return the figures of the folds; ``ranked`` are the trials that did not fail, the best one first."""
    found = [_folds_figure(ranked, loss), _replicas_figure(ranked[0]), _chi2_phi_figure(ranked)]
    return [figure for figure in found if figure is not None]


def _folds_figure(ranked: Sequence[Try], loss: str) -> PlottedFigure | None:
    losses = [fold_losses(trial, loss) for trial in ranked]
    folds = max(map(len, losses))
    known = [(trial.tid, values) for trial, values in zip(ranked, losses, strict=True) if len(values) == folds]
    if not folds or not np.isfinite(np.concatenate([values for _, values in known])).any():
        return None
    values = np.array([row for _, row in known])
    return PlottedFigure(
        name="scan_folds",
        title="Losses of the folds",
        caption=f"Loss ({loss}) of every trial in each fold: a fold above the others has data that the others do not "
        "predict. Dark bars are medians; the line is the best trial.",
        draw=partial(_draw_folds, values, f"loss of the fold ({loss})"),
        numbers={
            "trial": np.repeat([tid for tid, _ in known], folds),
            "fold": np.tile(np.arange(1, folds + 1), len(known)),
            "loss": values.ravel(),
        },
        raster=values.size > 4000,
    )


def _draw_folds(losses: Floats, label: str) -> Figure:
    """Draw the losses (n, K) of trials, the best one first."""
    figure = new_figure()
    axes = figure.subplots()
    set_loss_axis(axes, axes.yaxis, losses)
    high = axes.get_ylim()[1]
    offsets = spread(len(losses))
    for fold, column in enumerate(losses.T):
        places, shown, above = fold + 1 + offsets, column <= high, column > high
        axes.plot(places[shown], column[shown], "o", color=BLUE, markersize=2.8, alpha=0.4, markeredgewidth=0)
        axes.plot(places[above], np.full(above.sum(), high), "^", color=BLUE, markersize=3, clip_on=False)
        median = np.nanmedian(column) if np.isfinite(column).any() else np.nan
        axes.plot([fold + 0.64, fold + 1.36], [median, median], color=INK, linewidth=2)
    axes.plot(range(1, losses.shape[1] + 1), losses[0], "-o", color=VERMILION, markersize=5, label="best trial")
    axes.set_xticks(range(1, losses.shape[1] + 1))
    axes.set_xlim(0.4, losses.shape[1] + 0.6)
    axes.set_xlabel("fold")
    axes.set_ylabel(label)
    axes.legend(loc="upper right")
    return figure


def _replicas_figure(best: Try) -> PlottedFigure | None:
    losses = fold_array(best, "hyper_losses", 2)
    if not losses.size or not np.isfinite(losses).any():
        return None
    validation = fold_array(best, "validation_losses", 1)
    if len(validation) != len(losses):
        validation = np.full(len(losses), np.nan)
    folds, replicas = losses.shape
    return PlottedFigure(
        name="scan_replicas",
        title=f"Replicas of the best trial, number {best.tid}",
        caption="Experimental chi2 per point of every replica to the data of the fold, and the validation loss "
        "of the fold.",
        draw=partial(_draw_replicas, losses, validation),
        numbers={
            "fold": np.repeat(np.arange(1, folds + 1), replicas),
            "replica": np.tile(np.arange(1, replicas + 1), folds),
            "loss": losses.ravel(),
        },
    )


def _draw_replicas(losses: Floats, validation: Floats) -> Figure:
    """Draw the losses (K, R) of replicas, and the validation losses (K,)."""
    figure = new_figure()
    axes = figure.subplots()
    offsets = 0.8 * spread(losses.shape[1])
    for fold, row in enumerate(losses):
        label = "replicas" if fold == 0 else None
        axes.plot(fold + 1 + offsets, row, "o", color=BLUE, markersize=4.5, alpha=0.7, markeredgewidth=0, label=label)
        if np.isfinite(row).any():
            axes.plot([fold + 0.68, fold + 1.32], [np.nanmean(row)] * 2, color=INK, linewidth=2)
    places = np.arange(1, len(losses) + 1)
    if np.isfinite(validation).any():
        axes.plot(places, validation, "D", color=ORANGE, markersize=6, label="validation")
    axes.set_xticks(places)
    axes.set_xlim(0.4, len(losses) + 0.6)
    axes.set_xlabel("fold")
    axes.set_ylabel("$\\chi^2$ / point")
    axes.legend()
    return figure


def _chi2_phi_figure(ranked: Sequence[Try]) -> PlottedFigure | None:
    pairs = []
    for trial in ranked:
        both = [fold_array(trial, f"hyper_losses_{name}", 1) for name in ("chi2", "phi2")]
        if all(values.size and np.isfinite(values).all() for values in both):
            pairs.append((trial.tid, *(float(values.mean()) for values in both)))
    if len(pairs) < 2:
        return None
    numbers, chi2, phi = (np.array(column) for column in zip(*pairs, strict=True))
    return PlottedFigure(
        name="scan_chi2_phi",
        title="Fit quality and uncertainty of the data left out",
        caption="Means over the folds: chi2 of the mean prediction, and phi, the PDF uncertainty in units of that of "
        "the data. At the same chi2, a larger phi is a more cautious prediction. The star is the best of these trials.",
        draw=partial(_draw_chi2_phi, chi2, phi),
        numbers={"trial": numbers, "chi2": chi2, "phi": phi},
    )


def _draw_chi2_phi(chi2: Floats, phi: Floats) -> Figure:
    figure = new_figure()
    axes = figure.subplots()
    set_loss_axis(axes, axes.xaxis, chi2)
    axes.plot(chi2, phi, "o", color=BLUE, markersize=4, alpha=0.6, markeredgewidth=0)
    axes.plot(chi2[0], phi[0], "*", color=VERMILION, markersize=13, markeredgecolor="white")
    inside = phi[chi2 <= axes.get_xlim()[1]]
    low, high = float(inside.min()), float(inside.max())
    axes.set_ylim(low - 0.1 * (high - low) - 1e-6, high + 0.1 * (high - low) + 1e-6)
    axes.axhline(float(np.median(phi)), color=MUTED, linewidth=0.8, linestyle=":")
    axes.set_xlabel(r"$\chi^2$ / point of the mean prediction")
    axes.set_ylabel("$\\varphi$, mean of the folds")
    return figure
