from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from support import outcomes

from n3fit.report.diagnostic_plots import diagnostic_figures
from n3fit.report.pictures import look
from n3fit.report.shown_fit import show_fits
from n3fit.results import FitFolder


def test_numbers_are_those_of_the_fits(fit: FitFolder, smaller_fit: FitFolder) -> None:
    with look():
        figures = {figure.name: figure for figure in diagnostic_figures(show_fits([fit, smaller_fit]))}
    assert list(figures) == [
        "exponents_alpha",
        "exponents_beta",
        "arc_lengths",
        "integrability",
        "positivity_1_toy",
        "positivity_2_smaller",
    ]
    numbers = figures["exponents_beta"].numbers
    chosen = (numbers["fit"] == "smaller") & (numbers["replica"] == 2) & (numbers["flavour"] == "v3")
    assert numbers["value"][chosen].tolist() == [smaller_fit.results.beta[1, 3]]
    numbers = figures["arc_lengths"].numbers
    assert numbers["value"][numbers["flavour"] == "g"].tolist() == [
        *fit.results.arc_lengths[:, 1],
        *smaller_fit.results.arc_lengths[:, 1],
    ]
    numbers = figures["positivity_1_toy"].numbers
    chosen = (numbers["replica"] == 3) & (numbers["set"] == "POS_FLL")
    assert numbers["loss"][chosen].tolist() == [fit.results.positivity_losses[2, 2]]


def test_every_replica_is_a_mark_and_every_range_a_box(fit: FitFolder) -> None:
    with look():
        alpha = diagnostic_figures(show_fits([fit]))[0]
    (axes,) = alpha.figure.axes
    passing, vetoed = (np.asarray(marks.get_offsets()) for marks in axes.collections)
    assert (len(passing), len(vetoed)) == (5 * 8, 1 * 8)
    np.testing.assert_allclose(np.sort(vetoed[:, 1]), np.sort(fit.results.alpha[2]))
    boxes = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert [(box.get_y(), box.get_height()) for box in boxes] == [(0.9, pytest.approx(0.2))] * 8


def test_colours_of_positivity_begin_at_the_threshold_of_the_runcard(fit: FitFolder) -> None:
    description = fit.description.model_copy(update={"positivity_threshold": 1e-4})
    with look():
        positivity = diagnostic_figures(show_fits([replace(fit, description=description)]))[-1]
    assert positivity.figure.axes[0].images[0].norm.vmin == 1e-4
    assert "green up to 0.0001" in positivity.caption


def test_what_is_not_finite_or_missing_has_no_figure(tmp_path: Path) -> None:
    outcome = outcomes.make_outcome(
        2,
        sets=(),
        positivity_losses={},
        arc_lengths=np.full((2, 5), np.nan),
        integrability=np.full((2, 5), np.inf),
        beta=np.full((2, 8), np.nan),
    )
    with look():
        figures = diagnostic_figures(show_fits([outcomes.write_outcome(outcome, tmp_path / "toy")]))
    assert [figure.name for figure in figures] == ["exponents_alpha"]
