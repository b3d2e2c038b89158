import warnings
from functools import partial

import numpy as np
import pytest
from matplotlib.figure import Figure
from support.progress import RecordedSteps

from n3fit.errors import DataError
from n3fit.progress import NullReporter
from n3fit.report.figure_rendering import render_figures
from n3fit.report.labelled_fit import label_fits
from n3fit.report.page_contents import collect_contents
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.style import new_figure


def make(name: str, *, fault: str = "", slope: float = 1.0, raster: bool = False) -> PlottedFigure:
    return PlottedFigure(name, name, "", partial(draw_line, fault, slope), {"x": np.arange(2)}, raster=raster)


def several(fault: str = "") -> list[PlottedFigure]:
    return [make(f"line_{n}", slope=n, raster=n == 5, fault=fault if n == 3 else "") for n in range(8)]


def draw_line(fault: str, slope: float) -> Figure:
    if fault == "error":
        raise DataError("a line cannot be drawn", hint="draw another")
    if fault == "fault":
        raise ZeroDivisionError("a mistake")
    if fault == "warning":
        warnings.warn("a line is too thin", UserWarning, stacklevel=1)
    figure = new_figure(3.0, 2.0)
    figure.subplots().plot([0, 1], [0, slope], label="$x$")
    return figure


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr("n3fit.report.figure_rendering.usable_cores", lambda: 2)


def test_figures_are_rendered_by_name_and_counted() -> None:
    progress = RecordedSteps()
    assert list(render_figures([make("b"), make("a", slope=2)], progress=progress)) == ["b", "a"]
    assert progress.steps == [("figures", 1, 2), ("figures", 2, 2)]
    with pytest.raises(ValueError, match="names of figures must be unique, received 'a' twice"):
        render_figures([make("a"), make("a")], progress=progress)


def test_files_are_the_same_from_several_processes_and_from_the_cache(tmp_path, monkeypatch, two_cores) -> None:
    alone = render_figures(several(), progress=NullReporter(), most_cores=1)
    progress = RecordedSteps()
    cached = render_figures(several(), progress=progress)
    assert progress.steps == [("figures", 8, 8)]
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path / "another"))
    figures = several()
    together = render_figures(figures, progress=NullReporter())
    assert alone == cached == together
    assert list(together) == [plotted.name for plotted in figures]
    assert not any("figure" in vars(plotted) for plotted in figures)  # all of them were drawn elsewhere


@pytest.mark.parametrize(
    ("fault", "error"), [("error", DataError), ("fault", ZeroDivisionError), ("warning", UserWarning)]
)
def test_errors_and_warnings_of_other_processes_are_those_of_this_one(fault, error, capfd, two_cores) -> None:
    raised = []
    for cores in (1, 2):
        with pytest.raises(error) as caught:
            render_figures(several(fault), progress=NullReporter(), most_cores=cores)
        raised.append(str(caught.value))
    assert raised[0] == raised[1]
    assert capfd.readouterr().err == ""


@pytest.mark.usefixtures("few_pdfs", "two_cores")
def test_other_processes_draw_all_figures_of_a_page(fit, smaller_fit, monkeypatch) -> None:
    figures = collect_contents(label_fits([fit, smaller_fit]), None, progress=NullReporter()).figures

    def refuse(plotted: PlottedFigure) -> None:
        pytest.fail(f"{plotted.name} was drawn in this process")

    monkeypatch.setattr("n3fit.report.figure_rendering.render_figure", refuse)
    files = render_figures(figures, progress=NullReporter())
    assert list(files) == [plotted.name for plotted in figures]
    assert len(files) > 15
