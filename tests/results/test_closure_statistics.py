"""Closure tests of many fits of a linear model, for which bias and variance are known in closed form.

Least squares with p parameters for n points: the mean of infinitely many replicas is the fit to the data of level 1,
so bias and variance are both p/n on average, and R_bv is one (arXiv:2111.05787, section 2).
"""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from n3fit.errors import DataError
from n3fit.results.closure import ClosureEstimates, ClosureRow, group_estimates
from n3fit.results.closure_arrays import whiten_groups
from n3fit.results.closure_statistics import combine_estimates, without_replica_noise

POINTS, PARAMETERS, FITS, REPLICAS = 60, 6, 150, 20


def linear_fits(noise: float = 1.0, seed: int = 1, count: int = FITS) -> list[ClosureEstimates]:
    """Fit straight combinations of functions, with replicas that fluctuate ``noise`` times as much as the data."""
    random = np.random.default_rng(seed)
    x = np.linspace(0, 1, POINTS)
    functions = np.polynomial.chebyshev.chebvander(2 * x - 1, PARAMETERS - 1)
    correlated = 0.1 * (1 + x)
    covariance = np.diag(0.05 + 0.1 * x) + np.outer(correlated, correlated)
    root, inverse = np.linalg.cholesky(covariance), np.linalg.inv(covariance)
    projector = functions @ np.linalg.solve(functions.T @ inverse @ functions, functions.T @ inverse)
    truth = functions @ np.ones(PARAMETERS)
    fits = []
    for number in range(count):
        data = truth + root @ random.normal(size=POINTS)
        replicas = data + noise * (root @ random.normal(size=(POINTS, REPLICAS))).T
        predictions = replicas @ projector.T
        whitened = whiten_groups(np.vstack([predictions, data]), truth, covariance, [np.arange(POINTS)])
        products = whitened @ whitened.T
        inside = np.abs(predictions.mean(axis=0) - truth) < predictions.std(axis=0, ddof=1)
        row = group_estimates("total", "total", POINTS, products, np.ones(REPLICAS, dtype=bool), inside.mean())
        fits.append(ClosureEstimates(Path(f"fit_{number}"), 2, "known", "f" * 64, number, REPLICAS, (row,)))
    return fits


def test_least_squares_is_faithful():
    total = combine_estimates(linear_fits()).total
    expected = PARAMETERS / POINTS
    # a sum of p squares of normal numbers has the variance 2p
    accuracy = 5 * math.sqrt(2 * PARAMETERS / FITS) / POINTS
    assert abs(total.bias - expected) < accuracy
    assert abs(total.variance - expected) < accuracy / math.sqrt(REPLICAS)
    assert total.ratio.contains(1.0)
    assert abs(total.ratio.value - 1) < 4 * total.ratio.deviation
    assert abs(total.chi2 - (1 - expected)) < 5 * math.sqrt(2 / POINTS / FITS)
    assert total.delta_chi2 < 0
    # one standard deviation, estimated from twenty replicas around a mean of twenty: t distribution with 19 degrees
    assert total.coverage.value == pytest.approx(0.66, abs=5 * total.coverage.deviation)
    assert total.expected_coverage == pytest.approx(math.erf(1 / total.ratio.value / math.sqrt(2)))


