"""Figures with one look: colours, fonts, margins, and the labels of logarithmic axes."""

from __future__ import annotations

import math
from io import BytesIO
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#aa4499", "#56b4e9"
INK, MUTED, PALE = "#1f2933", "#7b8794", "#d9e0e7"
"""The colours of Okabe and Ito, told apart by everyone, and three greys."""
FIT_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
"""Colours of the fits of a page, in their order; further fits start again."""
FIT_MARKERS = ("o", "s", "^", "D", "v", "P")
"""Marks of the fits, for those who do not see the colours."""

_STYLE: MappingProxyType[str, Any] = MappingProxyType(
    {
        "font.size": 10.5,
        "axes.edgecolor": MUTED,
        "axes.labelcolor": INK,
        "axes.titlesize": 11,
        "axes.titleweight": "semibold",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": "#e8edf2",
        "grid.linewidth": 0.7,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "text.color": INK,
        "legend.framealpha": 0.85,
        "legend.edgecolor": "none",
        "legend.fontsize": 9.5,
        "lines.linewidth": 1.6,
        "mathtext.fontset": "dejavusans",
        "svg.fonttype": "path",
        "svg.hashsalt": "n3fit",
    }
)
_DOTS_PER_INCH = 130
_WITHIN_A_DECADE = (1.0, 2.0, 3.0, 4.0, 5.0, 7.0)
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class ShownFigure(Figure):
    """A figure that notebooks show by themselves, without pyplot."""

    def _repr_png_(self) -> bytes:
        stream = BytesIO()
        self.savefig(stream, format="png", dpi=_DOTS_PER_INCH)
        return stream.getvalue()


def look() -> Any:
    """Give the context in which figures are made, so that all of them look alike; it ends without a trace."""
    style: Any = dict(_STYLE)  # matplotlib's types want every key spelt out in the annotation
    return mpl.rc_context(style)


def new_figure(
    width: float = 5.4,
    height: float = 3.7,
    *,
    left: float = 0.72,
    right: float = 0.2,
    bottom: float = 0.56,
    top: float = 0.3,
) -> Figure:
    """Make a figure; not through pyplot, which keeps figures in global state. All lengths in inches.

    The margins are fixed: the axes of all figures line up, and no layout needs to be sought.
    """
    figure = ShownFigure(figsize=(width, height))
    figure.subplots_adjust(left=left / width, right=1 - right / width, bottom=bottom / height, top=1 - top / height)
    return figure


def label_logarithmic(axis: Axis, low: float, high: float) -> None:
    """Label a logarithmic axis from ``low`` to ``high``, in plain text: formulas cost time.

    Powers of ten for a wide range; numbers at 1, 2 and 5 for less than two decades, and more for less than one.
    """
    narrow = high < 100 * low
    between = _WITHIN_A_DECADE if high < 8 * low else (1.0, 2.0, 5.0)
    axis.set_major_locator(LogLocator(subs=between if narrow else (1.0,)))
    axis.set_major_formatter(FuncFormatter(_plain_number if narrow else _power_of_ten))
    axis.set_minor_formatter(NullFormatter())


def _plain_number(value: float, _position: int | None = None) -> str:
    return f"{value:g}"


def _power_of_ten(value: float, _position: int | None = None) -> str:
    exponent = round(math.log10(value)) if value > 0 else 0
    return "1" if exponent == 0 else "10" + str(exponent).translate(_SUPERSCRIPTS)
