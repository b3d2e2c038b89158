"""The PDF model: sum rules by an independent quadrature, preprocessing, independence of the replicas."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import maximum_filter1d
from support import problems

from n3fit.backends import NN_LAYER_ALL_REPLICAS, PREPROCESSING_LAYER_ALL_REPLICAS, set_initial_state
from n3fit.ensembles.integrability import unnormalised_replicas
from n3fit.model.pdf_model import SUM_RULES_LAYER, build_pdf_model, evaluate_pdf, evolution_to_flavours
from n3fit.runcard import read_runcard
from n3fit.theory.axial_charges import axial_charges_of
from n3fit.theory.bases import FITTING_BASES
from n3fit.theory.exponents import ExponentRange
from n3fit.theory.flavours import CHARM_ASYMMETRIC_BASIS, EVOLUTION_BASIS, EXPORT_PIDS, fitting_to_evolution
from n3fit.theory.sum_rules import normalisations

ROOT = Path(__file__).parents[2]
REPLICAS = range(1, 7)
KNOTS = (np.array([1e-9, 1e-5, 1e-3, 0.05, 0.3, 1.0]), np.linspace(-1, 1, 6))
TARGETS = {"V": 3, "V3": 1, "V8": 3, "V15": 3, "momentum": 1}
WIDE = {"nodes": (25, 20, 8), "activations": ("tanh", "tanh", "linear")}
UNPOLARISED = [name for name, basis in FITTING_BASES.items() if not basis.polarised]
POLARISED = [name for name, basis in FITTING_BASES.items() if basis.polarised]


def wide(fitbasis: str) -> dict[str, tuple]:
    """Return the usual size of the network for a basis."""
    return WIDE | {"nodes": (25, 20, len(FITTING_BASES[fitbasis].flavours))}


def fine_quadrature() -> tuple[np.ndarray, np.ndarray]:
    """Return a thousand nodes: Gauss-Legendre in log x on many panels between 1e-9 and 1."""
    abscissae, weights = np.polynomial.legendre.leggauss(20)
    edges = np.log(np.concatenate([np.geomspace(1e-9, 0.1, 31), np.linspace(0.1, 1, 21)[1:]]))
    half, middle = np.diff(edges)[:, np.newaxis] / 2, (edges[1:] + edges[:-1])[:, np.newaxis] / 2
    x = np.exp(half * abscissae + middle).ravel()
    return x, (half * weights).ravel() * x


X, WEIGHTS = fine_quadrature()


def sum_rules(pdf: np.ndarray) -> dict[str, np.ndarray]:
    """Compute the integrals of V, V3, V8 and the momentum of x f on the nodes X, (R,) each."""
    column = {name: pdf[..., index] for index, name in enumerate(CHARM_ASYMMETRIC_BASIS[: pdf.shape[-1]])}
    numbers = {name: (column[name] / X) @ WEIGHTS for name in ("V", "V3", "V8", "V15") if name in column}
    return numbers | {"momentum": (column["Sigma"] + column["g"]) @ WEIGHTS}


def check_sum_rules(pdf: np.ndarray) -> None:
    """Check to 1e-4, and less where the parts of an integral cancel, where rounding in float32 has a larger effect."""
    cancellation = sum_rules(np.abs(pdf))
    for name, values in sum_rules(pdf).items():
        tolerance = 1e-4 * np.maximum(1, cancellation[name] / (100 * TARGETS[name]))
        assert np.max(np.abs(values / TARGETS[name] - 1) / tolerance) < 1, name


@pytest.mark.parametrize("scaled", [False, True], ids=["plain", "scaled"])
@pytest.mark.parametrize("fitbasis", UNPOLARISED)
def test_sum_rules_hold_for_random_weights(fitbasis, scaled):
    architecture = problems.make_architecture(fitbasis, feature_knots=KNOTS if scaled else None, **wide(fitbasis))
    model = build_pdf_model(architecture, REPLICAS)
    check_sum_rules(evaluate_pdf(model, X))
    random = np.random.default_rng(8)
    for weight in model.trainable_weights:
        weight.assign(3 * weight.numpy() + random.normal(0.0, 0.3, weight.shape))
    check_sum_rules(evaluate_pdf(model, X))
    basis = architecture.evolution_basis
    factors = normalisations(("MSR", "VSR"), basis)
    assert not unnormalised_replicas(lambda x: evaluate_pdf(model, x), factors, basis).any()


@pytest.mark.parametrize("scaled", [False, True], ids=["plain", "scaled"])
@pytest.mark.parametrize("fitbasis", POLARISED)
def test_axial_charges_of_each_replica(fitbasis, scaled):
    architecture = problems.make_architecture(fitbasis, feature_knots=KNOTS if scaled else None, **wide(fitbasis))
    pdf = evaluate_pdf(build_pdf_model(architecture, REPLICAS), X)
    charges = axial_charges_of(REPLICAS, architecture.seed)
    for column, name in enumerate(("T3", "T8")):
        values = pdf[..., EVOLUTION_BASIS.index(name)] / X
        tolerance = 1e-6 * np.maximum(1, np.abs(values) @ WEIGHTS)
        assert (np.abs(values @ WEIGHTS - charges[:, column]) < 10 * tolerance).all(), name
    flavours = evolution_to_flavours(pdf, architecture.evolution_basis)
    charm = [EXPORT_PIDS.index(pid) for pid in (-4, 4)]
    assert np.abs(flavours[..., charm]).max() < 1e-6 * np.abs(flavours).max()
    if fitbasis == "POLARIZED_EVOL":
        assert not pdf[..., 2:5].any()


@pytest.mark.parametrize("fitbasis", ["EVOL", "CCBAR_ASYMM", "CCBAR_ASYMM_FLAVOUR"])
def test_valence_of_light_quarks_alone(fitbasis):
    """Charm has the number c_v that it has without sum rules, up to the normalisation of V: V15 = 3 - 3 c_v."""
    rules = ("MSR", "LVSR")
    model = build_pdf_model(problems.make_architecture(fitbasis, sum_rules=rules, **wide(fitbasis)), REPLICAS)
    found = sum_rules(evaluate_pdf(model, X))
    charm = (3 - found["V15"]) / 3
    np.testing.assert_allclose(found["V"], 3 + charm, atol=2e-4 * np.abs(charm).max() + 1e-3)
    np.testing.assert_allclose(found["momentum"], 1, atol=1e-3)
    assert np.abs(charm).min() > 1e-3
    assert np.abs(found["V3"] - 1).max() < 1e-3


@pytest.mark.parametrize("fitbasis", FITTING_BASES)
def test_replicas_do_not_depend_on_each_other(fitbasis):
    together = evaluate_pdf(build_pdf_model(problems.make_architecture(fitbasis), [3, 5, 8]), X[::50])
    alone = evaluate_pdf(build_pdf_model(problems.make_architecture(fitbasis), [5]), X[::50])
    np.testing.assert_allclose(together[1:2], alone, rtol=2e-5, atol=1e-6 * np.abs(alone).max())


def test_flavours_that_are_left_out_are_zero(double_precision):
    full = problems.make_architecture("FLAVOUR", sum_rules=())
    ranges = tuple(entry for entry in full.ranges if entry.flavour not in ("s", "sbar"))
    pdf = evaluate_pdf(build_pdf_model(dataclasses.replace(full, ranges=ranges, nodes=(6, 6)), [1]), X[::50])
    flavours = evolution_to_flavours(pdf, full.evolution_basis)
    assert np.abs(flavours[..., [EXPORT_PIDS.index(pid) for pid in (-3, 3)]]).max() < 1e-14 * np.abs(flavours).max()
    assert np.abs(flavours[..., [EXPORT_PIDS.index(pid) for pid in (-4, -1, 2)]]).min() > 0


@pytest.mark.parametrize("end", [0, 1], ids=["lowest", "highest"])
@pytest.mark.parametrize("steep", [0, 1], ids=["lowest_largex", "highest_largex"])
def test_sum_rules_at_the_ends_of_the_exponents_of_the_runcard(end, steep, double_precision):
    """Within 1e-5 with a thousand nodes, for random networks of the usual size; in float64, without rounding."""
    basis = read_runcard(ROOT / "runcards" / "dis.yml").fitting.basis
    ranges = tuple(
        ExponentRange(entry.fl, (entry.smallx[end],) * 2, (entry.largex[steep],) * 2, False) for entry in basis
    )
    architecture = dataclasses.replace(problems.make_architecture("EVOL", **WIDE), ranges=ranges)
    model = build_pdf_model(architecture, range(1, 41))
    random = np.random.default_rng(11)
    for scale in (1.0, 3.0):
        for weight in model.trainable_weights:  # Glorot's, and three times as large
            weight.assign(random.normal(0.0, scale * np.sqrt(2 / sum(weight.shape[1:])), weight.shape))
        for name, values in sum_rules(evaluate_pdf(model, X)).items():
            np.testing.assert_allclose(values, TARGETS[name], rtol=1e-5, err_msg=name)


@pytest.fixture(scope="module")
def small_model():
    return build_pdf_model(problems.make_architecture(), REPLICAS)


def test_vanishing_integral_is_guarded_and_marked(small_model):
    before = evaluate_pdf(small_model, X)
    kept = [weight.numpy() for weight in small_model.trainable_weights]
    for weight, value in zip(small_model.trainable_weights, kept, strict=True):
        assert weight.replica_axis == 0
        weight.assign(np.where(np.arange(len(REPLICAS)).reshape(-1, *(1,) * (value.ndim - 1)) == 2, 0.0, value))
    broken = evaluate_pdf(small_model, X)
    factors = normalisations(("MSR", "VSR"), EVOLUTION_BASIS)
    marked = unnormalised_replicas(lambda x: evaluate_pdf(small_model, x), factors)
    for weight, value in zip(small_model.trainable_weights, kept, strict=True):
        weight.assign(value)
    assert marked.tolist() == [False, False, True, False, False, False]
    assert np.isfinite(broken).all()
    neighbours = [0, 1, 3, 4, 5]
    np.testing.assert_array_equal(broken[neighbours], before[neighbours])


def test_some_sum_rules_only(small_model):
    momentum = build_pdf_model(problems.make_architecture(sum_rules=("MSR",)), REPLICAS)
    free = build_pdf_model(problems.make_architecture(sum_rules=()), REPLICAS)
    both, some, none = (evaluate_pdf(model, X) for model in (small_model, momentum, free))
    valence = [EVOLUTION_BASIS.index(name) for name in ("V", "V3", "V8")]
    np.testing.assert_allclose(some[..., 1], both[..., 1], rtol=1e-5)
    np.testing.assert_allclose(some[..., valence], none[..., valence], rtol=1e-5, atol=1e-30)
    ratio = both[..., valence] / none[..., valence]
    np.testing.assert_allclose(ratio, np.broadcast_to(ratio[:, :1], ratio.shape), rtol=1e-4)
    assert np.abs(sum_rules(none)["V"] - 3).min() > 1e-3


@pytest.mark.parametrize("fitbasis", FITTING_BASES)
def test_pdf_is_network_times_preprocessing(fitbasis, double_precision):
    """Without sum rules, in plain numpy from the weights."""
    architecture = problems.make_architecture(fitbasis, sum_rules=())
    model = build_pdf_model(architecture, [4, 9])
    x = np.array([1e-7, 1e-3, 0.2, 0.9, 1.0])
    expected = []
    for index in range(2):
        weights = model.get_replica_weights(index)
        hidden_kernel, hidden_bias, kernel, bias = (np.squeeze(array) for array in weights[NN_LAYER_ALL_REPLICAS])
        features = np.stack([x, np.log(x)], axis=1)
        network = np.tanh(features @ hidden_kernel + hidden_bias) @ kernel + bias
        draws = np.array([entry.draw(architecture.seed, [4, 9][index]) for entry in architecture.ranges])
        fitted = network * x[:, np.newaxis] ** (1 - draws[:, 0]) * (1 - x[:, np.newaxis]) ** draws[:, 1]
        expected.append(fitted @ fitting_to_evolution(fitbasis, architecture.flavours, architecture.evolution_basis).T)
    np.testing.assert_allclose(evaluate_pdf(model, x), expected, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("scaled", [False, True])
def test_pdfs_vanish_at_one(scaled):
    model = build_pdf_model(problems.make_architecture(feature_knots=KNOTS if scaled else None), [1, 2])
    for x in (np.array([1.0]), np.append(np.geomspace(1e-5, 0.99, 300), 1.0)):
        np.testing.assert_array_equal(evaluate_pdf(model, x)[:, -1], np.zeros((2, 8)))


def test_replica_does_not_depend_on_its_neighbours(small_model):
    """Weights, exponents and PDF of a replica are the same alone and among others."""
    alone = build_pdf_model(problems.make_architecture(), [4])
    for name, arrays in alone.get_replica_weights(0).items():
        for one, among_others in zip(arrays, small_model.get_replica_weights(3)[name], strict=True):
            np.testing.assert_array_equal(one, among_others, err_msg=name)
    pdf, among_others = evaluate_pdf(alone, X)[0], evaluate_pdf(small_model, X)[3]
    # the terms of the network cancel at a zero of the PDF: rounding there is relative to the values around it
    scale = maximum_filter1d(np.abs(pdf), size=101, axis=0)
    assert np.max(np.abs(pdf - among_others) / np.maximum(scale, 1e-12)) < 1e-5
    other_seed = build_pdf_model(problems.make_architecture(seed=8), [4])
    first, second = (model.get_replica_weights(0)[NN_LAYER_ALL_REPLICAS][0] for model in (alone, other_seed))
    assert not np.any(first == second)


def test_single_replica_of_the_model(small_model):
    single = small_model.single_replica_generator(2)
    single.set_replica_weights(small_model.get_replica_weights(2), 0)
    x = np.array([1e-6, 0.1, 0.5])
    np.testing.assert_allclose(evaluate_pdf(single, x)[0], evaluate_pdf(small_model, x)[2], rtol=2e-5)


def test_names_of_the_layers(small_model):
    names = {layer.name for layer in small_model.layers}
    assert {NN_LAYER_ALL_REPLICAS, PREPROCESSING_LAYER_ALL_REPLICAS, SUM_RULES_LAYER} <= names
    assert set(small_model.get_replica_weights(0)) == {NN_LAYER_ALL_REPLICAS, PREPROCESSING_LAYER_ALL_REPLICAS}


def test_value_at_x_does_not_depend_on_the_other_x(small_model):
    x = np.geomspace(1e-9, 0.99, 300)
    many = evaluate_pdf(small_model, x)
    few = evaluate_pdf(small_model, x[[0, 150, 299]])
    np.testing.assert_allclose(few, many[:, [0, 150, 299]], rtol=1e-5)


def test_rotation_to_flavours():
    """u + ubar and so on from the evolution basis, c = cbar at the initial scale only up to V15 = V."""
    values = np.array([1.0, 0.5, 0.6, 0.2, 0.6, 0.1, 0.4, 0.8])
    flavours = dict(zip(EXPORT_PIDS, evolution_to_flavours(values, EVOLUTION_BASIS), strict=True))
    quarks = {pid: flavours[pid] + flavours[-pid] for pid in range(1, 7)}
    valence = {pid: flavours[pid] - flavours[-pid] for pid in range(1, 7)}
    assert sum(quarks.values()) == pytest.approx(1.0)
    assert flavours[21] == pytest.approx(0.5)
    assert sum(valence.values()) == pytest.approx(0.6)
    assert valence[2] - valence[1] == pytest.approx(0.2)
    assert quarks[2] - quarks[1] == pytest.approx(0.1)
    assert quarks[2] + quarks[1] - 2 * quarks[3] == pytest.approx(0.4)
    assert quarks[2] + quarks[1] + quarks[3] - 3 * quarks[4] == pytest.approx(0.8)
    for pid in (4, 5, 6):
        assert valence[pid] == pytest.approx(0)
    assert quarks[5] == pytest.approx(0, abs=1e-12)
    assert flavours[22] == 0


@pytest.mark.parametrize("initializer", ["glorot_normal", "glorot_uniform", "random_uniform"])
def test_single_and_double_precision_start_from_the_same_weights(initializer, double_precision):
    ranges = tuple(ExponentRange(name, (0.1, 0.9), (1.1, 2.9), name == "g") for name in FITTING_BASES["EVOL"].flavours)
    architecture = problems.make_architecture(initializer=initializer, ranges=ranges)

    def draw():
        model = build_pdf_model(architecture, [3, 7])
        return [
            array for replica in (0, 1) for arrays in model.get_replica_weights(replica).values() for array in arrays
        ]

    double = draw()
    set_initial_state()
    single = draw()
    assert {array.dtype for array in double} == {np.dtype(np.float64)}
    assert {array.dtype for array in single} == {np.dtype(np.float32)}
    assert len(single) == len(double) > 20
    for one, other in zip(single, double, strict=True):
        np.testing.assert_array_equal(one, other)


def test_weights_of_several_replicas_are_those_of_each(small_model):
    several = small_model.get_weights_of_replicas([3, 0])
    for weights, replica in zip(several, (3, 0), strict=True):
        expected = small_model.get_replica_weights(replica)
        assert list(weights) == list(expected)
        for name, arrays in expected.items():
            for received, array in zip(weights[name], arrays, strict=True):
                np.testing.assert_array_equal(received, array)
    several[0][NN_LAYER_ALL_REPLICAS][0][:] = 0.0  # copies
    assert small_model.get_replica_weights(3)[NN_LAYER_ALL_REPLICAS][0].any()
    with pytest.raises(IndexError):
        small_model.get_weights_of_replicas([0, 99])
    assert small_model.get_weights_of_replicas([]) == []
