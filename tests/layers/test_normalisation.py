"""The normalisation of valence and gluon."""

import keras
import numpy as np
import pytest

from n3fit.layers.normalisation import SMALLEST_INTEGRAL, SumRuleNormalisation, away_from_zero
from n3fit.theory.flavours import CHARM_ASYMMETRIC_BASIS, EVOLUTION_BASIS

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
    with pytest.raises(ValueError, match=r"expected sum rules among MSR, VSR, LVSR, TSR, received \['CSR'\]"):
        SumRuleNormalisation(NODES, WEIGHTS, ("CSR",))
    with pytest.raises(ValueError, match="expected the axial charges of each replica"):
        SumRuleNormalisation(NODES, WEIGHTS, ("TSR",))


def with_v15(values):
    """PDFs in CHARM_ASYMMETRIC_BASIS."""
    return np.concatenate([values, 1.5 * values[..., 2:3]], axis=-1)


def test_valence_without_charm(double_precision):
    layer = SumRuleNormalisation(NODES, WEIGHTS, ("LVSR",), basis=CHARM_ASYMMETRIC_BASIS)
    on_x, on_nodes = with_v15(ON_X), with_v15(ON_NODES)
    integral = (on_nodes / NODES[:, np.newaxis]).transpose(0, 1, 3, 2) @ WEIGHTS
    factor = apply(layer, on_x, on_nodes) / on_x
    expected = (4 - integral[..., 8] / 3) / integral[..., 2]
    np.testing.assert_allclose(factor[..., 2], np.broadcast_to(expected[..., np.newaxis], (1, 2, 5)), rtol=1e-12)
    np.testing.assert_array_equal(factor[..., 8], 1)


def test_valence_with_charm(double_precision):
    layer = SumRuleNormalisation(NODES, WEIGHTS, ("VSR",), basis=CHARM_ASYMMETRIC_BASIS)
    normalised = apply(layer, with_v15(ON_NODES), with_v15(ON_NODES))
    np.testing.assert_allclose((normalised[..., 8] / NODES) @ WEIGHTS, 3, rtol=1e-12)


@pytest.mark.parametrize("polarised", [True, False])
def test_axial_charges_of_each_replica(polarised, double_precision):
    charges = np.array([[1.27, 0.58], [1.28, 0.6]])
    layer = SumRuleNormalisation(NODES, WEIGHTS, ("TSR",), polarised=polarised, charges=charges)
    normalised = apply(layer, ON_NODES, ON_NODES)
    measure = WEIGHTS / NODES if polarised else WEIGHTS
    for column, name in enumerate(("T3", "T8")):
        np.testing.assert_allclose(normalised[0, :, :, COLUMN[name]] @ measure, charges[:, column], rtol=1e-12)
    np.testing.assert_array_equal(normalised[..., :5], ON_NODES[..., :5])


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
