"""Records of what is drawn, by which the page hides series and names values at a pointer."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.legend import Legend

from n3fit.report.drawn_curves import DrawnCurve, DrawnPoints, tag
from n3fit.report.style import NotebookFigure


def record_curve(curve: DrawnCurve, artists: Sequence[Artist], members: Sequence[Artist] = ()) -> None:
    """Add a curve to those of its figure, and mark its artists, among them the lines of its members."""
    figure = curve.axes.figure
    if isinstance(figure, NotebookFigure):
        figure.drawn.append(curve)
    for artist in artists:
        tag(artist, "curve", curve.series)
    for artist in members:
        tag(artist, "members", curve.series)


def record_points(points: DrawnPoints, artists: Sequence[Artist]) -> None:
    """Add points to what their figure has drawn, and mark their artists."""
    figure = points.axes.figure
    if isinstance(figure, NotebookFigure):
        figure.drawn.append(points)
    for artist in artists:
        tag(artist, "curve", points.series)


def record_legend(legend: Legend, series: Sequence[int | None]) -> None:
    """Mark the entries of a legend with the numbers of the series that they name, None for others."""
    for number, handle, text in zip(series, legend.legend_handles, legend.get_texts(), strict=True):
        if number is None:
            continue
        if handle is not None:
            tag(handle, "key", number)
        tag(text, "key", number)
