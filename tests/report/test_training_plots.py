from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import outcomes

from n3fit.report.pictures import look
from n3fit.report.shown_fit import show_fits
from n3fit.report.training_plots import training_figures
from n3fit.results import FitFolder, select_replicas, write_postfit


def test_numbers_are_those_of_the_fits(fit: FitFolder, smaller_fit: FitFolder) -> None:
    with look():
        figures = {figure.name: figure for figure in training_figures(show_fits([fit, smaller_fit]))}
    assert list(figures) == [
        "training_history_1_toy",
        "training_history_2_smaller",
        "training_validation",
        "training_chi2_distribution",
        "central_chi2_distribution",
        "training_epochs",
    ]
    history = figures["training_history_2_smaller"].numbers
    chosen = (history["epoch"] == 200) & (history["replica"] == 3)
    place = smaller_fit.results.training.history_epochs.tolist().index(199)
    assert history["training"][chosen].tolist() == [smaller_fit.results.training.training_history[2, place]]
    assert history["validation"][chosen].tolist() == [smaller_fit.results.training.validation_history[2, place]]
    total = fit.chi2["total"]
    np.testing.assert_allclose(
        figures["central_chi2_distribution"].numbers["chi2"][:6], total.t0_replicas[:, 0] / total.points[0]
    )
    epochs = figures["training_epochs"].numbers
    np.testing.assert_array_equal(epochs["best_epoch"][:6], fit.results.training.best_epoch + 1)
    np.testing.assert_array_equal(epochs["last_epoch"][6:], smaller_fit.results.training.stop_epoch + 1)


def test_histograms_hold_every_replica_that_passes(fit: FitFolder) -> None:
    with look():
        figures = {figure.name: figure for figure in training_figures(show_fits([fit]))}
    for name, panels in (("training_chi2_distribution", 2), ("central_chi2_distribution", 1)):
        axes = figures[name].figure.axes
        assert len(axes) == panels
        for panel in axes:
            passing, everyone = (patch.get_xy() for patch in panel.patches)
            assert (_bars(passing), _bars(everyone)) == (5, 6)


def test_without_validation_data_there_is_no_validation_panel(tmp_path: Path) -> None:
    outcome = outcomes.make_outcome(3, sets=outcomes.SMALL_SETS, validation_chi2=np.zeros(3))
    outcome = replace(outcome, validation_history=0 * outcome.validation_history)
    with look():
        figures = {
            figure.name: figure
            for figure in training_figures(show_fits([outcomes.write_outcome(outcome, tmp_path / "toy")]))
        }
    assert "training_validation" not in figures
    assert len(figures["training_chi2_distribution"].figure.axes) == 1
    assert "no validation data" in figures["training_chi2_distribution"].caption


def test_nothing_finite_gives_no_figure_but_that_of_the_epochs(tmp_path: Path) -> None:
    broken = np.full(2, np.nan)
    outcome = outcomes.make_outcome(2, sets=(), training_chi2=broken, validation_chi2=broken)
    outcome = replace(
        outcome,
        training_history=np.inf * outcome.training_history,
        validation_history=np.nan * outcome.validation_history,
    )
    with look():
        figures = training_figures(show_fits([outcomes.write_outcome(outcome, tmp_path / "toy")]))
    assert [figure.name for figure in figures] == ["training_epochs"]


def test_replicas_that_postfit_vetoes_are_drawn_as_vetoed(tmp_path: Path) -> None:
    """Of six replicas the second fails positivity and the fifth integrability; two of the other four are chosen."""
    integrability = np.full((6, 5), 0.1)
    integrability[4, 0] = 2.5
    outcome = outcomes.make_outcome(
        6, sets=outcomes.SMALL_SETS, positivity_passed=np.arange(6) != 1, integrability=integrability
    )
    fit = outcomes.write_outcome(outcome, tmp_path / "toy")
    write_postfit(fit.path, select_replicas(fit, count=2))
    with look():
        figures = {figure.name: figure for figure in training_figures(show_fits([FitFolder.open(fit.path)]))}
    scatter = figures["training_validation"]
    assert scatter.numbers["passing"].tolist() == [True, False, True, True, False, True]
    filled, hollow = scatter.figure.axes[0].collections[:2]
    np.testing.assert_allclose(np.sort(filled.get_offsets()[:, 0]), np.sort(outcome.training_chi2[[0, 2, 3, 5]]))
    np.testing.assert_allclose(np.sort(hollow.get_offsets()[:, 0]), np.sort(outcome.training_chi2[[1, 4]]))
    (star,) = [line for line in scatter.figure.axes[0].lines if line.get_marker() == "*"]
    assert star.get_xdata() == pytest.approx(outcome.training_chi2[[0, 2]].mean())


def _bars(outline: np.ndarray) -> int:
    """Add up the heights of the bars along the outline of a histogram with bins of one width."""
    x, y = outline[:, 0], outline[:, 1]
    width = np.diff(np.unique(x)).min()
    area = 0.5 * abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))))
    return round(area / width)
