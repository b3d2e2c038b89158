"""From figures to what the page and the folder beside it hold: a picture, a PDF and the numbers as CSV."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import quote

from PIL import Image

from n3fit.progress import ProgressReporter
from n3fit.report.compact_svg import compact_svg
from n3fit.report.figures import PlottedFigure, numbers_to_csv
from n3fit.report.pictures import look

_DOTS_PER_INCH = 130
_CSS_PER_INCH = 96
_COLOURS = 256


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
            uri = _png_uri(_save(plotted, "png", {"Software": None}))
        else:
            uri = _svg_uri(compact_svg(_save(plotted, "svg", {"Date": None, "Creator": None}).decode()))
        pdf = _save(plotted, "pdf", {"CreationDate": None, "Title": plotted.title})
    return RenderedFigure(uri=uri, width=round(width), height=round(height), pdf=pdf, csv=numbers_to_csv(plotted))


def render_figures(figures: Sequence[PlottedFigure], *, progress: ProgressReporter) -> dict[str, RenderedFigure]:
    """Render figures with different names; give what became of each by its name.

    Parameters
    ----------
    figures : sequence of PlottedFigure
    progress : ProgressReporter

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
        progress.step("figures", number, len(figures))
    return rendered


def _save(plotted: PlottedFigure, kind: str, metadata: dict[str, Any]) -> bytes:
    stream = BytesIO()
    plotted.figure.savefig(stream, format=kind, metadata=metadata, dpi=_DOTS_PER_INCH)
    return stream.getvalue()


def _svg_uri(svg: str) -> str:
    """Give the picture as a data URI with its text as it is, which is shorter than base64."""
    return "data:image/svg+xml," + quote(svg.replace('"', "'"), safe=" !$&'()*+,-./:;<=>?@[]^_`{|}~")


def _png_uri(png: bytes) -> str:
    """Give the picture as a data URI, with a palette in place of full colours: a third of the bytes."""
    stream = BytesIO()
    with Image.open(BytesIO(png)) as image:
        image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(stream, format="png", optimize=True)
    return f"data:image/png;base64,{b64encode(stream.getvalue()).decode()}"
