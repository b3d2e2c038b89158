from dataclasses import replace
from pathlib import Path

import numpy as np
from support import outcomes
from support.figures import by_name

from n3fit.report.labelled_fit import label_fits
from n3fit.report.style import plot_style
from n3fit.report.training_plots import training_figures
from n3fit.results import FitFolder


def test_numbers_are_those_of_the_fits(fit: FitFolder, smaller_fit: FitFolder) -> None:
    with plot_style():
        figures = by_name(training_figures(label_fits([fit, smaller_fit])))
    assert list(figures) == [
        "training_history_1_toy",
        "training_history_2_smaller",
        "training_validation",
        "training_chi2_distribution",
        "central_chi2_distribution",
        "training_epochs",
    ]
    history = figures["training_history_2_smaller"].numbers
    rows = (history["epoch"] == 200) & (history["replica"] == 3)
    training = smaller_fit.results.training
    column = training.history_epochs.tolist().index(199)
    assert history["training"][rows].tolist() == [training.training_history[2, column]]
    assert history["validation"][rows].tolist() == [training.validation_history[2, column]]
    epochs = figures["training_epochs"].numbers
    np.testing.assert_array_equal(epochs["best_epoch"][:6], fit.results.training.best_epoch + 1)
    np.testing.assert_array_equal(epochs["last_epoch"][6:], training.stop_epoch + 1)


def test_nothing_finite_gives_no_figure_but_that_of_the_epochs(tmp_path: Path) -> None:
    broken = np.full(2, np.nan)
    outcome = outcomes.make_outcome(2, sets=(), training_chi2=broken, validation_chi2=broken)
    outcome = replace(
        outcome,
        training_history=np.inf * outcome.training_history,
        validation_history=np.nan * outcome.validation_history,
    )
    with plot_style():
        figures = training_figures(label_fits([outcomes.write_outcome(outcome, tmp_path / "toy")]))
    assert [figure.name for figure in figures] == ["training_epochs"]
