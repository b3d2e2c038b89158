"""Figures of scans of alpha_s and of campaigns."""

import numpy as np
import pytest
from support.figures import save

from n3fit.report.alphas_plots import column_medians, minima_figure, profile_figure
from n3fit.report.campaign_plots import ratio_figure, runs_figure

ALPHAS = np.array([0.116, 0.118, 0.120, 0.122])


def test_medians_leave_out_what_is_not_finite():
    values = np.array([[1.0, np.nan, 4.0], [3.0, np.nan, np.nan], [100.0, np.nan, 6.0]])
    np.testing.assert_array_equal(column_medians(values), [3.0, np.nan, 5.0])


def test_the_profile_shows_curves_medians_and_the_band():
    minima = np.array([0.1175, 0.1190])
    rise = 1e6 * (ALPHAS - minima[:, np.newaxis]) ** 2
    rise[0, 0] = np.nan
    curves = np.stack([minima, np.zeros(2), np.full(2, 1e6)], axis=1)
    central = 8e5 * (ALPHAS - 0.1183) ** 2
    figure = profile_figure(ALPHAS, rise, curves, central, value=0.118, uncertainty=0.001)
    np.testing.assert_allclose(figure.numbers["replicas_median"], [9.0, 0.625, 3.625, 14.625], rtol=1e-9)
    (axes,) = figure.figure.axes
    lines = {line.get_label(): line for line in axes.lines}
    np.testing.assert_allclose(lines["mean prediction"].get_ydata(), central)
    thin = [line for line in axes.lines if line.get_linewidth() == 0.6]
    for line, minimum in zip(thin, minima, strict=True):
        np.testing.assert_allclose(line.get_ydata(), 1e6 * (line.get_xdata() - minimum) ** 2, atol=1e-9)
    dashed = next(line for line in axes.lines if line.get_linestyle() == "--")
    np.testing.assert_allclose(dashed.get_ydata(), 8e5 * (dashed.get_xdata() - 0.1183) ** 2, atol=1e-6)
    save([figure])


def test_every_minimum_is_in_a_bin():
    minima = np.concatenate([np.random.default_rng(1).normal(0.118, 0.001, 60), [0.5]])
    figure = minima_figure(minima, value=0.118, uncertainty=0.001, limits=(0.117, 0.3))
    (axes,) = figure.figure.axes
    assert sum(patch.get_height() for patch in axes.patches) == 61
    assert axes.get_xlim()[1] < 0.13
    assert [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == ":"] == [0.117]
    save([figure])


def test_runs_and_ratios_show_their_numbers():
    names = [f"run_{number}" for number in range(40)]
    values = np.linspace(1.0, 1.4, 40)
    runs = runs_figure(names, values, values + 0.1, np.where(values > 1.3, np.nan, 0.05))
    (axes,) = runs.figure.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == names[::2]
    ratio = ratio_figure(["HERA", "total"], np.array([0.9, 1.1]), np.array([0.8, 1.0]), np.array([1.0, 1.3]))
    (axes,) = ratio.figure.axes
    assert axes.lines[1].get_xdata() == pytest.approx([0.9, 1.1])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["HERA", "total"]
    save([runs, ratio])
