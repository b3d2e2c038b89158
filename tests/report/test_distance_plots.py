"""Figures of distances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support import ensembles as examples
from support.figures import save

from n3fit.ensembles.distances import distances
from n3fit.ensembles.partons import find_parton
from n3fit.errors import CommandLineError
from n3fit.report.distance_plots import distance_figures
from n3fit.report.style import plot_style
from n3fit.results import FitFolder
from n3fit.results.ensembles import open_ensemble


def test_figures_of_distances(small_fit: FitFolder) -> None:
    first = open_ensemble(small_fit, members="finite").at()
    with plot_style():
        central, uncertainty = figures = distance_figures(first, first, "evolution")
        save(figures)
    assert (central.name, uncertainty.name) == (
        "distance_central_evolution_1.65GeV", "distance_uncertainty_evolution_1.65GeV",
    )  # fmt: skip
    assert set(central.numbers) == {"x", "Sigma", "g", "V", "V3", "V8", "V15", "T3", "T8", "T15"}
    np.testing.assert_array_equal(central.numbers["g"], 0.0)


def test_distances_of_a_figure_are_those_of_the_members() -> None:
    first, second = examples.toy_snapshot(6), examples.toy_snapshot(9)
    with plot_style():
        numbers = distance_figures(first, second, "flavour")[1].numbers
    up = find_parton("u")
    expected = distances(first.members_of(up, numbers["x"]), second.members_of(up, numbers["x"]))
    np.testing.assert_allclose(numbers["u"], expected.uncertainty)


def test_a_shift_by_one_deviation_lies_on_the_dashed_line() -> None:
    """Of 6 and 12 replicas: at sqrt(6 * 12 / 18) = 2, also in caption and axis."""
    first = examples.toy_snapshot(6)
    deviation = first.members.std(axis=0, ddof=1)
    # each replica twice: the deviation is that of the first again with n - 1 = 11 instead of 2 * 5
    twice = np.concatenate([first.members, first.members])
    twice = twice.mean(axis=0) + (twice - twice.mean(axis=0)) * np.sqrt(11 / 10)
    with plot_style():
        central, uncertainty = distance_figures(first, replace(first, members=twice + deviation), "flavour")
        save([central])
    for name, values in central.numbers.items():
        if name != "x":
            np.testing.assert_allclose(values, 2.0, rtol=1e-9, err_msg=name)
    assert central.numbers["x"].max() <= 0.9
    assert "the dashed line, 2.0, is a shift" in central.caption
    axes = central.figure.axes[0]
    assert {float(line.get_ydata()[0]) for line in axes.lines if line.get_linestyle() == "--"} == {2.0}
    assert axes.get_ylim() == (0.0, 4.0)
    assert "dashed" not in uncertainty.caption


def test_the_axis_extends_to_large_distances() -> None:
    first = examples.toy_snapshot(4)
    shifted = replace(first, members=first.members + 10 * first.members.std(axis=0, ddof=1))
    with plot_style():
        central, uncertainty = distance_figures(first, shifted, "evolution")
    assert central.figure.axes[0].get_ylim()[1] == pytest.approx(1.08 * 10 * np.sqrt(2))
    assert uncertainty.figure.axes[0].get_ylim() == (0.0, 4.0)


def test_few_replicas_have_no_distances() -> None:
    with pytest.raises(CommandLineError, match="expected at least 4 replicas of each fit, received 3") as caught:
        distance_figures(examples.toy_snapshot(5), examples.toy_snapshot(3), "flavour")
    assert caught.value.exit_code == 2
