"""Figures of distributions, on the page and in notebooks."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from support import ensembles as examples
from support.figures import save

from n3fit.ensembles.ensemble import Ensemble
from n3fit.ensembles.partons import find_parton
from n3fit.errors import CommandLineError
from n3fit.report.pdf_plots import pdf_figures, plot_pdf
from n3fit.report.style import plot_style
from n3fit.results import FitFolder
from n3fit.results.ensembles import open_ensemble


@pytest.fixture(scope="module")
def reference() -> Ensemble:
    return open_ensemble("n3fit_dis_t0")


def test_figures_of_distributions_have_their_numbers(small_fit: FitFolder, reference: Ensemble) -> None:
    ensemble, other = open_ensemble(small_fit).at(), reference.at()
    with plot_style():
        figures = pdf_figures([ensemble], "flavour", reference=other)
        save(figures[:1])
    names = [figure.name for figure in figures]
    assert names == [f"pdf_flavour_{p}_1.65GeV" for p in ("g", "u", "ubar", "d", "dbar", "s", "sbar", "cplus")]
    assert figures[0].title == "Gluon at 1.65 GeV (flavour basis)"
    assert "divided by the central value of n3fit_dis_t0" in figures[0].caption
    numbers = figures[0].numbers
    mine = numbers["ensemble"] == "small"
    x = numbers["x"][mine]
    band, divisor = ensemble.band(find_parton("g"), x), other.central_of(find_parton("g"), x)
    np.testing.assert_allclose(numbers["low"][mine], band.low)
    shown = np.isfinite(numbers["ratio central"][mine])
    assert 0.8 < shown.mean() < 1.0
    np.testing.assert_allclose(numbers["ratio central"][mine][shown], (band.central / divisor)[shown])
    np.testing.assert_allclose(numbers["ratio central"][~mine][shown], 1.0)


def test_steep_distributions_have_a_logarithmic_axis() -> None:
    flat = examples.toy_snapshot()
    rise = (1e-4 / flat.x)[:, None]
    steep = replace(flat, members=flat.members * rise, central=flat.central * rise)
    with plot_style():
        scales = [pdf_figures([ensemble], "flavour")[0].figure.axes[0].get_yscale() for ensemble in (flat, steep)]
    assert scales == ["linear", "log"]


def test_one_replica_is_a_line() -> None:
    with plot_style():
        (figure, *_) = pdf_figures([examples.toy_snapshot(1)], "evolution")
        save([figure])
    np.testing.assert_array_equal(figure.numbers["low"], figure.numbers["high"])


def test_figures_of_the_same_ensembles_are_the_same(small_fit: FitFolder, tmp_path: Path) -> None:
    def draw() -> bytes:
        stream = BytesIO()
        with plot_style():
            pdf_figures([open_ensemble(small_fit).at()], "evolution")[3].figure.savefig(
                stream, format="svg", metadata={"Date": None}
            )
        return stream.getvalue()

    assert draw() == draw()


def test_a_single_figure_shows_the_central_value_in_notebooks(small_fit: FitFolder) -> None:
    before = dict(mpl.rcParams)
    figure = plot_pdf(small_fit.path, "u_v", xscale="linear")
    (axes,) = figure.axes
    line = next(line for line in axes.lines if line.get_label() == "small")
    x = np.asarray(line.get_xdata())
    expected = open_ensemble(small_fit).at().central_of(find_parton("u_v"), x)
    np.testing.assert_allclose(line.get_ydata(), expected)
    assert axes.get_title(loc="right") == "$Q$ = 1.65 GeV"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["small"]
    assert figure._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]
    assert dict(mpl.rcParams) == before


def test_a_single_figure_is_evolved_and_compared_with_a_reference(small_fit: FitFolder, operator_cache: Path) -> None:
    figure = plot_pdf(open_ensemble(small_fit), "G", 100, reference="n3fit_dis_t0")
    upper, lower = figure.axes
    assert upper.get_title(loc="right") == "$Q$ = 100 GeV"
    assert [text.get_text() for text in upper.get_legend().get_texts()] == ["small", "n3fit_dis_t0"]
    assert lower.get_ylabel() == "ratio"


def test_a_single_figure_of_one_replica_has_no_band(small_fit: FitFolder) -> None:
    (axes,) = plot_pdf(small_fit, "g", members=[3]).axes
    assert not axes.collections


def test_wrong_names_and_scales(small_fit: FitFolder) -> None:
    with pytest.raises(CommandLineError, match="received 'ubr'") as caught:
        plot_pdf(small_fit, "ubr")
    assert caught.value.hint == "did you mean 'ubar'?"
    with pytest.raises(CommandLineError, match="xscale: expected one of both, log, linear, received 'lin'"):
        plot_pdf(small_fit, "g", xscale="lin")  # type: ignore[arg-type]
    with pytest.raises(CommandLineError, match="expected 1.65 to 100000 GeV, received 1 GeV"):
        plot_pdf(small_fit, "g", 1.0)
