"""Files of figures: the image on the page as a data URI, and PDF and CSV beside the page."""

from __future__ import annotations

import csv
from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from n3fit.report.compact_svg import compact_svg
from n3fit.report.figure_values import figure_values
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.style import DOTS_PER_INCH, plot_style
from n3fit.report.vector_images import save_svg_and_pdf
from n3fit.storage import write_atomically

_CSS_PER_INCH = 96
_PALETTE_SIZE = 256
_FORMULA_STARTS = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True)
class FigureFiles:
    """The files of one figure.

    Parameters
    ----------
    uri : str
        The image as a data URI, SVG or PNG.
    width, height : int
        Size of the image in CSS pixels.
    pdf : bytes
    csv : str
    values : str
        Values of the curves as JSON, see :mod:`n3fit.report.figure_values`; empty for a figure without curves, and
        for images that consist of pixels.
    """

    uri: str
    width: int
    height: int
    pdf: bytes
    csv: str
    values: str = ""


def render_figure(plotted: PlottedFigure) -> FigureFiles:
    """Render a figure; the same figure always results in the same bytes."""
    figure = plotted.figure
    width, height = figure.get_size_inches() * _CSS_PER_INCH
    values = ""
    with plot_style():
        if plotted.raster:
            uri = _png_uri(_save(figure, "png", {"Software": None}))
            pdf = _save(figure, "pdf", {"CreationDate": None, "Title": plotted.title})
        else:
            svg, pdf = save_svg_and_pdf(figure, title=plotted.title, dots_per_inch=DOTS_PER_INCH)
            uri = _svg_uri(compact_svg(svg))
            values = figure_values(figure)
    csv_text = numbers_to_csv(plotted)
    return FigureFiles(uri=uri, width=round(width), height=round(height), pdf=pdf, csv=csv_text, values=values)


def save_figure(plotted: PlottedFigure, path: Path) -> None:
    """Write a figure to a file whose suffix is ``.svg``, ``.png`` or ``.pdf``; the same figure, the same bytes."""
    kind = path.suffix.lower().removeprefix(".")
    metadata = {"svg": {"Date": None}, "png": {"Software": None}, "pdf": {"CreationDate": None}}[kind]
    figure = plotted.figure
    with plot_style():
        write_atomically(path, _save(figure, kind, dict(metadata)))


def numbers_to_csv(plotted: PlottedFigure) -> str:
    """Return the numbers of a figure as CSV with all digits, so that reading them restores the same floats.

    Text that a spreadsheet would interpret as a formula is preceded by a space.
    """
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(plotted.numbers)
    columns = [np.asarray(values).tolist() for values in plotted.numbers.values()]
    for row in zip(*columns, strict=True):
        writer.writerow([_cell(value) for value in row])
    return stream.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return f" {value}" if value.startswith(_FORMULA_STARTS) else value
    return repr(value)


def _save(figure: Figure, kind: str, metadata: dict[str, Any]) -> bytes:
    stream = BytesIO()
    figure.savefig(stream, format=kind, metadata=metadata, dpi=DOTS_PER_INCH)
    return stream.getvalue()


def _svg_uri(svg: str) -> str:
    """Return an SVG image as a data URI of text, which is shorter than base64."""
    return "data:image/svg+xml," + quote(svg.replace('"', "'"), safe=" !$&'()*+,-./:;<=>?@[]^_`{|}~")


def _png_uri(png: bytes) -> str:
    """Return a PNG image as a data URI, with a palette in place of full colours: a third of the bytes."""
    stream = BytesIO()
    with Image.open(BytesIO(png)) as image:
        image.convert("RGB").quantize(_PALETTE_SIZE, dither=Image.Dither.NONE).save(stream, format="png", optimize=True)
    return f"data:image/png;base64,{b64encode(stream.getvalue()).decode()}"
