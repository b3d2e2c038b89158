import math
from pathlib import Path

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from support import outcomes
from support.figures import by_name

from n3fit.report.diagnostic_plots import diagnostic_figures
from n3fit.report.labelled_fit import label_fits
from n3fit.report.style import plot_style
from n3fit.results import FitFolder, Thresholds, select_replicas, write_postfit
from n3fit.results.reader import read_fit_folder


def test_numbers_are_those_of_the_fits(fit: FitFolder, smaller_fit: FitFolder) -> None:
    with plot_style():
        figures = by_name(diagnostic_figures(label_fits([fit, smaller_fit])))
    assert list(figures) == ["exponents_alpha", "exponents_beta", "arc_lengths", "integrability"]
    numbers = figures["exponents_beta"].numbers
    rows = (numbers["fit"] == "smaller") & (numbers["replica"] == 2) & (numbers["flavour"] == "v3")
    assert numbers["value"][rows].tolist() == [smaller_fit.results.beta[1, 3]]
    numbers = figures["arc_lengths"].numbers
    assert numbers["value"][numbers["flavour"] == "g"].tolist() == [
        *fit.results.arc_lengths[:, 1],
        *smaller_fit.results.arc_lengths[:, 1],
    ]


def test_every_replica_is_a_mark_and_every_range_a_box(fit: FitFolder) -> None:
    with plot_style():
        alpha, beta, *_ = diagnostic_figures(label_fits([fit]))
    (axes,) = alpha.figure.axes
    passing, vetoed = (np.asarray(marks.get_offsets()) for marks in axes.collections)
    assert (len(passing), len(vetoed)) == (5 * 8, 1 * 8)
    np.testing.assert_allclose(np.sort(vetoed[:, 1]), np.sort(fit.results.alpha[2]))
    for figure, low, height in ((alpha, 0.9, 0.2), (beta, 1.5, 1.5)):
        boxes = [patch for patch in figure.figure.axes[0].patches if isinstance(patch, Rectangle)]
        assert [(box.get_y(), box.get_height()) for box in boxes] == [(low, pytest.approx(height))] * 8


@pytest.mark.parametrize(
    ("limit", "lines", "caption"),
    [
        (None, [0.5], "10⁻⁷; above 0.5 a replica is not integrable."),
        (1.25, [1.25], "10⁻⁷; above 1.25 a replica is not integrable."),
        (math.inf, [], "10⁻⁷."),
    ],
)
def test_the_limit_of_integrability_is_that_of_postfit(
    limit: float | None, lines: list[float], caption: str, tmp_path: Path
) -> None:
    fit = outcomes.write_outcome(outcomes.make_outcome(4, sets=outcomes.SMALL_SETS), tmp_path / "toy")
    if limit is not None:
        write_postfit(fit.path, select_replicas(fit, thresholds=Thresholds(integrability=limit)))
    with plot_style():
        figure = by_name(diagnostic_figures(label_fits([read_fit_folder(fit.path)])))["integrability"]
    assert [float(np.ravel(line.get_ydata())[0]) for line in figure.figure.axes[0].lines] == lines
    assert figure.caption.endswith(caption)


def test_numbers_that_are_not_finite_have_no_figure(tmp_path: Path) -> None:
    outcome = outcomes.make_outcome(
        2,
        sets=(),
        arc_lengths=np.full((2, 5), np.nan),
        integrability=np.full((2, 5), np.inf),
        beta=np.full((2, 8), np.nan),
    )
    with plot_style():
        figures = diagnostic_figures(label_fits([outcomes.write_outcome(outcome, tmp_path / "toy")]))
    assert [figure.name for figure in figures] == ["exponents_alpha"]
