"""Figures of the training: losses against the epoch, chi2 of the replicas, best and last epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from n3fit.report.axes import label_logarithmic
from n3fit.report.curve_records import record_curve, record_legend
from n3fit.report.drawn_curves import DrawnCurve
from n3fit.report.histograms import draw_bars, set_count_axis
from n3fit.report.labelled_fit import DrawnFit, LabelledFit, columns_by_replica
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.replica_chi2_plots import replica_chi2_figures
from n3fit.report.style import BLUE, ORANGE, new_figure
from n3fit.typing import Floats, Integers

_MOST_LINES = 40
_EPOCH_BINS = 20


def training_figures(fits: Sequence[LabelledFit]) -> list[PlottedFigure]:
    """Return the figures that have finite numbers, in the order of the page."""
    histories = [figure for fit in fits if (figure := _history(fit)) is not None]
    epochs = _epochs([fit for fit in fits if fit.folder.replicas.size])
    return [*histories, *replica_chi2_figures(fits), *([] if epochs is None else [epochs])]


def _history(fit: LabelledFit) -> PlottedFigure | None:
    """Return the figure of the losses of a fit against the epoch, None when no loss is positive and finite."""
    replicas, training = fit.folder.replicas, fit.training
    epochs = training.history_epochs + 1
    curves = {
        "training": _positive(training.training_history.T),
        "validation": _positive(training.validation_history.T),
    }
    if not any(np.isfinite(values).any() for values in curves.values()):
        return None
    last = float(max(fit.folder.description.epochs, int(epochs.max())))
    lines = {label: values[:, :_MOST_LINES] for label, values in curves.items()}
    medians = {label: _median(values) for label, values in curves.items()}
    title = "median of the replicas" if replicas.size > 1 else None
    return PlottedFigure(
        name=f"training_history{fit.suffix}",
        title=f"Losses against the epoch{fit.heading}",
        caption="Training and validation χ² per point to each replica's pseudodata; thin lines are replicas"
        f"{f' (the first {_MOST_LINES})' if replicas.size > _MOST_LINES else ''}, thick ones medians.",
        draw=partial(_draw_history, epochs, last, lines, medians, _loss_range(list(curves.values())), title),
        numbers={
            "epoch": np.repeat(epochs, replicas.size),
            "replica": np.tile(replicas, epochs.size),
            "training": training.training_history.T.ravel(),
            "validation": training.validation_history.T.ravel(),
        },
    )


def _draw_history(
    epochs: Integers,
    last: float,
    lines: Mapping[str, Floats],
    medians: Mapping[str, Floats],
    losses: tuple[float, float],
    title: str | None,
) -> Figure:
    """Draw thin lines (H, R) and medians (H,) at the epochs (H,), up to the ``last``, in a range of losses."""
    figure = new_figure()
    axes = figure.subplots()
    shown = [
        (label, colour)
        for label, colour in zip(lines, (BLUE, ORANGE), strict=True)
        if np.isfinite(medians[label]).any()
    ]
    for number, (label, colour) in enumerate(shown):
        thin = [
            line
            for column in lines[label].T
            for line in _plot_known(axes, epochs, column, color=colour, linewidth=0.5, alpha=0.35)
        ]
        median = _plot_known(axes, epochs, medians[label], color=colour, linewidth=1.9, label=label)
        record_curve(DrawnCurve(axes, number, label, colour, epochs.astype(np.float64), medians[label]), median, thin)
    axes.set_xscale("log")
    axes.set_yscale("log")
    first = float(epochs.min())
    axes.set_xlim(0.9 * first, 1.1 * last)
    axes.set_ylim(*losses)
    label_logarithmic(axes.xaxis, first, last)
    label_logarithmic(axes.yaxis, *axes.get_ylim())
    axes.set_xlabel("epoch")
    axes.set_ylabel("$\\chi^2$ / point, to the pseudodata")
    record_legend(axes.legend(title=title), range(len(shown)))
    return figure


def _plot_known(axes: Axes, epochs: Integers, losses: Floats, **style: Any) -> list[Line2D]:
    """Plot losses (H,) where they are known: replicas of different trials have them at different epochs."""
    known = ~np.isnan(losses)
    return axes.plot(epochs[known], losses[known], **style)


def _loss_range(curves: Sequence[Floats]) -> tuple[float, float]:
    """Return a range that contains the last losses, and of the first ones those up to 30 times the last."""
    every = np.concatenate([values.ravel() for values in curves])
    low, high = float(np.nanmin(every)), float(np.nanmax(every))
    last = float(np.nanmedian(np.concatenate([_last(values) for values in curves])))
    return 0.9 * low, 1.1 * min(high, max(30 * last, 2 * low))


def _last(losses: Floats) -> Floats:
    """Return the last finite number of each column of ``(H, R)`` that has one."""
    columns = [column[np.isfinite(column)] for column in losses.T]
    return np.array([column[-1] for column in columns if column.size])


def _positive(values: Floats) -> Floats:
    """Return the values with nan in place of those that a logarithmic axis cannot show."""
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def _median(values: Floats) -> Floats:
    """Return the median of the finite entries of each row of ``(H, R)``, nan for rows without any."""
    result = np.full(values.shape[0], np.nan)
    some = np.isfinite(values).any(axis=1)
    result[some] = np.nanmedian(values[some], axis=1)
    return result


def _epochs(fits: Sequence[LabelledFit]) -> PlottedFigure | None:
    """Return the figure of best and last epochs, None without fits."""
    if not fits:
        return None
    longest = max(max(fit.folder.description.epochs, int(fit.training.stop_epoch.max()) + 1) for fit in fits)
    best: list[Floats] = [_best_epoch(fit) for fit in fits]
    last: list[Floats] = [fit.training.stop_epoch.astype(np.float64) + 1 for fit in fits]
    return PlottedFigure(
        name="training_epochs",
        title="Best and last epochs",
        caption="Epoch of the best validation χ² with positivity fulfilled, and epoch of the end of training.",
        draw=partial(_draw_epochs, [fit.drawn for fit in fits], longest, best, last),
        numbers=columns_by_replica(
            fits, lambda fit: {"best_epoch": _best_epoch(fit), "last_epoch": fit.training.stop_epoch + 1}
        ),
    )


def _draw_epochs(fits: Sequence[DrawnFit], longest: int, best: Sequence[Floats], last: Sequence[Floats]) -> Figure:
    """Draw histograms of best and last epochs, (R,) for each fit, up to the ``longest``."""
    edges = np.linspace(0, longest, _EPOCH_BINS + 1).tolist()
    figure = new_figure(5.4, 3.7)
    panels = figure.subplots(2, sharex=True)
    for axes, values, title in zip(panels, (best, last), ("best epoch", "last epoch"), strict=True):
        for fit, epochs in zip(fits, values, strict=True):
            draw_bars(axes, fit, epochs[np.isfinite(epochs)], edges, label=fit.label)
        axes.set_title(title, fontsize=9.5, fontweight="normal", loc="left", pad=3)
        set_count_axis(axes)
    panels[1].set_xlim(edges[0], edges[-1])
    panels[1].set_xlabel("epoch")
    if len(fits) > 1:
        panels[0].legend()
    return figure


def _best_epoch(fit: LabelledFit) -> Floats:
    """Return the best epochs (R,), counted from 1; nan where no epoch is acceptable."""
    best = fit.training.best_epoch
    return np.where(best >= 0, best + 1.0, np.nan)
