"""How the training went: losses against epochs, where replicas stopped, and the chi2 they reached."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from n3fit.report.figures import PlottedFigure
from n3fit.report.pictures import BLUE, INK, MUTED, ORANGE, label_logarithmic, new_figure
from n3fit.report.shown_fit import ShownFit, columns_by_replica

Floats = NDArray[np.float64]
_MOST_LINES = 40
_BINS = 16


def training_figures(fits: Sequence[ShownFit]) -> list[PlottedFigure]:
    """Give the figures that there is something to show for."""
    figures = [_history(shown) for shown in fits]
    figures += [_scatter(fits), _pseudodata_chi2(fits), _central_chi2(fits), _epochs(fits)]
    return [figure for figure in figures if figure is not None]


def _history(shown: ShownFit) -> PlottedFigure | None:
    replicas, training = shown.fit.replicas, shown.fit.results.training
    epochs = training.history_epochs + 1
    curves = {
        "training": _positive(training.training_history.T),
        "validation": _positive(training.validation_history.T),
    }
    if not any(np.isfinite(values).any() for values in curves.values()):
        return None
    figure = new_figure()
    axes = figure.subplots()
    for (label, values), colour in zip(curves.items(), (BLUE, ORANGE), strict=True):
        if np.isfinite(values).any():
            axes.plot(epochs, values[:, :_MOST_LINES], color=colour, linewidth=0.5, alpha=0.35)
            axes.plot(epochs, _median(values), color=colour, linewidth=1.9, label=label)
    axes.set_xscale("log")
    axes.set_yscale("log")
    first, last = float(epochs.min()), float(max(shown.fit.description.epochs, int(epochs.max())))
    axes.set_xlim(0.9 * first, 1.1 * last)
    axes.set_ylim(*_frame_losses(list(curves.values())))
    label_logarithmic(axes.xaxis, first, last)
    label_logarithmic(axes.yaxis, *axes.get_ylim())
    axes.set_xlabel("epoch")
    axes.set_ylabel("$\\chi^2$ / point, to the pseudodata")
    axes.legend(title="median of the replicas" if replicas.size > 1 else None)
    return PlottedFigure(
        name=f"training_history{shown.suffix}",
        title=f"Losses against the epoch{shown.heading}",
        caption="Training and validation χ² per point to each replica's pseudodata; thin lines are replicas"
        f"{f' (the first {_MOST_LINES})' if replicas.size > _MOST_LINES else ''}, thick ones medians.",
        figure=figure,
        numbers={
            "epoch": np.repeat(epochs, replicas.size),
            "replica": np.tile(replicas, epochs.size),
            "training": training.training_history.T.ravel(),
            "validation": training.validation_history.T.ravel(),
        },
    )


def _frame_losses(curves: Sequence[Floats]) -> tuple[float, float]:
    """Give a range that shows how losses end, and of their beginning at most 30 times that."""
    every = np.concatenate([values.ravel() for values in curves])
    low, high = float(np.nanmin(every)), float(np.nanmax(every))
    last = float(np.nanmedian(np.concatenate([_last(values) for values in curves])))
    return 0.9 * low, 1.1 * min(high, max(30 * last, 2 * low))


def _last(losses: Floats) -> Floats:
    """Give the last number of each column of ``(H, R)``, without those that have none."""
    columns = [column[np.isfinite(column)] for column in losses.T]
    return np.array([column[-1] for column in columns if column.size])


def _positive(values: Floats) -> Floats:
    """Replace what a logarithmic axis cannot show by nan."""
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def _median(values: Floats) -> Floats:
    """Give the median of the finite entries of each row of ``(H, R)``, nan where there are none."""
    result = np.full(values.shape[0], np.nan)
    some = np.isfinite(values).any(axis=1)
    result[some] = np.nanmedian(values[some], axis=1)
    return result


def _scatter(fits: Sequence[ShownFit]) -> PlottedFigure | None:
    shown_fits = [shown for shown in fits if _known(shown).any()]
    if not shown_fits:
        return None
    figure = new_figure()
    axes = figure.subplots()
    for shown in shown_fits:
        x, y, known = shown.training.training_chi2, shown.validation_chi2, _known(shown)
        passing = shown.fit.passing
        label = "passing" if shown.alone else shown.label
        axes.scatter(x[known & passing], y[known & passing], s=32, color=shown.colour, marker=shown.marker,
                     alpha=0.8, linewidths=0, label=label, zorder=2)  # fmt: skip
        if (known & ~passing).any():
            axes.scatter(x[known & ~passing], y[known & ~passing], s=32, facecolors="none", edgecolors=shown.colour,
                         marker=shown.marker, label=f"{'' if shown.alone else shown.label + ', '}vetoed",
                         zorder=2)  # fmt: skip
        averaged = known & shown.fit.chosen
        if averaged.any():
            axes.plot(x[averaged].mean(), y[averaged].mean(), marker="*", markersize=14, color=shown.colour,
                      markeredgecolor=INK, linestyle="none", zorder=3,
                      label="mean" if shown is shown_fits[-1] else None)  # fmt: skip
    start = min(float(shown.training.training_chi2[_known(shown)].min()) for shown in shown_fits)
    axes.axline((start, start), slope=1, color=MUTED, linewidth=0.8, zorder=0)
    axes.set_xlabel("training $\\chi^2$ / point")
    axes.set_ylabel("validation $\\chi^2$ / point")
    axes.legend()
    return PlottedFigure(
        name="training_validation",
        title="Validation against training χ²",
        caption="χ² per point to each replica's own pseudodata at its best epoch; stars are means, the line marks "
        "equality.",
        figure=figure,
        numbers=columns_by_replica(
            shown_fits,
            lambda shown: {
                "training": shown.training.training_chi2,
                "validation": shown.training.validation_chi2,
            },
        ),
    )


def _known(shown: ShownFit) -> NDArray[np.bool_]:
    return np.isfinite(shown.training.training_chi2) & np.isfinite(shown.validation_chi2)


def _pseudodata_chi2(fits: Sequence[ShownFit]) -> PlottedFigure | None:
    panels = {
        "training $\\chi^2$ / point": [shown.training.training_chi2 for shown in fits],
        "validation $\\chi^2$ / point": [shown.validation_chi2 for shown in fits],
    }
    panels = {label: values for label, values in panels.items() if any(np.isfinite(one).any() for one in values)}
    if not panels:
        return None
    figure = new_figure(5.4, 2.4 + 1.7 * (len(panels) - 1))
    axes = np.atleast_1d(figure.subplots(len(panels), sharex=True))
    edges = _edges(np.concatenate([one for values in panels.values() for one in values]))
    for panel, (label, values) in zip(axes, panels.items(), strict=True):
        _histogram(panel, fits, values, edges)
        panel.set_title(label, fontsize=9.5, fontweight="normal", loc="left", pad=3)
        panel.legend(fontsize=8.5)
    axes[-1].set_xlabel("$\\chi^2$ / point, to the pseudodata")
    return PlottedFigure(
        name="training_chi2_distribution",
        title="Distribution of training and validation χ²",
        caption="χ² per point of each replica to its own pseudodata at its best epoch; dashed lines are the means."
        + ("" if len(panels) == 2 else " The fits have no validation data."),
        figure=figure,
        numbers=columns_by_replica(
            fits,
            lambda shown: {
                "training": shown.training.training_chi2,
                "validation": shown.training.validation_chi2,
            },
        ),
    )


def _central_chi2(fits: Sequence[ShownFit]) -> PlottedFigure | None:
    values = [shown.fit.total_chi2 for shown in fits]
    if not any(np.isfinite(one).any() for one in values):
        return None
    figure = new_figure()
    axes = figure.subplots()
    _histogram(axes, fits, values, _edges(np.concatenate(values)))
    axes.set_xlabel("$\\chi^2$ / point, to the central data ($t_0$)")
    axes.legend()
    return PlottedFigure(
        name="central_chi2_distribution",
        title="Distribution of the χ² to the central data",
        caption="Total χ² per point of each replica to the central data with the t₀ covariance; dashed lines are the "
        "means over the replicas, which lie above the χ² of the mean prediction.",
        figure=figure,
        numbers=columns_by_replica(fits, lambda shown: {"chi2": shown.fit.total_chi2}),
    )


def _edges(values: Floats) -> list[float]:
    """Give edges of bins that reach past all finite values, so that a single one has a bin of its own."""
    known = values[np.isfinite(values)]
    low, high = float(known.min()), float(known.max())
    margin = 0.05 * (high - low) or 0.01 * abs(high) or 0.01
    return np.linspace(low - margin, high + margin, _BINS + 1).tolist()


def _histogram(axes: Axes, fits: Sequence[ShownFit], values: Sequence[Floats], edges: Sequence[float]) -> None:
    """Draw a histogram for each fit, its vetoed replicas hollow, and a line at the mean of the chosen ones."""
    for shown, one in zip(fits, values, strict=True):
        known, passing = np.isfinite(one), shown.fit.passing
        if not known.any():
            continue
        _draw_bars(axes, shown, one[known & passing], edges, "passing" if shown.alone else shown.label)
        if not passing[known].all():
            axes.hist(one[known], bins=edges, histtype="step", color=shown.colour, linestyle=":", linewidth=1.3,
                      label="all" if shown.alone else f"{shown.label}, all")  # fmt: skip
        averaged = known & shown.fit.chosen
        if averaged.any():
            mean = float(one[averaged].mean())
            axes.axvline(mean, color=INK if shown.alone else shown.colour, linewidth=1.2, linestyle="--",
                         label=f"mean {mean:.3f}")  # fmt: skip
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.set_ylabel("replicas")


def _draw_bars(axes: Axes, shown: ShownFit, values: Floats, edges: Sequence[float], label: str) -> None:
    """Draw a histogram, pale with an outline when others are drawn over it."""
    face = shown.colour if shown.alone else to_rgba(shown.colour, 0.22)
    edge = "none" if shown.alone else shown.colour
    axes.hist(values, bins=edges, histtype="stepfilled", facecolor=face, edgecolor=edge, linewidth=1.3,
              alpha=0.8 if shown.alone else None, label=label)  # fmt: skip


def _epochs(fits: Sequence[ShownFit]) -> PlottedFigure | None:
    fits = [shown for shown in fits if shown.fit.replicas.size]
    if not fits:
        return None
    longest = max(max(shown.fit.description.epochs, int(shown.training.stop_epoch.max()) + 1) for shown in fits)
    edges = np.linspace(0, longest, 21).tolist()
    figure = new_figure(5.4, 3.7)
    panels = figure.subplots(2, sharex=True)
    stops = [shown.training.stop_epoch + 1.0 for shown in fits]
    best = [np.where(shown.training.best_epoch >= 0, shown.training.best_epoch + 1.0, np.nan) for shown in fits]
    for axes, values, title in zip(panels, (best, stops), ("best epoch", "last epoch"), strict=True):
        for shown, one in zip(fits, values, strict=True):
            known = one[np.isfinite(one)]
            _draw_bars(axes, shown, known, edges, shown.label)
        axes.set_title(title, fontsize=9.5, fontweight="normal", loc="left", pad=3)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
        axes.set_ylabel("replicas")
    panels[1].set_xlim(edges[0], edges[-1])
    panels[1].set_xlabel("epoch")
    if len(fits) > 1:
        panels[0].legend()
    return PlottedFigure(
        name="training_epochs",
        title="Best and last epochs",
        caption="Epoch of the best validation χ² with positivity fulfilled, and epoch of the end of training.",
        figure=figure,
        numbers=columns_by_replica(
            fits,
            lambda shown: {
                "best_epoch": np.where(shown.training.best_epoch >= 0, shown.training.best_epoch + 1.0, np.nan),
                "last_epoch": shown.training.stop_epoch + 1,
            },
        ),
    )
