from dataclasses import replace
from pathlib import Path

import numpy as np
from support import outcomes

from n3fit.report.pictures import look
from n3fit.report.shown_fit import show_fits
from n3fit.report.training_plots import training_figures
from n3fit.results import FitFolder


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
    place = smaller_fit.arrays.history_epochs.tolist().index(199)
    assert history["training"][chosen].tolist() == [smaller_fit.arrays.history_training[place, 2]]
    assert history["validation"][chosen].tolist() == [smaller_fit.arrays.history_validation[place, 2]]
    total = fit.chi2["total"]
    np.testing.assert_allclose(
        figures["central_chi2_distribution"].numbers["chi2"][:6], total.t0_replicas[:, 0] / total.points[0]
    )
    epochs = figures["training_epochs"].numbers
    np.testing.assert_array_equal(epochs["best_epoch"][:6], fit.arrays.best_epoch + 1)
    np.testing.assert_array_equal(epochs["last_epoch"][6:], smaller_fit.arrays.stop_epoch + 1)


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
    outcome = replace(outcome, history=replace(outcome.history, validation=0 * outcome.history.validation))
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
    history = outcome.history
    outcome = replace(
        outcome, history=replace(history, training=np.inf * history.training, validation=np.nan * history.validation)
    )
    with look():
        figures = training_figures(show_fits([outcomes.write_outcome(outcome, tmp_path / "toy")]))
    assert [figure.name for figure in figures] == ["training_epochs"]


def _bars(outline: np.ndarray) -> int:
    """Add up the heights of the bars along the outline of a histogram with bins of one width."""
    x, y = outline[:, 0], outline[:, 1]
    width = np.diff(np.unique(x)).min()
    area = 0.5 * abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))))
    return round(area / width)
