"""Values of the curves and points of a figure as JSON, with the places of panels and legend entries in its image.

Numbers are written in three bytes: the upper three of the four of a float32, which is a precision of 1.5e-5,
in base64. Places are fractions of the image, from its upper left corner.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text
from numpy.typing import ArrayLike

from n3fit.report.drawn_curves import DrawnCurve, DrawnPoints, tagged_series
from n3fit.report.style import NotebookFigure
from n3fit.typing import Floats

_POINTS_PER_INCH = 72
_DIGITS = 4
"""Digits of places: a tenth of a pixel."""
_SCALES = {"function": "both"}
"""Names of scales on the page: that of x which is logarithmic below 0.1 and linear above."""


def figure_values(figure: Figure) -> str:
    """Return the values of what a figure has drawn as JSON; empty if it has no curves or points of a series."""
    if not isinstance(figure, NotebookFigure) or not figure.drawn:
        return ""
    panels: dict[Axes, list[DrawnCurve | DrawnPoints]] = {}
    for drawn in figure.drawn:
        panels.setdefault(drawn.axes, []).append(drawn)
    content = {
        "series": _series(figure),
        "panels": [_panel(axes, drawn) for axes, drawn in panels.items()],
    }
    return json.dumps(content, separators=(",", ":"))


def encode_numbers(values: ArrayLike) -> str:
    """Return numbers (n,) in three bytes each, as base64."""
    with np.errstate(over="ignore"):
        words = np.asarray(values, dtype=np.float64).astype(">f4").view(">u4").astype(np.uint32)
    rounded = np.minimum(words & 0x7FFFFFFF, 0x7FFFFF00 - 0x80) + 0x80 | (words & 0x80000000)
    return b64encode(rounded.astype(">u4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()).decode()


def decode_numbers(text: str) -> Floats:
    """Return the numbers (n,) of :func:`encode_numbers`."""
    upper = np.frombuffer(b64decode(text), dtype=np.uint8).reshape(-1, 3)
    return np.pad(upper, ((0, 0), (0, 1))).view(">f4")[:, 0].astype(np.float64)


def _series(figure: NotebookFigure) -> list[dict[str, Any]]:
    """Return label, colour, legend entry and number of members of each series, in the order of their numbers."""
    first = {drawn.series: drawn for drawn in reversed(figure.drawn)}
    keys = dict(_legend_boxes(figure))
    members = [tagged_series(line, "members") for axes in figure.axes for line in axes.lines]
    return [
        {
            "label": first[number].label,
            "colour": first[number].colour,
            "key": keys.get(number),
            "members": members.count(number),
        }
        for number in range(len(first))
    ]


def _panel(axes: Axes, drawn: Sequence[DrawnCurve | DrawnPoints]) -> dict[str, Any]:
    """Return place and axes of a panel, its curves, which must have the same x, and its points.

    Raises
    ------
    ValueError
        Their points differ.
    """
    curves = [entry for entry in drawn if isinstance(entry, DrawnCurve)]
    x = curves[0].x if curves else np.empty(0)
    if not all(np.array_equal(curve.x, x) for curve in curves):
        raise ValueError("curves of a panel must have the same points")
    left, bottom, width, height = axes.get_position().bounds
    return {
        "box": _rounded(left, 1 - bottom - height, width, height),
        "name": axes.xaxis.get_label_text().replace("$", "") or "x",
        "x": [_SCALES.get(axes.get_xscale(), axes.get_xscale()), *axes.get_xlim()],
        "y": [axes.get_yscale(), *axes.get_ylim()],
        "points": encode_numbers(x),
        "curves": [_curve(curve) for curve in curves],
        "dots": [_dots(entry) for entry in drawn if isinstance(entry, DrawnPoints)],
    }


def _dots(points: DrawnPoints) -> dict[str, Any]:
    return {
        "series": points.series,
        "x": encode_numbers(points.x),
        "y": encode_numbers(points.y),
        "texts": list(points.texts),
    }


def _curve(curve: DrawnCurve) -> dict[str, Any]:
    columns = {"central": curve.central, "low": curve.low, "high": curve.high}
    content: dict[str, Any] = {"series": curve.series}
    content |= {name: encode_numbers(values) for name, values in columns.items() if values is not None}
    if curve.members is not None:
        content["members"] = [encode_numbers(values) for values in curve.members]
    return content


def _legend_boxes(figure: Figure) -> Iterator[tuple[int, list[float]]]:
    """Yield the number of a series and the place of its legend entry."""
    legends = [*figure.legends, *(legend for axes in figure.axes if (legend := axes.get_legend()) is not None)]
    for legend in legends:
        for text in legend.get_texts():
            number = tagged_series(text, "key")
            if number is not None:
                yield number, _entry_box(figure, legend, text)


def _entry_box(figure: Figure, legend: Legend, text: Text) -> list[float]:
    """Return the place of a legend entry: its text, and the line to the left of it."""
    width, height = figure.get_size_inches() * _POINTS_PER_INCH
    extent = text.get_window_extent(dpi=_POINTS_PER_INCH)
    left = extent.x0 - (legend.handlelength + legend.handletextpad) * float(text.get_fontsize())
    return _rounded(left / width, 1 - extent.y1 / height, (extent.x1 - left) / width, extent.height / height)


def _rounded(*fractions: float) -> list[float]:
    return [round(float(fraction), _DIGITS) for fraction in fractions]
