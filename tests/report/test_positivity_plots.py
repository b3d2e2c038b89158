from dataclasses import replace
from pathlib import Path

import numpy as np
from matplotlib.colors import to_hex
from support import outcomes

from n3fit.report.labelled_fit import label_fits
from n3fit.report.positivity_plots import positivity_figures
from n3fit.report.style import INK, VERMILION, plot_style
from n3fit.results import FitFolder


def test_numbers_are_the_losses_of_each_fit(fit: FitFolder, smaller_fit: FitFolder) -> None:
    with plot_style():
        first, second = positivity_figures(label_fits([fit, smaller_fit]))
    assert (first.name, second.name) == ("positivity_1_toy", "positivity_2_smaller")
    numbers = first.numbers
    rows = (numbers["replica"] == 3) & (numbers["set"] == "POS_FLL")
    assert numbers["loss"][rows].tolist() == [fit.results.positivity_losses[2, 2]]


def test_numbers_of_vetoed_replicas_are_red(fit: FitFolder) -> None:
    with plot_style():
        (figure,) = positivity_figures(label_fits([fit]))
        labels = figure.figure.axes[0].get_xticklabels()
    colours = {label.get_text(): to_hex(label.get_color()) for label in labels}
    assert colours == {str(number): VERMILION if number == 3 else INK for number in range(1, 7)}


def test_colours_begin_at_the_threshold_of_the_runcard(fit: FitFolder) -> None:
    description = fit.description.model_copy(update={"positivity_threshold": 1e-4})
    with plot_style():
        (figure,) = positivity_figures(label_fits([replace(fit, description=description)]))
    assert figure.figure.axes[0].images[0].norm.vmin == 1e-4
    assert "green up to 0.0001" in figure.caption


def test_missing_losses_and_losses_that_are_not_finite_have_no_figure(bare_fit: FitFolder, tmp_path: Path) -> None:
    outcome = outcomes.make_outcome(2, sets=(), positivity_losses={"POS": np.full(2, np.nan)})
    broken = outcomes.write_outcome(outcome, tmp_path / "toy")
    assert positivity_figures(label_fits([bare_fit, broken])) == []
