"""Chi2 of the replicas: validation against training, and distributions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from n3fit.report.curve_records import record_points
from n3fit.report.drawn_curves import DrawnPoints
from n3fit.report.format_numbers import format_number
from n3fit.report.histograms import bin_edges, draw_histograms
from n3fit.report.labelled_fit import DrawnFit, LabelledFit, columns_by_replica
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.style import INK, MUTED, new_figure
from n3fit.typing import Floats


def replica_chi2_figures(fits: Sequence[LabelledFit]) -> list[PlottedFigure]:
    """Return the figures of the chi2 to the pseudodata and to the central data, those with finite numbers."""
    figures = (_training_and_validation(fits), _pseudodata_chi2(fits), _central_chi2(fits))
    return [figure for figure in figures if figure is not None]


def _training_and_validation(fits: Sequence[LabelledFit]) -> PlottedFigure | None:
    drawn = [fit for fit in fits if _known(fit).any()]
    if not drawn:
        return None
    return PlottedFigure(
        name="training_validation",
        title="Validation against training χ²",
        caption="χ² per point to each replica's own pseudodata at its best epoch; stars are means, the line marks "
        "equality.",
        draw=partial(
            _draw_scatter,
            [fit.drawn for fit in drawn],
            [fit.training.training_chi2 for fit in drawn],
            [fit.validation_chi2 for fit in drawn],
        ),
        numbers=_pseudodata_numbers(drawn),
    )


def _draw_scatter(fits: Sequence[DrawnFit], training: Sequence[Floats], validation: Sequence[Floats]) -> Figure:
    """Draw validation against training chi2, (R,) for each fit."""
    figure = new_figure()
    axes = figure.subplots()
    for number, (fit, x, y) in enumerate(zip(fits, training, validation, strict=True)):
        artists = _scatter(axes, fit, x, y, mean_label="mean" if fit is fits[-1] else None)
        texts = [
            f"replica {replica}\ntraining {format_number(one, 3)}, validation {format_number(other, 3)}"
            for replica, one, other in zip(fit.replicas, x, y, strict=True)
        ]
        record_points(DrawnPoints(axes, number, fit.label, fit.colour, x, y, texts), artists)
    start = min(float(x[np.isfinite(x) & np.isfinite(y)].min()) for x, y in zip(training, validation, strict=True))
    axes.axline((start, start), slope=1, color=MUTED, linewidth=0.8, zorder=0)
    axes.set_xlabel("training $\\chi^2$ / point")
    axes.set_ylabel("validation $\\chi^2$ / point")
    axes.legend()
    return figure


def _scatter(axes: Axes, fit: DrawnFit, x: Floats, y: Floats, *, mean_label: str | None) -> list[Artist]:
    """Draw and return the replicas of a fit, vetoed ones hollow, and a star at the mean of the chosen ones."""
    artists: list[Artist] = []
    known, passing = np.isfinite(x) & np.isfinite(y), fit.passing
    artists.append(axes.scatter(x[known & passing], y[known & passing], s=32, color=fit.colour, marker=fit.marker,
                                alpha=0.8, linewidths=0, label="passing" if fit.alone else fit.label,
                                zorder=2))  # fmt: skip
    if (known & ~passing).any():
        label = f"{'' if fit.alone else fit.label + ', '}vetoed"
        artists.append(axes.scatter(x[known & ~passing], y[known & ~passing], s=32, facecolors="none",
                                    edgecolors=fit.colour, marker=fit.marker, label=label, zorder=2))  # fmt: skip
    averaged = known & fit.chosen
    if averaged.any():
        artists += axes.plot(x[averaged].mean(), y[averaged].mean(), marker="*", markersize=14, color=fit.colour,
                             markeredgecolor=INK, linestyle="none", zorder=3, label=mean_label)  # fmt: skip
    return artists


def _known(fit: LabelledFit) -> NDArray[np.bool_]:
    return np.isfinite(fit.training.training_chi2) & np.isfinite(fit.validation_chi2)


def _pseudodata_chi2(fits: Sequence[LabelledFit]) -> PlottedFigure | None:
    panels = {
        "training $\\chi^2$ / point": [fit.training.training_chi2 for fit in fits],
        "validation $\\chi^2$ / point": [fit.validation_chi2 for fit in fits],
    }
    panels = {label: values for label, values in panels.items() if any(np.isfinite(one).any() for one in values)}
    if not panels:
        return None
    return PlottedFigure(
        name="training_chi2_distribution",
        title="Distribution of training and validation χ²",
        caption="χ² per point of each replica to its own pseudodata at its best epoch; dashed lines are the means."
        + ("" if len(panels) == 2 else " The fits have no validation data."),
        draw=partial(_draw_pseudodata, [fit.drawn for fit in fits], panels),
        numbers=_pseudodata_numbers(fits),
    )


def _draw_pseudodata(fits: Sequence[DrawnFit], panels: Mapping[str, Sequence[Floats]]) -> Figure:
    """Draw a panel of histograms for each label, with numbers (R,) for each fit."""
    figure = new_figure(5.4, 2.4 + 1.7 * (len(panels) - 1))
    axes = np.atleast_1d(figure.subplots(len(panels), sharex=True))
    edges = bin_edges(np.concatenate([one for values in panels.values() for one in values]))
    for panel, (label, values) in zip(axes, panels.items(), strict=True):
        draw_histograms(panel, fits, values, edges)
        panel.set_title(label, fontsize=9.5, fontweight="normal", loc="left", pad=3)
        panel.legend(fontsize=8.5)
    axes[-1].set_xlabel("$\\chi^2$ / point, to the pseudodata")
    return figure


def _central_chi2(fits: Sequence[LabelledFit]) -> PlottedFigure | None:
    values = [fit.folder.total_chi2 for fit in fits]
    if not any(np.isfinite(one).any() for one in values):
        return None
    return PlottedFigure(
        name="central_chi2_distribution",
        title="Distribution of the χ² to the central data",
        caption="Total χ² per point of each replica to the central data with the t₀ covariance; dashed lines are the "
        "means over the replicas, which lie above the χ² of the mean prediction.",
        draw=partial(_draw_central, [fit.drawn for fit in fits], values),
        numbers=columns_by_replica(fits, lambda fit: {"chi2": fit.folder.total_chi2}),
    )


def _draw_central(fits: Sequence[DrawnFit], values: Sequence[Floats]) -> Figure:
    """Draw a histogram of the numbers (R,) of each fit."""
    figure = new_figure()
    axes = figure.subplots()
    draw_histograms(axes, fits, values, bin_edges(np.concatenate(values)))
    axes.set_xlabel("$\\chi^2$ / point, to the central data ($t_0$)")
    axes.legend()
    return figure


def _pseudodata_numbers(fits: Sequence[LabelledFit]) -> dict[str, NDArray[np.generic]]:
    """Return the chi2 per point of each replica to its pseudodata."""
    return columns_by_replica(
        fits,
        lambda fit: {"training": fit.training.training_chi2, "validation": fit.training.validation_chi2},
    )
