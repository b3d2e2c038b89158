"""The normalisation of valence and gluon."""

import keras
import numpy as np
import pytest

from n3fit.layers.normalisation import SMALLEST_INTEGRAL, SumRuleNormalisation, away_from_zero
from n3fit.theory.flavours import EVOLUTION_BASIS

NODES = np.array([0.1, 0.4, 0.8])
WEIGHTS = np.array([0.2, 0.5, 0.3])
RANDOM = np.random.default_rng(4)
ON_X = RANDOM.uniform(0.5, 2.0, size=(1, 2, 5, 8))
ON_NODES = RANDOM.uniform(0.5, 2.0, size=(1, 2, 3, 8))
COLUMN = {name: index for index, name in enumerate(EVOLUTION_BASIS)}


def apply(layer, on_x=ON_X, on_nodes=ON_NODES):
    return np.asarray(layer([keras.ops.convert_to_tensor(tensor) for tensor in (on_x, on_nodes)]))


def test_factors(double_precision):
    normalised = apply(SumRuleNormalisation(NODES, WEIGHTS, ("MSR", "VSR")))
    for name, target in (("V", 3), ("V3", 1), ("V8", 3)):
        integral = (ON_NODES[..., COLUMN[name]] / NODES) @ WEIGHTS
        expected = ON_X[..., COLUMN[name]] * target / integral[..., np.newaxis]
        np.testing.assert_allclose(normalised[..., COLUMN[name]], expected, rtol=1e-12)
    gluon = (1 - ON_NODES[..., COLUMN["Sigma"]] @ WEIGHTS) / (ON_NODES[..., COLUMN["g"]] @ WEIGHTS)
    np.testing.assert_allclose(normalised[..., 1], ON_X[..., 1] * gluon[..., np.newaxis], rtol=1e-12)
    for name in ("Sigma", "T3", "T8", "T15"):
        np.testing.assert_array_equal(normalised[..., COLUMN[name]], ON_X[..., COLUMN[name]])


@pytest.mark.parametrize(("rules", "touched"), [(("MSR",), {"g"}), (("VSR",), {"V", "V3", "V8"}), ((), set())])
def test_some_rules_only(rules, touched, double_precision):
    normalised = apply(SumRuleNormalisation(NODES, WEIGHTS, rules))
    changed = {name for name, index in COLUMN.items() if not np.array_equal(normalised[..., index], ON_X[..., index])}
    assert changed == touched


def test_unknown_rule():
    with pytest.raises(ValueError, match=r"expected sum rules among MSR, VSR, received \['TSR'\]"):
        SumRuleNormalisation(NODES, WEIGHTS, ("TSR",))


def test_small_integrals_keep_their_sign():
    values = keras.ops.convert_to_tensor([0.0, -0.0, 1e-9, -1e-9, 0.5, -0.5, SMALLEST_INTEGRAL])
    least = SMALLEST_INTEGRAL
    np.testing.assert_allclose(np.asarray(away_from_zero(values)), [least, least, least, -least, 0.5, -0.5, least])


def test_vanishing_integral_gives_finite_pdfs_and_does_not_affect_other_replicas(double_precision):
    layer = SumRuleNormalisation(NODES, WEIGHTS, ("MSR", "VSR"))
    zeros = ON_NODES.copy()
    zeros[:, 1, :, COLUMN["V3"]] = 0
    zeros[:, 1, :, COLUMN["g"]] = 0
    normalised = apply(layer, on_nodes=zeros)
    assert np.isfinite(normalised).all()
    np.testing.assert_array_equal(normalised[:, 0], apply(layer)[:, 0])
