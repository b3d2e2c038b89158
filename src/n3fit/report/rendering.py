"""From figures to what the page and the folder beside it hold: a picture, a PDF and the numbers as CSV."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from n3fit.report.figures import PlottedFigure, numbers_to_csv
from n3fit.report.pictures import look

_DOTS_PER_INCH = 130
_CSS_PER_INCH = 96


@dataclass(frozen=True)
class RenderedFigure:
    """A figure as bytes.

    Parameters
    ----------
    uri : str
        The picture as a data URI.
    width, height : int
        Its size in CSS pixels.
    pdf : bytes
    csv : str
    """

    uri: str
    width: int
    height: int
    pdf: bytes
    csv: str


def render_figure(plotted: PlottedFigure) -> RenderedFigure:
    """Render a figure; the same figure gives the same bytes."""
    width, height = plotted.figure.get_size_inches() * _CSS_PER_INCH
    with look():
        if plotted.raster:
            uri = _data_uri("image/png", _save(plotted, "png", {"Software": None}))
        else:
            uri = _data_uri("image/svg+xml", _smaller(_save(plotted, "svg", {"Date": None, "Creator": None})))
        pdf = _save(plotted, "pdf", {"CreationDate": None, "Title": plotted.title})
    return RenderedFigure(uri=uri, width=round(width), height=round(height), pdf=pdf, csv=numbers_to_csv(plotted))


def render_figures(
    figures: Sequence[PlottedFigure], *, progress: Callable[[str, int, int], None]
) -> dict[str, RenderedFigure]:
    """Render figures with different names; give what became of each by its name.

    Parameters
    ----------
    figures : sequence of PlottedFigure
    progress : callable
        Called with a word, and how many of how many are done.

    Raises
    ------
    ValueError
        Two figures have the same name.
    """
    rendered: dict[str, RenderedFigure] = {}
    for number, plotted in enumerate(figures, start=1):
        if plotted.name in rendered:
            raise ValueError(f"two figures of the name {plotted.name!r}")
        rendered[plotted.name] = render_figure(plotted)
        progress("figures", number, len(figures))
    return rendered


def _save(plotted: PlottedFigure, kind: str, metadata: dict[str, Any]) -> bytes:
    stream = BytesIO()
    plotted.figure.savefig(stream, format=kind, metadata=metadata, dpi=_DOTS_PER_INCH)
    return stream.getvalue()


def _data_uri(mime: str, content: bytes) -> str:
    return f"data:{mime};base64,{b64encode(content).decode()}"


def _smaller(svg: bytes) -> bytes:
    """Round the corners of lines to a hundredth of a point and drop indentation and comments: a third of the size."""
    text = re.sub(r"<!--.*?-->|^\s+", "", svg.decode(), flags=re.MULTILINE)
    return re.sub(r"([ML]) (-?\d+\.\d+) (-?\d+\.\d+)", _rounded, text).encode()


def _rounded(corner: re.Match[str]) -> str:
    return f"{corner[1]}{float(corner[2]):.2f} {float(corner[3]):.2f}"
