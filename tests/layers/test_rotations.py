"""Rotations of flavours."""

import keras
import numpy as np

from n3fit.layers.rotations import FlavourRotation
from n3fit.theory.bases import FITTING_BASES
from n3fit.theory.flavours import fitting_to_evolution


def test_rotation_is_a_matrix_product(double_precision):
    matrix = fitting_to_evolution("FLAVOUR", FITTING_BASES["FLAVOUR"].flavours)
    pdf = np.random.default_rng(0).normal(size=(1, 2, 3, 8))
    rotated = np.asarray(FlavourRotation(matrix)(keras.ops.convert_to_tensor(pdf)))
    np.testing.assert_allclose(rotated, pdf @ matrix.T, rtol=1e-13)
    # Sigma and V of u, ubar, ... with c = cbar
    u, ubar, d, dbar, s, sbar, c, g = np.moveaxis(pdf, -1, 0)
    np.testing.assert_allclose(rotated[..., 0], u + ubar + d + dbar + s + sbar + 2 * c, rtol=1e-12)
    np.testing.assert_allclose(rotated[..., 1], g)
    np.testing.assert_allclose(rotated[..., 2], u - ubar + d - dbar + s - sbar, rtol=1e-11)
