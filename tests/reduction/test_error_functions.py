"""Against scipy and numpy."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from n3fit.reduction import ESTIMATORS, ErrorFunctions, Samples

CHOICES = np.array([[0, 3, 4, 9, 17, 21, 30, 39], [1, 2, 5, 6, 7, 8, 10, 11]])
AT = [0, 1, 3, 4, 6]  # five of seven points for the correlations


@pytest.fixture
def samples() -> Samples:
    random = np.random.default_rng(4)
    mixed = random.gamma(2.0, size=(40, 3)) @ random.normal(size=(3, 14)) + 0.3 * random.normal(size=(40, 14))
    members = 2.0 + mixed.reshape(40, 2, 7)
    return Samples(("g", "u"), np.geomspace(1e-3, 0.5, 7), members, members.mean(axis=0))


def expected(samples: Samples, choice: np.ndarray) -> list[float]:
    every, chosen = (values.reshape(len(values), -1) for values in (samples.members, samples.members[choice]))
    size = every.std(axis=0, ddof=1)
    few = np.concatenate([np.array(AT), 7 + np.array(AT)])
    upper = np.triu_indices(10, k=1)
    correlations = [np.corrcoef(values[:, few], rowvar=False)[upper] for values in (every, chosen)]
    distances = [stats.ks_2samp(chosen[:, i], every[:, i]).statistic for i in range(14)]
    differences = [
        (chosen.mean(axis=0) - every.mean(axis=0)) / size,
        chosen.std(axis=0, ddof=1) / size - 1,
        stats.skew(chosen) - stats.skew(every),
        stats.kurtosis(chosen) - stats.kurtosis(every),
        np.array(distances),
        correlations[1] - correlations[0],
    ]
    return [float(np.mean(np.square(entry))) for entry in differences]


def test_error_functions_are_mean_squares_of_differences_of_the_statistics(samples: Samples) -> None:
    found = ErrorFunctions(samples)(CHOICES)
    assert found.shape == (2, len(ESTIMATORS)) == (2, 6)
    np.testing.assert_allclose(found, [expected(samples, choice) for choice in CHOICES], rtol=1e-10)


def test_kolmogorov_distances_with_equal_values(samples: Samples) -> None:
    rounded = replace(samples, members=np.round(samples.members))
    values = rounded.members.reshape(40, -1)
    found = ErrorFunctions(rounded).kolmogorov_distances(CHOICES)
    wanted = [[stats.ks_2samp(values[choice, i], values[:, i]).statistic for i in range(14)] for choice in CHOICES]
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_all_replicas_have_no_error(samples: Samples) -> None:
    np.testing.assert_allclose(ErrorFunctions(samples)(np.arange(40)[None]), 0.0, atol=1e-20)


def test_points_and_flavours_that_do_not_vary_do_not_count(samples: Samples) -> None:
    members = np.concatenate([samples.members, np.full((40, 1, 7), 3.0)], axis=1)
    larger = Samples(("g", "u", "s"), samples.x, members, members.mean(axis=0))
    np.testing.assert_array_equal(ErrorFunctions(larger)(CHOICES), ErrorFunctions(samples)(CHOICES))


def test_choice_of_equal_replicas_has_finite_errors(samples: Samples) -> None:
    members = samples.members.copy()
    members[1:8] = members[0]
    errors = ErrorFunctions(replace(samples, members=members))(np.arange(8)[None])
    assert np.isfinite(errors).all()
    assert errors[0, 1] == pytest.approx(1.0)
