import csv
from base64 import b64decode
from io import StringIO
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pytest
from support.progress import RecordedSteps

from n3fit.report.figures import PlottedFigure
from n3fit.report.pictures import look, new_figure
from n3fit.report.rendering import render_figure, render_figures


def draw(name: str = "line", *, raster: bool = False) -> PlottedFigure:
    x = np.array([0.0, 1.23456789])
    with look():
        figure = new_figure(3.0, 2.0)
        figure.subplots().plot(x, [0, 1], label="$x$")
    return PlottedFigure(name, "Title <b>", "", figure, {"x": x}, raster=raster)


def test_pictures_are_whole_and_keep_their_size() -> None:
    rendered = render_figure(draw())
    kind, _, content = rendered.uri.partition(",")
    assert kind == "data:image/svg+xml"
    assert not {'"', "#"} & set(content)
    root = ElementTree.fromstring(unquote(content))
    assert root.tag.endswith("svg")
    assert "script" not in {element.tag.rpartition("}")[2] for element in root.iter()}
    assert (rendered.width, rendered.height) == (288, 192)
    kind, _, content = render_figure(draw(raster=True)).uri.partition(";base64,")
    assert kind == "data:image/png"
    assert b64decode(content).endswith(b"IEND\xaeB\x60\x82")


def test_pdf_and_numbers_come_along() -> None:
    rendered = render_figure(draw())
    assert rendered.pdf.startswith(b"%PDF-")
    assert rendered.pdf.rstrip().endswith(b"%%EOF")
    assert list(csv.reader(StringIO(rendered.csv))) == [["x"], ["0.0"], ["1.23456789"]]


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert render_figure(draw()) == render_figure(draw())


def test_figures_are_rendered_by_name_and_counted() -> None:
    progress = RecordedSteps()
    rendered = render_figures([draw("b"), draw("a")], progress=progress)
    assert list(rendered) == ["b", "a"]
    assert progress.steps == [("figures", 1, 2), ("figures", 2, 2)]
    with pytest.raises(ValueError, match="two figures of the name 'a'"):
        render_figures([draw("a"), draw("a")], progress=progress)
