import csv
from base64 import b64decode
from functools import partial
from io import StringIO
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from n3fit.report.figure_files import numbers_to_csv, render_figure
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.style import new_figure
from n3fit.typing import Floats


def draw(name: str = "line", *, raster: bool = False) -> PlottedFigure:
    x = np.array([0.0, 1.23456789])
    return PlottedFigure(name, "Title <b>", "", partial(draw_line, x), {"x": x}, raster=raster)


def draw_line(x: Floats) -> Figure:
    figure = new_figure(3.0, 2.0)
    figure.subplots().plot(x, [0, 1], label="$x$")
    return figure


def test_images_are_complete_and_keep_their_size() -> None:
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


def test_pdf_and_numbers_are_files_too() -> None:
    rendered = render_figure(draw())
    assert rendered.pdf.startswith(b"%PDF-")
    assert rendered.pdf.rstrip().endswith(b"%%EOF")
    assert list(csv.reader(StringIO(rendered.csv))) == [["x"], ["0.0"], ["1.23456789"]]


def test_the_same_figure_has_the_same_bytes() -> None:
    assert render_figure(draw()) == render_figure(draw())


@given(st.lists(st.floats(width=64), max_size=5))
def test_csv_restores_the_same_numbers(numbers: list[float]) -> None:
    plotted = PlottedFigure(
        "name",
        "Title",
        "",
        Figure,
        {
            "value": np.array(numbers, dtype=np.float64),
            "index": np.arange(len(numbers)),
            "set": np.array(['a,"b"'] * len(numbers), dtype=object),
        },
    )
    rows = list(csv.reader(StringIO(numbers_to_csv(plotted))))
    assert rows[0] == ["value", "index", "set"]
    np.testing.assert_array_equal([float(row[0]) for row in rows[1:]], numbers)
    assert [row[1:] for row in rows[1:]] == [[str(index), 'a,"b"'] for index in range(len(numbers))]


def test_text_is_no_formula_of_a_spreadsheet() -> None:
    plotted = PlottedFigure("name", "Title", "", Figure, {"set": np.array(["=1+1", "@x", "plain"])})
    assert numbers_to_csv(plotted) == "set\n =1+1\n @x\nplain\n"
