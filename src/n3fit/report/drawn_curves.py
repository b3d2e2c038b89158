"""Curves and points of a figure with their values, and the names of the artists of a series in its SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from n3fit.typing import Floats

Part = Literal["curve", "members", "key"]

CLASSES: dict[Part, str] = {"curve": "s", "members": "r", "key": "k"}
"""First letter of the class that the artists of a part have in the SVG; the number of the series follows."""
TAG = "n3fit-"
"""Start of the names of groups that become classes, see :func:`n3fit.report.compact_svg.compact_svg`."""


@dataclass(frozen=True, eq=False)
class DrawnCurve:
    """The values of one series in one panel.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    series : int
        Number of the series, the same in all panels of the figure.
    label, colour : str
    x, central : (n,)
        Points and values; the latter nan where nothing is drawn.
    low, high : (n,), optional
        The band.
    members : (R, n), optional
        Members that the image does not show.
    """

    axes: Axes
    series: int
    label: str
    colour: str
    x: Floats
    central: Floats
    low: Floats | None = None
    high: Floats | None = None
    members: Floats | None = None


@dataclass(frozen=True, eq=False)
class DrawnPoints:
    """The points of one series in one panel, each with a text.

    Parameters
    ----------
    axes, series, label, colour
        See :class:`DrawnCurve`.
    x, y : (n,)
    texts : sequence of n str
        What the page says at a point: the first line is its name, the others its values.
    """

    axes: Axes
    series: int
    label: str
    colour: str
    x: Floats
    y: Floats
    texts: Sequence[str]


def tagged_series(artist: Artist, part: Part) -> int | None:
    """Return the series of which an artist is a part, None for other artists."""
    start = f"{TAG}{CLASSES[part]}"
    name = artist.get_gid() or ""
    return int(name.removeprefix(start)) if name.startswith(start) else None


def tag(artist: Artist, part: Part, series: int) -> None:
    """Mark an artist as a part of a series."""
    artist.set_gid(f"{TAG}{CLASSES[part]}{series}")
