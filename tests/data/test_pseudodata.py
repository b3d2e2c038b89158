"""Statistics of pseudodata, their reproducibility, and cross-sections that stay positive."""

from __future__ import annotations

import numpy as np
import pytest
from support.data import draw_pseudodata

from n3fit.data import PseudodataGenerator, covariance_matrix
from n3fit.data.pseudodata import must_be_positive
from n3fit.errors import DataError

DRAWS = 4000


def sample(datasets, *, separate: bool = False) -> np.ndarray:
    fluctuations = PseudodataGenerator(
        datasets, covariance_matrix(datasets), separate_multiplicative=separate, positive=True
    )
    return fluctuations.draw_all(seed=17, replicas=range(DRAWS))


def assert_mean_and_covariance(draws: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> None:
    """Compare with five standard deviations of the estimators, those of a Gaussian sample."""
    variances = np.diagonal(covariance)
    assert np.all(np.abs(draws.mean(axis=0) - mean) < 5.0 * np.sqrt(variances / len(draws)))
    spread = np.sqrt((np.outer(variances, variances) + covariance**2) / len(draws))
    assert np.all(np.abs(np.cov(draws.T) - covariance) < 5.0 * spread)


@pytest.fixture
def two_sets(make_dataset):
    return [
        make_dataset("A_X", [100.0, 110.0, 120.0], [1.0, 2.0, 1.5], [("ADD", "LUMI", [1.0, -2.0, 2.0])]),
        make_dataset(
            "B_X",
            [80.0, 90.0],
            1.0,
            [("MULT", "LUMI", [1.6, 1.8]), ("MULT", "CORR", [0.8, 0.9]), ("ADD", "UNCORR", [1, 2])],
        ),
    ]


def test_draws_have_the_mean_and_the_covariance_of_the_data(two_sets) -> None:
    central = np.concatenate([dataset.central for dataset in two_sets])
    assert_mean_and_covariance(sample(two_sets), central, covariance_matrix(two_sets))


def test_separate_additive_fluctuations_have_the_same_covariance(make_dataset) -> None:
    datasets = [
        make_dataset("A_X", [100.0, 110.0], [1.0, 2.0], [("ADD", "LUMI", [1.0, -2.0]), ("ADD", "CORR", [2.0, 1.0])]),
        make_dataset("B_X", [80.0, 90.0], 1.0, [("ADD", "LUMI", [2.0, 1.0]), ("ADD", "UNCORR", [1.0, 2.0])]),
    ]
    central = np.concatenate([dataset.central for dataset in datasets])
    assert_mean_and_covariance(sample(datasets, separate=True), central, covariance_matrix(datasets))


def test_weights_divide_separate_additive_fluctuations(make_dataset) -> None:
    dataset = make_dataset("A_X", [100.0, 110.0], [1.0, 2.0], [("ADD", "LUMI", [1.0, -2.0]), ("MULT", "CORR", [1, 1])])
    draws = [
        PseudodataGenerator([dataset], np.eye(2), separate_multiplicative=True, weights=weights).draw_all(
            seed=3, replicas=range(2)
        )
        for weights in (None, {"A_X": 4.0})
    ]
    assert np.abs(draws[0] - draws[1]).max() > 0.1

    plain = PseudodataGenerator(
        [make_dataset("A_X", [100.0, 110.0], [0.5, 1.0], [("ADD", "LUMI", [0.5, -1.0]), ("MULT", "CORR", [1, 1])])],
        np.eye(2),
        separate_multiplicative=True,
    )
    np.testing.assert_allclose(draws[1], plain.draw_all(seed=3, replicas=range(2)), rtol=1e-14)


def test_separate_multiplicative_fluctuations_are_products(make_dataset) -> None:
    # One common factor (1 + r/10) and nothing else: every draw has the ratios of the central values, and the
    # variance of a product of independent factors (1 + r s)(1 + r' t) is c^2 (s^2 + t^2 + s^2 t^2).
    common = make_dataset("A_X", [10.0, 20.0], 0.0, [("MULT", "LUMI", [1.0, 2.0])])
    draws = sample([common, make_dataset("B_X", [50.0], 0.0, [("MULT", "LUMI", [5.0])])], separate=True)
    np.testing.assert_allclose(draws[:, 1] / draws[:, 0], 2.0, rtol=1e-13)
    np.testing.assert_allclose(draws[:, 2] / draws[:, 0], 5.0, rtol=1e-13)
    product = make_dataset("A_X", [10.0], 0.0, [("MULT", "ONE", [2.0]), ("MULT", "UNCORR", [1.0])])
    values = sample([product], separate=True)[:, 0]
    variance = 100.0 * (0.04 + 0.01 + 0.04 * 0.01)
    assert abs(values.mean() - 10.0) < 5.0 * np.sqrt(variance / DRAWS)
    assert abs(values.var() - variance) < 5.0 * variance * np.sqrt(2.2 / DRAWS)


@pytest.mark.parametrize("separate", [False, True])
def test_a_draw_depends_on_seed_and_replica_only(two_sets, separate) -> None:
    covariance = covariance_matrix(two_sets)
    fluctuations = PseudodataGenerator(two_sets, covariance, separate_multiplicative=separate, positive=True)
    first = fluctuations.draw(seed=1, replica=5)
    fluctuations.draw(seed=1, replica=6)
    np.testing.assert_array_equal(fluctuations.draw(seed=1, replica=5), first)
    options = {"separate_multiplicative": separate}
    np.testing.assert_array_equal(draw_pseudodata(two_sets, covariance, seed=1, replica=5, **options), first)
    assert not np.allclose(draw_pseudodata(two_sets, covariance, seed=2, replica=5, **options), first)
    assert not np.allclose(draw_pseudodata(two_sets, covariance, seed=1, replica=6, **options), first)


@pytest.mark.parametrize("separate", [False, True])
def test_replicas_drawn_together_and_alone_agree_to_the_last_bit(embedded_datasets, separate) -> None:
    datasets = list(embedded_datasets.values())[:6]
    fluctuations = PseudodataGenerator(
        datasets, covariance_matrix(datasets), separate_multiplicative=separate, positive=True
    )
    replicas = [1, 2, 31, 32, 33, 100]
    together = fluctuations.draw_all(seed=3, replicas=replicas)
    alone = [fluctuations.draw(seed=3, replica=replica) for replica in replicas]
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_array_equal(fluctuations.draw_all(seed=3, replicas=replicas[::-1]), together[::-1])


def test_sets_of_equal_size_and_uncertainty_fluctuate_independently(make_dataset) -> None:
    datasets = [make_dataset(name, np.full(50, 100.0), 1.0) for name in ("A_X", "B_X")]
    draw = draw_pseudodata(datasets, covariance_matrix(datasets), seed=1, replica=1)
    assert abs(np.corrcoef(draw[:50], draw[50:])[0, 1]) < 5.0 / np.sqrt(50)


@pytest.mark.parametrize("separate", [False, True])
def test_cross_sections_stay_positive(make_dataset, separate) -> None:
    dataset = make_dataset("A_X", [1.0, 1.0], 1.0)
    draws = sample([dataset], separate=separate)
    assert (draws >= 0.0).all()
    # The rest is a Gaussian cut off at zero: its mean is 1 + phi(1) / Phi(1) = 1.28760.
    assert abs(draws.mean() - 1.28760) < 5.0 * np.sqrt(0.63 / draws.size)


def test_every_draw_counts_unless_cross_sections_must_be_positive(make_dataset) -> None:
    """Replicas whose first draw is positive are the same in both cases."""
    dataset = make_dataset("A_X", [1.0, 1.0], 1.0)
    covariance = covariance_matrix([dataset])
    every, positive = (
        PseudodataGenerator([dataset], covariance, positive=choice).draw_all(seed=4, replicas=range(400))
        for choice in (False, True)
    )
    negative = (every < 0.0).any(axis=1)
    assert 0.2 < negative.mean() < 0.4  # 1 - Phi(1)^2 = 0.292
    np.testing.assert_array_equal(every[~negative], positive[~negative])
    assert (positive >= 0.0).all()


def test_asymmetries_may_be_negative(make_dataset) -> None:
    asymmetry = make_dataset("A_X", [0.0, 0.1], 1.0, operation="ASY")
    assert not must_be_positive(asymmetry).any()
    assert (sample([asymmetry]) < 0.0).any()
    measured_negative = make_dataset("A_X", [-0.1, 0.1], 1.0)
    np.testing.assert_array_equal(must_be_positive(measured_negative), [False, True])
    for name, process in (("CMS_WPWM_7TEV_ELECTRON_ASY", "DY_W_ETA"), ("EMC_NC_NOTFIXED_MUP_G1", "DIS_POL")):
        assert make_dataset(name, [1.0], 1.0, process_type=process).may_be_negative


def test_impossible_positivity_ends_with_an_error_that_names_the_points(make_dataset) -> None:
    datasets = [make_dataset("GOOD_X", [100.0], 1.0), make_dataset("BAD_X", np.full(200, 1e-3), 1.0)]
    with pytest.raises(DataError, match=r"replica 3: each of 20 draws .* BAD_X point \d+ \(\d+ times\)") as caught:
        draw_pseudodata(datasets, covariance_matrix(datasets), seed=1, replica=3, max_tries=20)
    assert "GOOD_X" not in str(caught.value)


def test_real_data_need_few_redraws(embedded_datasets) -> None:
    datasets = list(embedded_datasets.values())
    fluctuations = PseudodataGenerator(datasets, covariance_matrix(datasets), positive=True)
    central = np.concatenate([dataset.central for dataset in datasets])
    sigma = np.sqrt(np.diagonal(covariance_matrix(datasets)))
    for replica in range(1, 6):
        drawn = fluctuations.draw(seed=519562661, replica=replica, max_tries=30)
        pulls = (drawn - central) / sigma
        assert (drawn >= 0.0).all()
        assert 0.5 < pulls.std() < 1.5
