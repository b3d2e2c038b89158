"""Figures of a scan: their numbers, and cases in which there is nothing to draw."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from support.figures import by_name, save
from support.scans import old_entry

from n3fit.report.scan_coordinates import coordinates_figure
from n3fit.report.scan_folds import describe_folds, fold_array, fold_figures, fold_losses, loss_name
from n3fit.report.scan_importance import importances
from n3fit.report.scan_parameters import scan_parameters
from n3fit.report.scan_plots import (
    are_wide,
    history_figure,
    importance_figure,
    loss_limits,
    losses_of,
    parameters_figure,
    time_figure,
)
from n3fit.report.style import plot_style
from n3fit.results.tries import Try


def make_tries(number: int = 12) -> list[Try]:
    """Return trials of which every fifth failed; the best one is number 7."""
    tries = []
    for tid in range(number):
        loss = 1 + 0.1 * ((5 * tid + 1) % 12)
        entry = old_entry(tid, loss)
        optimizer = {"optimizer_name": ("Nadam", "Adam")[tid % 2], "learning_rate": 10.0 ** (-tid / 3)}
        parameters: dict[str, Any] = {
            "nodes_per_layer": [5, 8] if tid % 3 else [5, 4, 8],
            "epochs": 100 + tid,
            "optimizer": optimizer,
        }
        status = "fail" if tid % 5 == 4 else "ok"
        tries.append(Try(tid, 2, status, loss, parameters, entry["result"], 10.0 + tid))
    return tries


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


def test_large_losses_do_not_hide_the_others() -> None:
    low, high = loss_limits(np.array([1.0, 1.5, 1.5, 2.0, 1000.0, np.nan]))
    assert low == pytest.approx(1.0 - 0.06 * 2.0)
    assert high == pytest.approx(3.0 + 0.06 * 2.0)
    assert not are_wide(np.array([1.0, 1.5, 1.5, 2.0, 1000.0]))
    wide = np.array([1.0, 10.0, 100.0, 1000.0])
    assert are_wide(wide)
    assert loss_limits(wide) == pytest.approx((10**-0.18, 10**3.18))
    assert not are_wide(np.array([-1.0, 10.0, 100.0, 1000.0]))
    assert loss_limits(np.array([2.0]))[0] < 2.0 < loss_limits(np.array([2.0]))[1]


def test_wide_losses_are_drawn() -> None:
    tries = [replace(trial, loss=trial.loss**12) for trial in make_tries()]
    parameters, _ = scan_parameters(tries)
    with plot_style():
        figures = [history_figure(tries), parameters_figure(tries, parameters), coordinates_figure(tries, parameters)]
        save([figure for figure in figures if figure is not None])
        axes = figures[0].figure.axes if figures[0] is not None else []
    assert [one.get_yscale() for one in axes] == ["log"]


def test_folds() -> None:
    tries = sorted(make_tries(), key=lambda trial: trial.loss)
    with plot_style():
        figures = by_name(fold_figures(tries, "chi2"))
        save(list(figures.values()))
    assert list(figures) == ["scan_folds", "scan_replicas", "scan_chi2_phi"]
    best = tries[0]
    assert figures["scan_folds"].numbers["loss"][:2] == pytest.approx([best.loss + 0.1, best.loss + 0.3])
    replicas = figures["scan_replicas"].numbers
    assert replicas["fold"].tolist() == [1, 1, 1, 2, 2, 2]
    assert replicas["loss"] == pytest.approx([best.loss + shift for shift in (0, 0.1, 0.2, 0, 0.3, 0.6)])


def test_description_of_the_folds() -> None:
    [best] = make_tries(1)
    card = {
        "kfold": {"loss_type": "phi2", "partitions": [{"datasets": ["A", "B"]}, {"datasets": None, "overfit": True}]}
    }
    assert loss_name(card) == "phi2"
    assert loss_name({}) == loss_name({"kfold": {"loss_type": ["phi2"]}}) == "chi2"
    first, second = describe_folds(card, best, "phi2")
    assert (first.datasets, first.overfit, second.datasets, second.overfit) == (("A", "B"), False, (), True)
    assert (first.loss, second.loss) == pytest.approx((1.2, 1.4))
    assert (first.validation, first.experimental) == pytest.approx((0.6, 1.2))
    [one, two] = describe_folds({}, best, "chi2")
    assert (one.number, two.number, one.datasets) == (1, 2, ())


def test_arrays_that_are_not_numbers() -> None:
    odd = Try(0, 2, "ok", 1.0, {}, {"kfold_meta": {"a": "[1. ... 2.]", "b": [[1], [2, 3]], "c": [1, None]}})
    assert fold_array(odd, "a", 1).size == fold_array(odd, "b", 2).size == fold_array(odd, "missing", 1).size == 0
    np.testing.assert_array_equal(fold_array(odd, "c", 1), [1, np.nan])
    assert fold_losses(odd, "chi2").size == 0
    with plot_style():
        assert fold_figures([odd], "chi2") == []