@pytest.mark.parametrize("fraction", [0.75, 0.9])
def test_a_training_fraction_makes_least_squares_cautious(fraction):
    """Replicas that each see a random fraction of the data scatter more, their mean does not.

    With many points, the estimate from the points that s_i = 0 or 1 chooses is that of all points with weights s_i/f,
    of mean one and variance 1/f - 1. The fluctuations of a replica come with the mean of s_i^2/f^2 = 1/f, those of the
    level 1 data with the variance: variance = (2/f - 1) p/n, while the bias stays p/n.
    """
    random = np.random.default_rng(3)
    points, parameters = 800, 4
    functions = np.polynomial.legendre.legvander(np.linspace(-1, 1, points), parameters - 1)
    fits = []
    for number in range(60):
        data = random.normal(size=points)
        seen = random.permuted(np.tile(np.arange(points) < fraction * points, (REPLICAS, 1)), axis=1)
        replicas = data + random.normal(size=(REPLICAS, points))
        normal = (functions.T * seen[:, np.newaxis]) @ functions
        parameter_values = np.linalg.solve(normal, ((seen * replicas) @ functions)[..., np.newaxis])[..., 0]
        values = np.vstack([parameter_values @ functions.T, data])
        products = values @ values.T  # the truth is zero and the covariance one
        row = group_estimates("total", "total", points, products, np.ones(REPLICAS, dtype=bool))
        fits.append(ClosureEstimates(Path(f"fit_{number}"), 2, "known", "f" * 64, number, REPLICAS, (row,)))
    total = combine_estimates(fits).total
    assert total.variance * points / parameters == pytest.approx(2 / fraction - 1, rel=0.08)
    assert total.ratio.value == pytest.approx(np.sqrt(fraction / (2 - fraction)), abs=3 * total.ratio.deviation)
    assert total.ratio.deviation < 0.08


@pytest.mark.parametrize(("noise", "expected"), [(0.5, 2.0), (2.0, 0.5)])
def test_uncertainties_of_the_wrong_size_show_in_the_ratio(noise, expected):
    total = combine_estimates(linear_fits(noise)).total
    assert total.ratio.value == pytest.approx(expected, abs=4 * total.ratio.deviation)
    assert not total.ratio.contains(1.0)
    assert (total.coverage.value < 0.5) is (expected > 1)


def test_the_width_of_the_bootstrap_interval_is_that_of_the_ratio_over_many_experiments():
    ratios = [combine_estimates(linear_fits(seed=seed, count=40), samples=2).total.ratio.value for seed in range(20)]
    deviation = combine_estimates(linear_fits(count=40)).total.ratio.deviation
    assert 0.5 * deviation < np.std(ratios, ddof=1) < 2 * deviation
    # bias: p squares in each fit, relative deviation sqrt(2/p/fits); half of it remains in the square root
    assert deviation == pytest.approx(0.5 * math.sqrt(2 / PARAMETERS / 40), rel=0.3)


def test_the_noise_of_the_mean_of_the_replicas_is_taken_out():
    # infinitely many fits with bias b and variance v seen with R replicas: b + v/R and v (R-1)/R on average
    b, v, count = 0.3, 0.2, np.array([5])
    bias, variance = without_replica_noise(np.array([b + v / 5]), np.array([v * 4 / 5]), count)
    np.testing.assert_allclose([bias[0], variance[0]], [b, v], rtol=1e-14)


def test_the_same_seed_gives_the_same_interval():
    fits = linear_fits(count=10)
    assert combine_estimates(fits, seed=3) == combine_estimates(fits, seed=3)
    assert combine_estimates(fits, seed=3).total.ratio.low != combine_estimates(fits, seed=4).total.ratio.low


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"test_level": 1}, "fit_1: expected a closure test of level 2, received level 1"),
        ({"replicas": 1}, "fit_1: expected two replicas or more, received 1"),
        ({"pdf_set": "other"}, r"fit_1: the truth is other \(ffffffff\), that of fit_0 known"),
        ({"sha256": "0" * 64}, r"fit_1: the truth is known \(00000000\)"),
        ({"filterseed": 0}, "fit_1: filterseed 0 is that of fit_0 too"),
    ],
)
def test_fits_that_do_not_belong_together_are_refused(change, message):
    first, second = linear_fits(count=2)
    with pytest.raises(DataError, match=message):
        combine_estimates([first, replace(second, **change)])


def test_other_data_and_a_single_fit_are_refused():
    first, second = linear_fits(count=2)
    row: ClosureRow = replace(second.rows[0], points=POINTS - 1)
    with pytest.raises(DataError, match="fit_1: other data sets or cuts than in fit_0"):
        combine_estimates([first, replace(second, rows=(row,))])
    with pytest.raises(DataError, match="at least two closure tests, received 1"):
        combine_estimates([first])
