"""Estimators of the closure test of one fit, against their definitions with the inverse covariance."""

from dataclasses import replace

import numpy as np
import pytest
from support import outcomes

from n3fit.data.closure import ClosureTruth
from n3fit.errors import DataError, ResourceError
from n3fit.results import select_replicas
from n3fit.results.closure import closure_estimates
from n3fit.results.layout import CLOSURE
from n3fit.results.postfit import write_postfit
from n3fit.results.reader import read_fit_folder

REPLICAS = 6


@pytest.fixture
def closure_outcome():
    """Ten points in three sets, all correlated; a truth, data around it and replicas around those."""
    outcome = outcomes.make_outcome(REPLICAS, sets=outcomes.SMALL_SETS)
    truth = outcome.central * np.linspace(0.98, 1.03, outcome.central.size)
    test = ClosureTruth(2, "known", "f" * 64, 11, truth, 1.1 * outcome.experimental_covariance)
    return replace(outcome, closure=test, positivity_passed=np.ones(REPLICAS, dtype=bool))


def chi2(residual: np.ndarray, covariance: np.ndarray) -> float:
    return float(residual @ np.linalg.inv(covariance) @ residual)


def test_every_estimator_is_as_defined(closure_outcome, write):
    estimates = closure_estimates(write(closure_outcome))
    assert (estimates.test_level, estimates.pdf_set, estimates.filterseed) == (2, "known", 11)
    assert estimates.sha256 == "f" * 64
    assert estimates.replicas == REPLICAS
    assert [row.level for row in estimates.rows] == ["datasets"] * 3 + ["experiments"] * 3 + ["total"]
    points = [np.arange(5), np.arange(5, 9), np.arange(9, 10)]
    for row, chosen in zip(estimates.rows, [*points, points[0], points[1], points[2], np.arange(10)], strict=True):
        covariance = closure_outcome.closure.covariance[np.ix_(chosen, chosen)]
        g, d = closure_outcome.predictions[:, chosen], closure_outcome.central[chosen]
        f, mean, n = closure_outcome.closure.predictions[chosen], g.mean(axis=0), chosen.size
        of_replicas = np.mean([chi2(each - d, covariance) for each in g])
        variance = np.mean([chi2(each - mean, covariance) for each in g]) / n
        assert row.points == n
        assert row.chi2 == pytest.approx(chi2(mean - d, covariance) / n, rel=1e-9)
        assert row.chi2_truth == pytest.approx(chi2(f - d, covariance) / n, rel=1e-9)
        assert row.delta_chi2 == pytest.approx(row.chi2 / row.chi2_truth - 1, rel=1e-9)
        assert row.bias == pytest.approx(chi2(mean - f, covariance) / n, rel=1e-9)
        assert row.variance == pytest.approx(variance, rel=1e-8)
        assert row.ratio == pytest.approx(np.sqrt(row.bias / variance), rel=1e-8)
        assert row.phi == pytest.approx(np.sqrt((of_replicas - chi2(mean - d, covariance)) / n), rel=1e-8)
        assert row.phi == pytest.approx(np.sqrt(row.variance), rel=1e-6)
        assert row.coverage == pytest.approx(np.mean(np.abs(mean - f) < g.std(axis=0, ddof=1)))


def test_replicas_are_chosen_as_for_the_means_of_the_fit_or_as_told(closure_outcome, write, tmp_path):
    passed = np.array([True, False, True, True, False, True])
    outcome = replace(closure_outcome, positivity_passed=passed)
    broken = outcome.predictions.copy()
    broken[1] = np.nan
    estimates = closure_estimates(write(replace(outcome, predictions=broken)))
    assert estimates.replicas == 4
    others = write(replace(closure_outcome), tmp_path / "other")
    assert closure_estimates(others).total != estimates.total
    chosen = closure_estimates(others, [1, 3, 4, 6]).total
    assert chosen.bias == pytest.approx(estimates.total.bias, rel=1e-12)
    assert chosen.variance == pytest.approx(estimates.total.variance, rel=1e-10)
    with pytest.raises(DataError, match="no replica is chosen"):
        closure_estimates(others, [])


def test_replicas_whose_files_are_damaged_are_left_out(closure_outcome, write):
    fit = write(closure_outcome)
    (fit.path / "nnfit" / "replica_2" / "toy.json").unlink()
    rest = read_fit_folder(fit.path, skip_damaged=True)
    assert closure_estimates(rest) == closure_estimates(fit, [1, 3, 4, 5, 6])


def test_replicas_are_those_of_postfit_when_it_ran(closure_outcome, write):
    fit = write(closure_outcome)
    selection = select_replicas(fit, count=3)
    write_postfit(fit.path, selection)
    estimates = closure_estimates(read_fit_folder(fit.path))
    assert estimates.replicas == len(selection.chosen) == 3
    assert estimates == closure_estimates(fit, selection.chosen)


def test_a_single_replica_has_no_variance(closure_outcome, write):
    row = closure_estimates(write(closure_outcome), [3]).total
    assert row.variance == pytest.approx(0, abs=1e-12)
    assert np.isnan(row.ratio)
    assert np.isnan(row.coverage)


def test_at_level_0_the_data_are_the_truth(closure_outcome, write):
    test = replace(closure_outcome.closure, level=0, filterseed=None, predictions=closure_outcome.central)
    row = closure_estimates(write(replace(closure_outcome, closure=test))).total
    assert row.chi2_truth == 0
    assert np.isnan(row.delta_chi2)
    assert row.chi2 == pytest.approx(row.bias, rel=1e-12)


def test_what_is_no_closure_test_is_refused(closure_outcome, write):
    fit = write(replace(closure_outcome, closure=None))
    assert fit.description.closure is None
    assert not (fit.path / CLOSURE).exists()
    with pytest.raises(DataError, match="not a closure test"):
        closure_estimates(fit)


def test_a_missing_or_damaged_file_is_named(closure_outcome, write):
    fit = write(closure_outcome)
    assert CLOSURE in fit.manifest.files
    (fit.path / CLOSURE).write_bytes(b"PK nothing")
    with pytest.raises(DataError, match=f"{CLOSURE}: not a file of arrays"):
        closure_estimates(fit)
    (fit.path / CLOSURE).unlink()
    with pytest.raises(ResourceError, match=f"{CLOSURE}: missing"):
        closure_estimates(fit)
