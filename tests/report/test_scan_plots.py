"""Figures of a scan: their numbers, and cases in which there is nothing to draw."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from support.figures import by_name, save
from support.scans import make_tries

from n3fit.report.scan_coordinates import coordinates_figure
from n3fit.report.scan_importance import importances
from n3fit.report.scan_losses import losses_of
from n3fit.report.scan_parameter_plots import parameters_figure
from n3fit.report.scan_parameters import scan_parameters
from n3fit.report.scan_plots import history_figure, importance_figure, time_figure
from n3fit.report.style import plot_style
from n3fit.results.tries import Try


def test_history() -> None:
    with plot_style():
        figure = history_figure(make_tries())
        save([figure])
    np.testing.assert_allclose(
        figure.numbers["loss"], [1.1, 1.6, 2.1, 1.4, np.nan, 1.2, 1.7, 1.0, 1.5, np.nan, 1.3, 1.8]
    )
    np.testing.assert_allclose(figure.numbers["best so far"], [1.1] * 7 + [1.0] * 5)


def test_parameters_and_coordinates() -> None:
    tries = make_tries()
    parameters, _ = scan_parameters(tries)
    with plot_style():
        figures = [parameters_figure(tries, parameters), coordinates_figure(tries, parameters)]
        drawn = [figure for figure in figures if figure is not None]
        save(drawn)
    losses, coordinates = by_name(drawn).values()
    assert losses.numbers["nodes of layer 2"].tolist() == ["4", "–", "–"] * 4
    assert losses.numbers["trial"].tolist() == list(range(12))
    # the best trial is drawn last
    assert coordinates.numbers["trial"].tolist() == [2, 11, 6, 1, 8, 3, 10, 5, 0, 7]
    assert (
        coordinates.numbers["loss"].tolist() == sorted(losses.numbers["loss"][[0, 1, 2, 3, 5, 6, 7, 8, 10, 11]])[::-1]
    )


def test_importances() -> None:
    tries = make_tries()
    parameters, _ = scan_parameters(tries)
    found = importances(parameters, losses_of(tries))
    with plot_style():
        figure = importance_figure(found, {entry.name: entry.label for entry in parameters})
        assert figure is not None
        save([figure])
    assert figure.numbers["share"].tolist() == [entry.share for entry in found]
    assert importance_figure([], {}) is None


def test_times() -> None:
    with plot_style():
        figure = time_figure(make_tries())
        assert figure is not None
        save([figure])
    assert figure.numbers["seconds"].tolist() == [10.0 + tid for tid in range(12)]
    assert time_figure([Try(0, 2, "ok", 1.0, {})]) is None


def test_nothing_to_draw() -> None:
    failed = [Try(tid, 2, "fail", math.nan, {"epochs": tid}, {}, 1.0) for tid in range(3)]
    parameters, _ = scan_parameters(failed)
    with plot_style():
        assert parameters_figure(failed, parameters) is None
        assert coordinates_figure(failed, parameters) is None
        save([history_figure(failed)])
    same = [Try(tid, 2, "ok", 1.0, {"epochs": 3}) for tid in range(3)]
    with plot_style():
        assert parameters_figure(same, []) is None
        save([history_figure(same)])


def test_wide_losses_are_drawn() -> None:
    tries = [replace(trial, loss=trial.loss**12) for trial in make_tries()]
    parameters, _ = scan_parameters(tries)
    with plot_style():
        figures = [history_figure(tries), parameters_figure(tries, parameters), coordinates_figure(tries, parameters)]
        save([figure for figure in figures if figure is not None])
        axes = figures[0].figure.axes if figures[0] is not None else []
    assert [one.get_yscale() for one in axes] == ["log"]
