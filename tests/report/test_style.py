import subprocess
import sys
from io import BytesIO

import matplotlib as mpl

from n3fit.report.style import FIT_COLOURS, FIT_MARKERS, new_figure, plot_style


def test_settings_of_matplotlib_are_restored() -> None:
    before = dict(mpl.rcParams)
    with plot_style():
        assert mpl.rcParams["axes.grid"]
    assert dict(mpl.rcParams) == before


def test_figures_do_not_depend_on_the_settings_of_the_user() -> None:
    """LaTeX, for one, would fail on the underscores of data sets."""

    def draw() -> bytes:
        stream = BytesIO()
        with plot_style():
            figure = new_figure()
            figure.subplots().set_title("NMC_NC")
            figure.savefig(stream, format="svg", metadata={"Date": None})
        return stream.getvalue()

    expected = draw()
    with mpl.rc_context({"text.usetex": True, "axes.facecolor": "black", "font.family": "serif"}):
        assert draw() == expected
        assert mpl.rcParams["text.usetex"]


def test_margins_are_lengths_for_every_size() -> None:
    for width, height in ((5.4, 3.7), (11.2, 9.0)):
        place = new_figure(width, height, left=0.5, right=0.25, bottom=0.6, top=0.3).subplots().get_position()
        edges = (place.x0 * width, (1 - place.x1) * width, place.y0 * height, (1 - place.y1) * height)
        assert [round(edge, 9) for edge in edges] == [0.5, 0.25, 0.6, 0.3]


def test_each_fit_has_its_own_colour_and_marker() -> None:
    assert len(set(FIT_COLOURS)) == len(FIT_COLOURS) == len(set(FIT_MARKERS)) == len(FIT_MARKERS)


def test_figures_need_neither_pyplot_nor_a_display() -> None:
    """No backend is chosen: a figure of the report does not change those of a notebook."""
    code = """
import sys, io, matplotlib
import n3fit.report.page
from n3fit.report.style import new_figure, plot_style
with plot_style():
    new_figure().subplots().figure.savefig(io.BytesIO(), format="png")
assert "matplotlib.pyplot" not in sys.modules
assert matplotlib.get_backend(auto_select=False) is None
"""
    subprocess.run([sys.executable, "-c", code], check=True)
