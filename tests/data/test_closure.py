"""Data of closure tests: what replacing central values does to uncertainties, and the statistics of level 1."""

from __future__ import annotations

import numpy as np
import pytest
from support.data import chi2_values, draw_pseudodata

from n3fit.data import CommonData, WrongUncertainties, closure_datasets, covariance_matrix
from n3fit.data.closure import replace_central
from n3fit.errors import DataError

SEEDS = 1500


@pytest.fixture
def measured(make_dataset) -> list[CommonData]:
    return [
        make_dataset(
            "A_X",
            [100.0, 110.0, 120.0],
            [1.0, 2.0, 1.5],
            [("ADD", "LUMI", [1.0, -2.0, 2.0]), ("MULT", "UNCORR", [3.0, 1.1, 2.4])],
        ),
        make_dataset("B_X", [80.0, 90.0], 1.0, [("MULT", "LUMI", [1.6, 1.8]), ("ADD", "CORR", [0.5, 2.0])]),
    ]


@pytest.fixture
def truth() -> dict[str, np.ndarray]:
    return {"A_X": np.array([200.0, 55.0, 120.0]), "B_X": np.array([40.0, 180.0])}


def drawn(measured, truth, seed: int) -> np.ndarray:
    shifted, _ = closure_datasets(measured, truth, filterseed=seed)
    return np.concatenate([dataset.central for dataset in shifted])


def test_multiplicative_uncertainties_keep_their_relative_size_and_the_others_their_absolute_one(measured, truth):
    first = replace_central(measured[0], truth["A_X"])
    np.testing.assert_array_equal(first.statistical, [1.0, 2.0, 1.5])
    np.testing.assert_allclose(first.systematics.T, [[1.0, -2.0, 2.0], [6.0, 0.55, 2.4]], rtol=1e-14)


def test_level_0_is_the_truth_and_its_covariance_that_of_t0(measured, truth):
    replaced, covariance = closure_datasets(measured, truth, filterseed=None)
    for dataset in replaced:
        np.testing.assert_array_equal(dataset.central, truth[dataset.name])
    np.testing.assert_allclose(covariance, covariance_matrix(measured, truth), rtol=1e-13)
    np.testing.assert_array_equal(covariance, covariance_matrix(replaced))
    np.testing.assert_array_equal(measured[0].central, [100.0, 110.0, 120.0])


def test_level_1_has_the_experimental_covariance_around_the_truth(measured, truth):
    values = np.array([drawn(measured, truth, seed) for seed in range(SEEDS)])
    mean = np.concatenate([truth["A_X"], truth["B_X"]])
    covariance = covariance_matrix(measured, truth)
    variances = np.diagonal(covariance)
    assert np.all(np.abs(values.mean(axis=0) - mean) < 5 * np.sqrt(variances / SEEDS))
    spread = np.sqrt((np.outer(variances, variances) + covariance**2) / SEEDS)
    assert np.all(np.abs(np.cov(values.T) - covariance) < 5 * spread)
    # chi2 of the truth is distributed as chi2 with five degrees of freedom: mean 5, variance 10, median 4.35
    chi2 = chi2_values(values, mean, covariance)
    assert abs(chi2.mean() - 5) < 5 * np.sqrt(10 / SEEDS)
    assert abs(chi2.var() - 10) < 5 * 10 * np.sqrt(4.4 / SEEDS)
    assert abs(np.mean(chi2 < 4.3515) - 0.5) < 5 * 0.5 / np.sqrt(SEEDS)


def test_real_data_of_level_1_have_one_unit_of_chi2_per_point(embedded_datasets):
    names = ("SLAC_NC_NOTFIXED_P_EM-F2", "HERA_CC_318GEV_EM-SIGMARED", "HERA_CC_318GEV_EP-SIGMARED")
    datasets = [embedded_datasets[name] for name in names]
    truth = {dataset.name: 1.1 * dataset.central for dataset in datasets}
    central = np.concatenate(list(truth.values()))
    _, covariance = closure_datasets(datasets, truth, filterseed=None)
    values = np.array([drawn(datasets, truth, seed) for seed in range(200)])
    chi2 = chi2_values(values, central, covariance)
    assert abs(chi2.mean() / len(central) - 1) < 5 * np.sqrt(2 / len(central) / 200)


def test_the_shift_depends_on_the_seed_alone_and_is_not_that_of_a_replica(measured, truth):
    first = drawn(measured, truth, 7)
    np.testing.assert_array_equal(drawn(measured, truth, 7), first)
    assert not np.allclose(drawn(measured, truth, 8), first)
    true, covariance = closure_datasets(measured, truth, filterseed=None)
    for replica in range(5):
        assert not np.allclose(draw_pseudodata(true, covariance, seed=7, replica=replica), first)


def test_a_measured_zero_with_a_relative_uncertainty_is_refused(make_dataset):
    dataset = make_dataset("A_X", [0.0, 1.0], 1.0, [("MULT", "CORR", [0.1, 0.1])])
    with pytest.raises(DataError, match="A_X: point 0 has the central value zero"):
        closure_datasets([dataset], {"A_X": np.ones(2)}, filterseed=None)


def test_wrong_uncertainties_are_those_that_were_named(measured, truth):
    wrong = WrongUncertainties(("A_X",), ("ADD",), ("SPECIAL",), 0.5)
    right, covariance = closure_datasets(measured, truth, filterseed=3)
    given, same = closure_datasets(measured, truth, filterseed=3, wrong=wrong)
    np.testing.assert_array_equal(same, covariance)
    for one, other in zip(given, right, strict=True):
        np.testing.assert_array_equal(one.central, other.central)
        np.testing.assert_array_equal(one.statistical, other.statistical)
    np.testing.assert_array_equal(given[0].systematics, right[0].systematics * [0.5, 1.0])
    np.testing.assert_array_equal(given[1].systematics, right[1].systematics)


@pytest.mark.parametrize(
    ("treatments", "correlations", "factors"),
    [
        (("ADD", "MULT"), ("SPECIAL", "UNCORR"), [2.0, 2.0]),
        (("MULT",), ("UNCORR",), [1.0, 2.0]),
        (("ADD",), ("UNCORR", "CORR"), [1.0, 1.0]),
        ((), ("SPECIAL",), [1.0, 1.0]),
    ],
)
def test_wrong_uncertainties_by_treatment_and_type(measured, treatments, correlations, factors):
    (first, _) = WrongUncertainties(("A_X",), treatments, correlations, 2.0).rescale(measured)
    np.testing.assert_array_equal(first.systematics, measured[0].systematics * factors)


def test_wrong_uncertainties_of_a_set_that_is_not_fitted(measured):
    with pytest.raises(DataError, match="inconsistent_datasets: C_X: not in the fit"):
        WrongUncertainties(("A_X", "C_X"), ("ADD",), ("CORR",), 2.0).rescale(measured)
