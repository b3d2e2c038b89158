"""Figures with one look, as pictures inside a page."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from types import MappingProxyType
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#aa4499", "#56b4e9"
INK, MUTED, PALE = "#1f2933", "#7b8794", "#d9e0e7"
"""The colours of Okabe and Ito, told apart by everyone, and three greys."""

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
        "legend.frameon": False,
        "legend.fontsize": 9.5,
        "lines.linewidth": 1.6,
        "mathtext.fontset": "dejavusans",
        "svg.fonttype": "path",
        "svg.hashsalt": "n3fit",
    }
)
_DOTS_PER_INCH = 170
_CSS_PER_INCH = 96


@dataclass(frozen=True)
class Picture:
    """An image as a data URI, its words, and its size in CSS pixels."""

    uri: str
    alt: str
    caption: str
    width: int
    height: int


def look() -> Any:
    """Give the context in which figures are made, so that all of them look alike; it ends without a trace."""
    style: Any = dict(_STYLE)  # matplotlib's types want every key spelt out in the annotation
    return mpl.rc_context(style)


def new_figure(width: float = 5.4, height: float = 3.7) -> Figure:
    """Make a figure, in inches; not through pyplot, which keeps figures in global state."""
    return Figure(figsize=(width, height), layout="constrained")


def to_picture(figure: Figure, *, alt: str, caption: str = "", kind: Literal["svg", "png"] = "svg") -> Picture:
    """Turn a figure into a picture; PNG for those of many points. The same figure gives the same bytes."""
    stream = BytesIO()
    metadata: dict[str, Any] = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    figure.savefig(stream, format=kind, metadata=metadata, dpi=_DOTS_PER_INCH)
    content = b64encode(stream.getvalue()).decode()
    mime = "image/svg+xml" if kind == "svg" else "image/png"
    width, height = figure.get_size_inches() * _CSS_PER_INCH
    return Picture(
        uri=f"data:{mime};base64,{content}", alt=alt, caption=caption, width=round(width), height=round(height)
    )
