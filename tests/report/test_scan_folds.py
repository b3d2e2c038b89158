"""Figures and description of the folds of a scan."""

from __future__ import annotations

import numpy as np
import pytest
from support.figures import by_name, save
from support.scans import make_tries

from n3fit.report.scan_folds import describe_folds, fold_array, fold_figures, fold_losses, loss_name
from n3fit.report.style import plot_style
from n3fit.results.tries import Try


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
