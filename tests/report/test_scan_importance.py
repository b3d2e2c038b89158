"""Importances of parameters: a closed form, and cases without an effect."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kruskal, spearmanr

from n3fit.report.scan_importance import epsilon_squared, importances, value_groups
from n3fit.report.scan_parameters import ScanParameter
from n3fit.typing import Floats


def numbers(name: str, values: Floats, categories: tuple[str, ...] = ()) -> ScanParameter:
    return ScanParameter(name, tuple(values.tolist()), values, categories)


def test_closed_form() -> None:
    """Ranks 1 2 3 | 4 5 6: SSB = 13.5, SSW = 4, SST = 17.5, epsilon^2 = (13.5 - 1) / 17.5."""
    ranks = np.arange(1.0, 7.0)
    assert epsilon_squared(ranks, np.array([0, 0, 0, 1, 1, 1])) == pytest.approx(12.5 / 17.5)
    # ranks 1 4 5 | 2 3 6: SSB = 1/6, SSW = 104/6, epsilon^2 = (1/6 - 104/24) / 17.5
    assert epsilon_squared(ranks, np.array([0, 1, 1, 0, 0, 1])) == pytest.approx((1 / 6 - 104 / 24) / 17.5)
    assert epsilon_squared(np.full(4, 2.5), np.array([0, 0, 1, 1])) == 0.0


def test_against_the_statistic_of_kruskal_and_wallis() -> None:
    """H = (n - 1) eta^2, and epsilon^2 = 1 - (1 - eta^2) (n - 1) / (n - k)."""
    random = np.random.default_rng(3)
    groups = random.integers(0, 4, 50)
    losses = random.normal(size=50) + 0.5 * groups
    statistic = kruskal(*(losses[groups == group] for group in range(4))).statistic
    expected = 1 - (1 - statistic / 49) * 49 / 46
    found = importances([numbers("a", groups.astype(float), ("a", "b", "c", "d"))], losses)
    assert found[0].share == pytest.approx(expected)
    assert np.isnan(found[0].correlation)


def test_order_noise_and_correlation() -> None:
    random = np.random.default_rng(1)
    useful, useless = random.uniform(size=(2, 120))
    losses = (useful - 0.5) ** 2 + 0.01 * random.normal(size=120)
    losses[3] = np.nan
    partly = np.where(np.arange(120) < 60, useful, np.nan)
    found = importances([numbers("useless", useless), numbers("useful", useful), numbers("partly", partly)], losses)
    assert {entry.name for entry in found[:2]} == {"useful", "partly"}
    by_name = {entry.name: entry for entry in found}
    assert by_name["useful"].share > 0.7 > 10 * by_name["useful"].noise
    assert by_name["useless"].share < by_name["useless"].noise < 0.12
    assert (by_name["useful"].trials, by_name["partly"].trials) == (119, 59)
    known = np.isfinite(losses)
    assert by_name["useful"].correlation == pytest.approx(spearmanr(useful[known], losses[known]).statistic)


def test_groups() -> None:
    assert value_groups(np.array([3.0, 1.0, 3.0]), distinct=False).tolist() == [1, 0, 1]
    groups = value_groups(np.arange(60.0), distinct=False)
    assert np.bincount(groups).tolist() == [10] * 6
    assert np.bincount(value_groups(np.arange(20.0), distinct=False)).tolist() == [10, 10]
    assert value_groups(np.arange(20.0), distinct=True).tolist() == list(range(20))


def test_too_few_trials() -> None:
    assert importances([numbers("a", np.array([1.0, 2.0, 2.0]))], np.array([1.0, 2.0, 3.0])) == []
    assert importances([numbers("a", np.array([1.0, np.nan, np.nan]))], np.array([1.0, 2.0, 3.0])) == []
