"""SVG and PDF of a figure from one drawing: computing where ticks, labels and curves are takes most of the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, StringIO
from typing import Any

from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends import backend_mixed, backend_pdf, backend_svg
from matplotlib.figure import Figure

_POINTS_PER_INCH = 72
_mixed: Any = backend_mixed  # these modules of matplotlib have no types
_pdf: Any = backend_pdf
_svg: Any = backend_svg


def save_svg_and_pdf(figure: Figure, *, title: str, dots_per_inch: float) -> tuple[str, bytes]:
    """Return a figure as SVG and as PDF; the same figure always results in the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    title : str
        Title of the PDF.
    dots_per_inch : float
        Resolution of images within the figure.
    """
    width, height = figure.get_size_inches()
    svg_stream, pdf_stream = StringIO(), BytesIO()
    with _resolution(figure, _POINTS_PER_INCH):
        file = _pdf.PdfFile(pdf_stream, metadata={"CreationDate": None, "Title": title})
        try:
            file.newPage(width, height)
            pdf = _pdf.RendererPdf(file, dots_per_inch, height, width)
            svg = _svg.RendererSVG(
                width * _POINTS_PER_INCH,
                height * _POINTS_PER_INCH,
                svg_stream,
                image_dpi=dots_per_inch,
                metadata={"Date": None, "Creator": None},
            )
            both = _BothRenderers(svg, pdf)
            figure.draw(
                _mixed.MixedModeRenderer(figure, width, height, dots_per_inch, both)
            )  # colour bars become images
            svg.finalize()
            pdf.finalize()
            file.finalize()
        finally:
            file.close()
    return svg_stream.getvalue(), pdf_stream.getvalue()


@contextmanager
def _resolution(figure: Figure, dots_per_inch: float) -> Iterator[None]:
    before = figure.dpi
    figure.dpi = dots_per_inch
    try:
        yield
    finally:
        figure.dpi = before


class _BothRenderers(RendererBase):
    """A renderer that passes each drawing on to two others, both with 72 dots per inch.

    Texts have the sizes of the SVG: those of the PDF alone would differ by half a point at most. The graphics contexts
    are those of the PDF, of which the SVG uses what all contexts have; the SVG comes first since the PDF may change
    them.
    """

    def __init__(self, svg: Any, pdf: Any) -> None:
        super().__init__()
        self._svg, self._pdf = svg, pdf
        self._height = svg.get_canvas_width_height()[1]

    def new_gc(self) -> GraphicsContextBase:
        return self._pdf.new_gc()

    def flipy(self) -> bool:
        """Return whether texts are placed from the top; those of the SVG are, see :meth:`draw_text`."""
        return False

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self._svg.get_canvas_width_height()

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> tuple[float, float, float]:
        return self._svg.get_text_width_height_descent(s, prop, ismath)

    def get_image_magnification(self) -> float:
        return self._svg.get_image_magnification()

    def option_image_nocomposite(self) -> bool:
        return self._svg.option_image_nocomposite()

    def option_scale_image(self) -> bool:
        return self._svg.option_scale_image()

    def open_group(self, s: str, gid: str | None = None) -> None:
        self._svg.open_group(s, gid)
        self._pdf.open_group(s, gid)

    def close_group(self, s: str) -> None:
        self._svg.close_group(s)
        self._pdf.close_group(s)

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:
        self._svg.draw_path(gc, path, transform, rgbFace)
        self._pdf.draw_path(gc, path, transform, rgbFace)

    def draw_markers(self, gc: Any, *args: Any, **kwargs: Any) -> None:
        self._svg.draw_markers(gc, *args, **kwargs)
        self._pdf.draw_markers(gc, *args, **kwargs)

    def draw_path_collection(self, gc: Any, *args: Any, **kwargs: Any) -> None:
        self._svg.draw_path_collection(gc, *args, **kwargs)
        self._pdf.draw_path_collection(gc, *args, **kwargs)

    def draw_quad_mesh(self, gc: Any, *args: Any, **kwargs: Any) -> None:
        self._svg.draw_quad_mesh(gc, *args, **kwargs)
        self._pdf.draw_quad_mesh(gc, *args, **kwargs)

    def draw_image(self, gc: Any, x: float, y: float, im: Any, transform: Any = None) -> None:
        self._svg.draw_image(gc, x, y, im, transform)
        self._pdf.draw_image(gc, x, y, im, transform)

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False, mtext: Any = None
    ) -> None:
        self._svg.draw_text(gc, x, self._height - y, s, prop, angle, ismath=ismath, mtext=mtext)
        self._pdf.draw_text(gc, x, y, s, prop, angle, ismath=ismath, mtext=mtext)
