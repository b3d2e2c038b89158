import re
import zlib
from io import StringIO

import numpy as np
from matplotlib.figure import Figure

from n3fit.report.style import DOTS_PER_INCH, new_figure, plot_style
from n3fit.report.vector_images import save_svg_and_pdf


def draw() -> Figure:
    """A figure with each kind of element that the figures of the report have."""
    figure = new_figure(5.0, 4.0)
    axes = figure.subplots()
    x = np.linspace(0.1, 1.0, 20)
    axes.fill_between(x, x, x + 1, color="#0072b2", alpha=0.25)
    axes.errorbar(x, x**2, yerr=0.1, fmt="o", label="$\\chi^2$")
    axes.scatter(x, x, c=x, s=9)
    axes.set_title("note", loc="right")
    axes.text(0.5, 0.5, "turned\nlines", rotation=40)
    axes.hist(x, bins=4, histtype="step")
    axes.legend()
    image = axes.imshow(np.arange(9.0).reshape(3, 3), extent=(0.5, 0.7, 0.1, 0.3), interpolation="none")
    figure.colorbar(image, ax=axes)
    return figure


def test_svg_is_that_of_matplotlib() -> None:
    with plot_style():
        svg, _ = save_svg_and_pdf(draw(), title="", dots_per_inch=DOTS_PER_INCH)
        expected = StringIO()
        draw().savefig(expected, format="svg", dpi=DOTS_PER_INCH, metadata={"Date": None, "Creator": None})
    assert svg == expected.getvalue()


def test_pdf_is_that_of_matplotlib_but_for_the_places_of_texts(tmp_path) -> None:
    with plot_style():
        figure = draw()
        _, pdf = save_svg_and_pdf(figure, title="(Title)", dots_per_inch=DOTS_PER_INCH)
        draw().savefig(tmp_path / "expected.pdf", dpi=DOTS_PER_INCH, metadata={"CreationDate": None})
    assert figure.dpi == Figure().dpi
    assert rb"/Title (\(Title\))" in pdf
    found, expected = (page_of(content) for content in (pdf, (tmp_path / "expected.pdf").read_bytes()))
    number = re.compile(rb"-?\d+(?:\.\d+)?")
    assert number.sub(b"#", found) == number.sub(b"#", expected)
    places = [np.array(number.findall(page), dtype=float) for page in (found, expected)]
    np.testing.assert_allclose(*places, atol=2.5)  # points; 0.6 are enough for the layout of texts of matplotlib 3.11


def page_of(pdf: bytes) -> bytes:
    """Return the drawing instructions of the page, the longest stream that begins with them."""
    streams = [
        zlib.decompress(part) for part in re.findall(rb"FlateDecode >>\nstream\n(.*?)\nendstream", pdf, re.DOTALL)
    ]
    return max((stream for stream in streams if b" re\n" in stream or b" m\n" in stream), key=len)
