import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from support import outcomes
from support.data import chi2_values
from support.outcomes import Outcome

from n3fit.results import FitFolder
from n3fit.results.reader import read_fit_folder

Write = Callable[..., FitFolder]


def test_everything_comes_back(write: Write, small_outcome: Outcome) -> None:
    fit = write(small_outcome)
    np.testing.assert_array_equal(fit.pdf, small_outcome.pdf)
    np.testing.assert_array_equal(fit.xgrid, small_outcome.xgrid)
    for name in ("alpha", "beta", "predictions", "arc_lengths", "positivity_passed"):
        np.testing.assert_array_equal(getattr(fit.results, name), getattr(small_outcome, name))
    for name in ("best_epoch", "training_chi2", "finite", "validation_history", "history_epochs"):
        np.testing.assert_array_equal(getattr(fit.results.training, name), getattr(small_outcome, name))
    np.testing.assert_array_equal(fit.points.central, small_outcome.central)
    np.testing.assert_array_equal(fit.points.x, np.concatenate([d.x for d in small_outcome.datasets]))
    assert fit.description.datasets[1] == small_outcome.datasets[1].record
    assert fit.description.theory == outcomes.THEORY
    assert fit.runcard_text == outcomes.RUNCARD
    assert fit.title == "Toy fit <b>with</b> markup & 100 % care"
    weights = fit.weights(2)
    assert list(weights) == ["all_NNs", "preprocessing_factor"]
    np.testing.assert_array_equal(weights["all_NNs"][0], small_outcome.weights[1]["all_NNs"][0])
    read_fit_folder(fit.path, checksums=True)


def test_summary_numbers_are_those_of_plain_numpy(write: Write, small_outcome: Outcome) -> None:
    passed = np.array([True, False, True])
    fit = write(replace(small_outcome, positivity_passed=passed, best_epoch=np.array([99, -1, 199])))
    summary = fit.summary()
    mean = small_outcome.predictions[passed].mean(axis=0)
    for covariance, received in (
        (small_outcome.t0_covariance, summary.total.t0),
        (small_outcome.experimental_covariance, summary.total.experimental),
    ):
        residual = mean - small_outcome.central
        assert received == pytest.approx(residual @ np.linalg.solve(covariance, residual) / 10, rel=1e-6)
    by_replica = chi2_values(small_outcome.predictions, small_outcome.central, small_outcome.t0_covariance)[passed] / 10
    assert summary.total.replicas_mean == pytest.approx(by_replica.mean(), rel=1e-12)
    assert summary.total.replicas_deviation == pytest.approx(by_replica.std(ddof=1), rel=1e-12)
    place = small_outcome.datasets[1].slice
    block = small_outcome.t0_covariance[place, place]
    residual = (mean - small_outcome.central)[place]
    assert summary.datasets[1].t0 == pytest.approx(residual @ np.linalg.solve(block, residual) / 4, rel=1e-6)
    assert (summary.replicas, summary.passing, summary.chosen, summary.selection) == (3, 2, 2, "passing")
    assert summary.mean_best_epoch == 150.0
    assert [row.name for row in summary.experiments] == ["DEUTERON", "NMC", "SLAC"]


def test_experiments_keep_the_correlations_between_their_sets(write: Write) -> None:
    sets = (outcomes.SMALL_SETS[0], (*outcomes.SMALL_SETS[1][:2], "DEUTERON", *outcomes.SMALL_SETS[1][3:]))
    outcome = outcomes.make_outcome(2, sets=sets)
    fit = write(outcome)
    expected = chi2_values(fit.mean_prediction, outcome.central, outcome.t0_covariance)
    (value,) = fit.chi2["experiments"].t0
    assert value == pytest.approx(expected, rel=1e-6)
    assert fit.chi2["datasets"].t0.sum() != pytest.approx(float(expected), rel=1e-3)


def test_without_a_passing_replica_the_finite_ones_are_averaged(write: Write, small_outcome: Outcome) -> None:
    fit = write(replace(small_outcome, positivity_passed=np.zeros(3, bool), finite=np.array([True, False, True])))
    assert fit.selection == "finite"
    assert fit.vetoed.all()
    assert fit.chosen.tolist() == [True, False, True]
    np.testing.assert_allclose(fit.mean_prediction, small_outcome.predictions[[0, 2]].mean(axis=0), rtol=1e-15)


def test_fault_46_a_replica_of_nan_stays_alone(write: Write, small_outcome: Outcome) -> None:
    predictions, pdf = small_outcome.predictions.copy(), small_outcome.pdf.copy()
    predictions[1], pdf[1] = np.nan, np.nan
    fit = write(replace(small_outcome, predictions=predictions, pdf=pdf, positivity_passed=np.ones(3, bool)))
    assert fit.results.finite.tolist() == [True, False, True]
    assert np.isfinite(fit.summary().total.t0)
    assert np.isnan(fit.chi2["total"].t0_replicas[:, 0]).tolist() == [False, True, False]
    assert json.loads((fit.path / "nnfit" / "replica_2" / "toy.json").read_text())["chi2"] is None
    assert np.isnan(fit.pdf[1]).all()


def test_nothing_finite_and_nothing_at_all(write: Write) -> None:
    outcome = outcomes.make_outcome(2, sets=(), positivity_losses={}, integrability_losses={})
    fit = write(replace(outcome, finite=np.zeros(2, bool)))
    summary = fit.summary()
    assert (summary.selection, summary.points, summary.datasets) == ("none", 0, ())
    assert np.isnan(summary.total.t0)


def test_covariance_that_is_not_positive_definite_gives_no_chi2(
    write: Write, small_outcome: Outcome, caplog: pytest.LogCaptureFixture
) -> None:
    covariance = small_outcome.experimental_covariance.copy()
    covariance[0, :] = covariance[:, 0] = 0
    fit = write(replace(small_outcome, experimental_covariance=covariance))
    first, second, third = fit.chi2["datasets"].experimental
    assert np.isnan(first)
    assert np.isfinite([second, third]).all()
    assert "NMC_NC_NOTFIXED_EM-F2: the experimental covariance is not positive definite" in caplog.text
