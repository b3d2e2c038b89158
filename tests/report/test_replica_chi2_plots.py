from pathlib import Path

import numpy as np
import pytest
from support import outcomes
from support.figures import by_name

from n3fit.report.labelled_fit import label_fits
from n3fit.report.replica_chi2_plots import replica_chi2_figures
from n3fit.report.style import plot_style
from n3fit.results import FitFolder, select_replicas, write_postfit
from n3fit.results.reader import read_fit_folder


def test_numbers_are_those_of_the_fits(fit: FitFolder, smaller_fit: FitFolder) -> None:
    with plot_style():
        figures = by_name(replica_chi2_figures(label_fits([fit, smaller_fit])))
    assert list(figures) == ["training_validation", "training_chi2_distribution", "central_chi2_distribution"]
    total = fit.chi2["total"]
    numbers = figures["central_chi2_distribution"].numbers
    np.testing.assert_allclose(numbers["chi2"][:6], total.t0_replicas[:, 0] / total.points[0])
    for name in ("training_validation", "training_chi2_distribution"):
        numbers = figures[name].numbers
        np.testing.assert_array_equal(numbers["training"][:6], fit.results.training.training_chi2)
        np.testing.assert_array_equal(numbers["validation"][6:], smaller_fit.results.training.validation_chi2)


def test_histograms_contain_passing_replicas_and_all(fit: FitFolder) -> None:
    with plot_style():
        figures = by_name(replica_chi2_figures(label_fits([fit])))
    for name, panels in (("training_chi2_distribution", 2), ("central_chi2_distribution", 1)):
        axes = figures[name].figure.axes
        assert len(axes) == panels
        for panel in axes:
            passing, every = (patch.get_xy() for patch in panel.patches)
            assert (count_bars(passing), count_bars(every)) == (5, 6)


def test_without_validation_data_there_is_no_validation_panel(tmp_path: Path) -> None:
    outcome = outcomes.make_outcome(3, sets=outcomes.SMALL_SETS, validation_chi2=np.zeros(3))
    with plot_style():
        figures = by_name(replica_chi2_figures(label_fits([outcomes.write_outcome(outcome, tmp_path / "toy")])))
    assert "training_validation" not in figures
    assert len(figures["training_chi2_distribution"].figure.axes) == 1
    assert "no validation data" in figures["training_chi2_distribution"].caption


def test_replicas_that_postfit_vetoes_are_drawn_as_vetoed(tmp_path: Path) -> None:
    """Of six replicas the second fails positivity and the fifth integrability; two of the other four are chosen."""
    integrability = np.full((6, 5), 0.1)
    integrability[4, 0] = 2.5
    outcome = outcomes.make_outcome(
        6, sets=outcomes.SMALL_SETS, positivity_passed=np.arange(6) != 1, integrability=integrability
    )
    fit = outcomes.write_outcome(outcome, tmp_path / "toy")
    write_postfit(fit.path, select_replicas(fit, count=2))
    with plot_style():
        figures = by_name(replica_chi2_figures(label_fits([read_fit_folder(fit.path)])))
    scatter = figures["training_validation"]
    assert scatter.numbers["passing"].tolist() == [True, False, True, True, False, True]
    filled, hollow = scatter.figure.axes[0].collections[:2]
    np.testing.assert_allclose(np.sort(filled.get_offsets()[:, 0]), np.sort(outcome.training_chi2[[0, 2, 3, 5]]))
    np.testing.assert_allclose(np.sort(hollow.get_offsets()[:, 0]), np.sort(outcome.training_chi2[[1, 4]]))
    (star,) = [line for line in scatter.figure.axes[0].lines if line.get_marker() == "*"]
    assert star.get_xdata() == pytest.approx(outcome.training_chi2[[0, 2]].mean())


def count_bars(outline: np.ndarray) -> int:
    """Return the sum of the heights of the bars along the outline of a histogram with bins of one width."""
    x, y = outline[:, 0], outline[:, 1]
    width = np.diff(np.unique(x)).min()
    area = 0.5 * abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))))
    return round(area / width)
