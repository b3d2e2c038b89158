import re
from urllib.parse import unquote

import numpy as np
from matplotlib.figure import Figure

from n3fit.report.curve_records import record_curve, record_legend
from n3fit.report.drawn_curves import DrawnCurve, tagged_series
from n3fit.report.figure_files import render_figure
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.style import new_figure

X = np.linspace(0, 1, 5)


def draw() -> Figure:
    figure = new_figure(3.0, 2.0)
    axes = figure.subplots()
    for number in range(2):
        members = axes.plot(X, np.stack([X, X**2, X**3]).T, linewidth=0.5)
        (line,) = axes.plot(X, number + X, label=f"{number}")
        record_curve(DrawnCurve(axes, number, str(number), "#000000", X, number + X), [line], members)
    record_legend(axes.legend(), range(2))
    return figure


def test_artists_of_a_series_have_its_class_in_the_image() -> None:
    svg = unquote(render_figure(PlottedFigure("a", "A", "", draw, {"x": X})).uri)
    classes = re.findall(r"<g class='(\w+)'>", svg)
    assert sorted(classes) == sorted(2 * ["k0", "k1"] + ["s0", "s1"] + 3 * ["r0", "r1"])
    assert " id='n3fit" not in svg


def test_other_artists_belong_to_no_series() -> None:
    (axes,) = draw().axes
    assert [tagged_series(line, "members") for line in axes.lines] == [0, 0, 0, None, 1, 1, 1, None]
    assert [tagged_series(line, "curve") for line in axes.lines] == [None] * 3 + [0] + [None] * 3 + [1]


def test_figures_of_others_keep_no_record() -> None:
    axes = Figure().subplots()
    (line,) = axes.plot(X)
    record_curve(DrawnCurve(axes, 0, "a", "#000000", X, X), [line])
    assert tagged_series(line, "curve") == 0
