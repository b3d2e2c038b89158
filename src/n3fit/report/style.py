"""Style of all figures: colours, markers, fonts and margins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from n3fit.report.drawn_curves import DrawnCurve, DrawnPoints

BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#aa4499", "#56b4e9"
"""Colours of Okabe and Ito, which remain distinct with any form of colour blindness."""
INK, MUTED, PALE = "#1f2933", "#7b8794", "#d9e0e7"
"""Three greys, from dark to light."""
FIT_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
"""Colours of the fits of a page, in their order; further fits start again."""
FIT_MARKERS = ("o", "s", "^", "D", "v", "P")
"""Markers of the fits of a page, in the same order."""
DOTS_PER_INCH = 130
"""Resolution of raster images."""

_STYLE: MappingProxyType[str, Any] = MappingProxyType(
    {
        "font.size": 10.5,
        "axes.edgecolor": MUTED,
        "axes.labelcolor": INK,
        "axes.titlesize": 11,
        "axes.titleweight": "semibold",
        "axes.titley": 1.0,  # else the place above all ticks is computed in each drawing
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


class NotebookFigure(Figure):
    """A figure that notebooks display without pyplot, with the curves and points that were drawn in it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.drawn: list[DrawnCurve | DrawnPoints] = []

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG."""
        stream = BytesIO()
        self.savefig(stream, format="png", dpi=DOTS_PER_INCH)
        return stream.getvalue()


@contextmanager
def plot_style() -> Iterator[None]:
    """Set the style in which figures are drawn and saved, and restore the settings of matplotlib at the end.

    The settings of the user have no effect within: LaTeX, for one, would fail on the underscores of data sets.
    """
    style: Any = dict(_STYLE)  # matplotlib's types require every key to be written out in the annotation
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(style)
        yield


def new_figure(
    width: float = 5.4,
    height: float = 3.7,
    *,
    left: float = 0.72,
    right: float = 0.2,
    bottom: float = 0.56,
    top: float = 0.3,
) -> Figure:
    """Return an empty figure, without pyplot and its global list of figures; all lengths in inches.

    The margins are fixed: the axes of all figures line up, and no layout has to be computed.
    """
    figure = NotebookFigure(figsize=(width, height))
    figure.subplots_adjust(left=left / width, right=1 - right / width, bottom=bottom / height, top=1 - top / height)
    return figure
