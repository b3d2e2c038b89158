"""One distribution at one scale for notebooks."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from n3fit.ensembles.partons import find_parton
from n3fit.errors import CommandLineError
from n3fit.report.plot_pdf import plot_pdf
from n3fit.results import FitFolder
from n3fit.results.ensembles import open_ensemble


def test_figure_shows_the_central_value_and_itself(small_fit: FitFolder) -> None:
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


def test_evolved_and_compared_with_a_reference(small_fit: FitFolder, operator_cache: Path) -> None:
    figure = plot_pdf(open_ensemble(small_fit), "G", 100, reference="n3fit_dis_t0")
    upper, lower = figure.axes
    assert upper.get_title(loc="right") == "$Q$ = 100 GeV"
    assert [text.get_text() for text in upper.get_legend().get_texts()] == ["small", "n3fit_dis_t0"]
    assert lower.get_ylabel() == "ratio"


def test_members_are_chosen(small_fit: FitFolder) -> None:
    (axes,) = plot_pdf(small_fit, "g", members=[3]).axes
    assert not axes.collections  # one replica has no band


def test_wrong_names_and_scales(small_fit: FitFolder) -> None:
    with pytest.raises(CommandLineError, match="received 'ubr'") as caught:
        plot_pdf(small_fit, "ubr")
    assert caught.value.hint == "did you mean 'ubar'?"
    with pytest.raises(CommandLineError, match="xscale: expected one of both, log, linear, received 'lin'"):
        plot_pdf(small_fit, "g", xscale="lin")  # type: ignore[arg-type]
    with pytest.raises(CommandLineError, match="expected 1.65 to 100000 GeV, received 1 GeV"):
        plot_pdf(small_fit, "g", 1.0)
