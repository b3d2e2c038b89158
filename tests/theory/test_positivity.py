import numpy as np

from n3fit.theory.positivity import positivity_loss


def test_loss_is_the_sum_of_elu():
    """elu(-T) with 1e-7, as in the layer; no overflow for large predictions of either sign."""
    losses = positivity_loss(np.array([[1.0, -2.0, 0.0], [1e4, 1e4, 1e4], [-1e300, 1.0, 1.0]]))
    np.testing.assert_allclose(losses, [2 + 1e-7 * np.expm1(-1.0), -3e-7, 1e300], rtol=1e-14)
