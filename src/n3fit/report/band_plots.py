"""Figures of bands of one or several ensembles: the quantity above, its ratio to a reference below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from n3fit.ensembles.bands import Band
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.report.axes import XScale, add_note, label_logarithmic, x_points
from n3fit.report.curve_records import record_curve, record_legend
from n3fit.report.drawn_curves import DrawnCurve
from n3fit.report.style import FIT_COLOURS, INK, MUTED, new_figure
from n3fit.typing import Floats

EnsembleT = TypeVar("EnsembleT")

_SMALLEST_DENOMINATOR = 5e-3  # closer to a zero crossing ratios are meaningless
_LEGEND_ROW = 0.2  # inches
_LONGEST_LABEL, _LONGEST_IN_TWO_COLUMNS = 36, 22  # letters
_NARROWEST, _WIDEST = 0.03, 1.5  # half the range of ratios


@dataclass(frozen=True, eq=False)
class Curve:
    """One ensemble of a figure.

    Parameters
    ----------
    label : str
    band : Band
        (n,) each, at the points of the figure; nan where the ensemble has no values.
    colour : str
    reference : bool
        The ensemble is drawn with dashes, as the one with which the others are compared.
    members : (R, n), optional
        Drawn as thin lines.
    kept_members : (R, n), optional
        Not drawn; the page shows them on demand.
    """

    label: str
    band: Band
    colour: str
    reference: bool = False
    members: Floats | None = None
    kept_members: Floats | None = None


def with_reference(
    ensembles: Sequence[EnsembleT], reference: EnsembleT | None
) -> tuple[list[EnsembleT], int | None, list[str]]:
    """Return the ensembles of a figure, the index of the reference among them, and their colours.

    The reference is appended unless it is among ``ensembles``; it is grey, so that the others have the colours that
    they have without it.
    """
    shown = [*ensembles] if reference is None or reference in ensembles else [*ensembles, reference]
    colours = [FIT_COLOURS[index % len(FIT_COLOURS)] for index in range(len(shown))]
    if reference is None:
        return shown, None, colours
    index = shown.index(reference)
    colours.insert(index, MUTED)
    return shown, index, colours[: len(shown)]


def common_points(ensembles: Sequence[EnsembleOnGrid], xscale: XScale) -> Floats:
    """Return the points (n,) in x of a figure that are within the grids of all ensembles."""
    x = x_points(xscale)
    return x[x >= max(float(ensemble.x[0]) for ensemble in ensembles)]


def draw_bands(
    points: Floats,
    curves: Sequence[Curve],
    *,
    framed: NDArray[np.bool_],
    set_axis: Callable[[Axes], None],
    label: str,
    note: str,
    denominator: Curve | None,
    logarithmic: bool = False,
    framed_above: NDArray[np.bool_] | None = None,
) -> Figure:
    """Draw a figure of one or, with a denominator, two panels.

    Parameters
    ----------
    points : (n,)
        Positions on the horizontal axis.
    curves : sequence of Curve
    framed : (n,) bool
        The points whose values determine the range of the vertical axes.
    set_axis : callable
        Sets scale, limits, ticks and label of the horizontal axis of an ``Axes``.
    label : str
        Label of the vertical axis.
    note : str
        Text above the right end, such as the scale.
    denominator : Curve, optional
        Divisor of the lower panel.
    logarithmic : bool
        Scale of the upper vertical axis.
    framed_above : (n,) bool, optional
        Replaces ``framed`` in the upper panel.
    """
    columns = 2 if max(len(curve.label) for curve in curves) <= _LONGEST_IN_TWO_COLUMNS else 1
    rows = 0 if len(curves) == 1 else -(-len(curves) // columns)  # a single label is at the height of the note
    height = (4.7 if denominator else 3.7) + _LEGEND_ROW * rows
    figure = new_figure(5.4, height, left=0.78, top=0.3 + _LEGEND_ROW * rows)
    if denominator:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2.1, 1), gridspec_kw={"hspace": 0.08})
    else:
        upper = figure.subplots()
    lines = [_draw(upper, points, curve, number) for number, curve in enumerate(curves)]
    _set_range(upper, curves, framed if framed_above is None else framed_above, logarithmic=logarithmic)
    set_axis(lower if denominator else upper)  # which is shared
    upper.set_ylabel(label)
    add_note(upper, note)
    _add_legend(figure, upper, lines, [curve.label for curve in curves], columns=columns)
    if denominator:
        ratios = [ratio_of(curve.band, denominator.band.central, framed) for curve in curves]
        _draw_ratios(lower, points, curves, ratios, framed)
        upper.tick_params(labelbottom=False)
        figure.align_ylabels([upper, lower])
    return figure


def ratio_of(band: Band, denominator: Floats, framed: NDArray[np.bool_]) -> Band:
    """Divide a band by (n,) values.

    The result is nan beyond the framed points on the right, and where the values are close to zero compared with the
    largest framed value further to the right: distributions may fall towards the right by any factor.
    """
    size = np.where(framed & np.isfinite(denominator), np.abs(denominator), 0.0)
    largest_to_the_right = np.maximum.accumulate(size[::-1])[::-1]
    usable = (np.abs(denominator) > _SMALLEST_DENOMINATOR * largest_to_the_right) & (largest_to_the_right > 0)
    divisor = np.where(usable, denominator, np.nan)
    low, high = band.low / divisor, band.high / divisor
    return Band(band.central / divisor, np.minimum(low, high), np.maximum(low, high), band.deviation / np.abs(divisor))


def band_numbers(
    name: str, points: Floats, curves: Sequence[Curve], denominator: Curve, framed: NDArray[np.bool_]
) -> dict[str, NDArray[np.generic]]:
    """Return the numbers of a figure: one row for each curve and point; ``name`` is that of the points."""
    bands = [curve.band for curve in curves]
    ratios = [ratio_of(band, denominator.band.central, framed) for band in bands]
    return {
        "ensemble": np.repeat([curve.label for curve in curves], len(points)),
        name: np.tile(points, len(curves)),
        **_band_columns(bands),
        **{f"ratio {column}": values for column, values in _band_columns(ratios).items()},
    }


def _band_columns(bands: Sequence[Band]) -> dict[str, NDArray[np.generic]]:
    names = ("central", "low", "high", "deviation")
    return {name: np.concatenate([getattr(band, name) for band in bands]) for name in names}


def _add_legend(figure: Figure, axes: Axes, lines: Sequence[Line2D], labels: Sequence[str], *, columns: int) -> None:
    """Write the labels above the panel, where they cover no curve."""
    shown = [label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…" for label in labels]
    legend = axes.legend(
        lines,
        [label.replace("$", r"\$") for label in shown],
        loc="upper left",
        bbox_to_anchor=(axes.get_position().x0, 1.0 - 0.06 / figure.get_figheight()),
        bbox_transform=figure.transFigure,
        ncols=columns,
        borderpad=0,
        borderaxespad=0,
        labelspacing=0.25,
        handlelength=1.6,
        columnspacing=1.2,
        frameon=False,
    )
    record_legend(legend, range(len(lines)))


def _draw(axes: Axes, points: Floats, curve: Curve, number: int) -> Line2D:
    """Draw one ensemble, the series of that number, and return its central line."""
    band, front = curve.band, 2 if curve.reference else 3
    colour = INK if curve.reference else curve.colour
    artists: list[Artist] = []
    has_band = bool((band.high > band.low).any())
    if has_band:
        artists.append(axes.fill_between(points, band.low, band.high, color=curve.colour, alpha=0.25, linewidth=0,
                                         zorder=front - 0.5))  # fmt: skip
    members: list[Line2D] = []
    if curve.members is not None:
        members = axes.plot(points, curve.members.T, color=colour, linewidth=0.5, alpha=0.3, zorder=1)
    (line,) = axes.plot(
        points,
        band.central,
        color=colour,
        linestyle=(0, (4, 2)) if curve.reference else "-",
        linewidth=1.2 if curve.reference else 1.6,
        label=curve.label,
        zorder=front,
    )
    edges = {"low": band.low, "high": band.high} if has_band else {}
    values = DrawnCurve(axes, number, curve.label, colour, points, band.central, **edges, members=curve.kept_members)
    record_curve(values, [*artists, line], members)
    return line


def _draw_ratios(
    axes: Axes, points: Floats, curves: Sequence[Curve], ratios: Sequence[Band], framed: NDArray[np.bool_]
) -> None:
    largest = 0.0
    for number, (curve, ratio) in enumerate(zip(curves, ratios, strict=True)):
        _draw(axes, points, Curve(curve.label, ratio, curve.colour, curve.reference), number)
        edges = np.concatenate([ratio.low[framed], ratio.high[framed]])
        edges = np.abs(edges[np.isfinite(edges)] - 1.0)
        largest = max(largest, float(np.percentile(edges, 92)) if edges.size else 0.0)
    axes.axhline(1, color=MUTED, linewidth=0.8, zorder=0)
    half = min(max(1.3 * largest, _NARROWEST), _WIDEST)
    axes.set_ylim(1 - half, 1 + half)
    axes.set_ylabel("ratio")


def _set_range(axes: Axes, curves: Sequence[Curve], framed: NDArray[np.bool_], *, logarithmic: bool) -> None:
    """Set the range of the vertical axis to that of the bands at the framed points."""
    edges = np.concatenate([edge[framed] for curve in curves for edge in (curve.band.low, curve.band.high)])
    edges = edges[np.isfinite(edges)]
    if logarithmic:
        axes.set_yscale("log")
        positive = edges[edges > 0]
        if positive.size:
            low, high = float(positive.min() / 2), float(positive.max() * 3)
            axes.set_ylim(low, high)
            label_logarithmic(axes.yaxis, low, high)
        return
    bottom, top = (min(0.0, float(edges.min())), max(0.0, float(edges.max()))) if edges.size else (0.0, 1.0)
    span = top - bottom or 1.0
    axes.set_ylim(bottom - 0.06 * span, top + 0.16 * span)
    axes.axhline(0, color=MUTED, linewidth=0.8, zorder=0)
