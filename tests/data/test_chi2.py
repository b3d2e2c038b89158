import numpy as np

from n3fit.data.chi2 import chi2_values


def test_chi2_equals_the_explicit_inverse() -> None:
    rng = np.random.default_rng(1)
    factor = rng.normal(size=(30, 30))
    covariance = factor @ factor.T + 0.1 * np.eye(30)
    central, predictions = rng.normal(size=30), rng.normal(size=(4, 30))
    inverse = np.linalg.inv(covariance)
    expected = [(t - central) @ inverse @ (t - central) for t in predictions]
    np.testing.assert_allclose(chi2_values(predictions, central, covariance), expected, rtol=1e-9)
    np.testing.assert_allclose(chi2_values(predictions[1], central, covariance), expected[1], rtol=1e-9)
