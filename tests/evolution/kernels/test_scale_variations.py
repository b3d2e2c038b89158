"""Variation of the factorisation scale in the evolution: orders, derivatives, and the operators of stock eko."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from n3fit.errors import TheoryError
from n3fit.evolution.kernels import anomalous_dimensions
from n3fit.evolution.kernels.couplings import StrongCoupling
from n3fit.evolution.kernels.interpolation import InterpolationBasis, standard_xgrid
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.evolution.kernels.scale_variations import (
    beta_coefficients,
    combine_matching,
    expanded_evolution,
    vary_coefficients,
)
from n3fit.evolution.kernels.steps import EvolutionSteps
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.toy_pdf import les_houches_toy

REFERENCE = Path(__file__).parent / "reference" / "eko_scale_variations.json"
POINTS = np.array([1.7 + 0.4j, 3.1 - 2.0j, 7.0 + 5.0j])
NF = 4
BETAS = np.array([25 / 3, 154 / 3, 21943 / 54])


def run_coupling(a, logarithm, order):
    """Integrate d a / d log(mu^2) with ``order`` + 1 loops by Euler's rule with Richardson's extrapolation."""
    estimates = []
    for steps in (64, 128, 256, 512):
        value = a
        for _ in range(steps):
            value -= logarithm / steps * sum(beta * value ** (n + 2) for n, beta in enumerate(BETAS[: order + 1]))
        estimates.append(value)
    for power in (1, 2, 3):
        factor = 2**power
        estimates = [(factor * fine - coarse) / (factor - 1) for coarse, fine in pairwise(estimates)]
    return estimates[0]


def exact_kernels(dimensions, a_to, a_from):
    return anomalous_dimensions.iterated_singlet_kernels(dimensions, a_to=a_to, a_from=a_from, nf=NF, steps=60)


def varied_kernels(scheme, order, a_to, a_from, logarithm):
    dimensions = anomalous_dimensions.singlet_dimensions(order + 1, POINTS, NF)
    shifted = [run_coupling(a, logarithm, order) for a in (a_to, a_from)]
    series = list(np.moveaxis(dimensions, 1, 0))
    if scheme == "exponentiated":
        varied = np.stack(vary_coefficients(series, NF, logarithm), axis=1)
        return exact_kernels(varied, *shifted)
    inverse = expanded_evolution(series, order=order, coupling=shifted[0], nf=NF, logarithm=logarithm)
    return inverse @ exact_kernels(dimensions, shifted[0], a_from)


@pytest.mark.parametrize("factor", [0.5, 2.0])
@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("scheme", ["exponentiated", "expanded"])
def test_the_dependence_on_the_scale_is_of_the_next_order(scheme, order, factor):
    """Both couplings are halved, so that the length of the evolution stays the same in leading logarithms."""
    logarithm = 2 * np.log(factor)
    sizes = []
    for a_to in (0.004, 0.002):
        plain = exact_kernels(anomalous_dimensions.singlet_dimensions(order + 1, POINTS, NF), a_to, 1.5 * a_to)
        sizes.append(np.abs(varied_kernels(scheme, order, a_to, 1.5 * a_to, logarithm) - plain).max())
    assert np.log2(sizes[0] / sizes[1]) == pytest.approx(order + 1, abs=0.2)


@pytest.mark.parametrize("inversion", [None, "expanded", "exact"])
def test_matching_with_a_shifted_coupling(inversion):
    """The difference is of third order with beta0 of the flavours of the coupling, of second order with another."""
    elements = list(np.random.default_rng(3).normal(size=(2, 5, 3, 3)))
    logarithm = np.log(4)

    def difference(a, flavours):
        plain = combine_matching(elements, a, inversion=inversion)
        shifted = run_coupling(a, logarithm, 2)
        return np.abs(
            combine_matching(vary_coefficients(elements, flavours, logarithm), shifted, inversion=inversion) - plain
        ).max()

    assert np.log2(difference(2e-4, NF) / difference(1e-4, NF)) == pytest.approx(3, abs=0.2)
    assert np.log2(difference(2e-4, NF - 1) / difference(1e-4, NF - 1)) == pytest.approx(2, abs=0.2)


def test_beta_functions_are_those_of_eko():
    from eko import beta

    for nf in (3, 4, 5):
        assert beta_coefficients(nf) == pytest.approx([beta.beta_qcd((power, 0), nf) for power in (2, 3)], rel=1e-14)


def test_anomalous_dimensions_are_derivatives_of_evolved_distributions():
    grid = standard_xgrid(20, 1e-4)
    toy = les_houches_toy(EXPORT_PIDS, grid) / grid
    for order in (0, 1):
        evolution = EvolutionOperators(TheoryCard(PTO=order, ModEv="EXA"), grid, nodes=120)
        step = 1e-3
        above, below = (evolution.evolve(toy, 1.65 * np.exp(sign * step / 2), 4) for sign in (1, -1))
        a = evolution.coupling.reduced(1.65, 4)
        matrices = EvolutionOperators(TheoryCard(), grid, nodes=120).anomalous_dimensions(4)[: order + 1]
        expected = -sum(a ** (n + 1) * np.einsum("ajbk,bk->aj", gamma, toy) for n, gamma in enumerate(matrices))
        scale = np.abs(toy).max(axis=0)[:-1]
        assert np.max(np.abs((above - below) / (2 * step) - expected)[:, :-1] / scale) < 1e-6


def test_square_of_the_anomalous_dimension_is_the_second_derivative():
    """At leading order d^2 f / d log(mu^2)^2 = a^2 (gamma0 gamma0 + beta0 gamma0) f."""
    grid = standard_xgrid(20, 1e-4)
    toy = les_houches_toy(EXPORT_PIDS, grid) / grid
    evolution = EvolutionOperators(TheoryCard(PTO=0), grid, nodes=120)
    step = 0.02
    above, below = (evolution.evolve(toy, 1.65 * np.exp(sign * step / 2), 4) for sign in (1, -1))
    first, _second, squared = EvolutionOperators(TheoryCard(), grid, nodes=120).anomalous_dimensions(4)
    a = evolution.coupling.reduced(1.65, 4)
    expected = a**2 * np.einsum("ajbk,bk->aj", squared + BETAS[0] * first, toy)
    scale = np.abs(expected).max(axis=0)[:-1]
    assert np.max(np.abs((above + below - 2 * toy) / step**2 - expected)[:, :-1] / scale) < 1e-3


def test_the_scheme_does_not_matter_without_variation():
    grid = standard_xgrid(12, 1e-3)
    toy = les_houches_toy(EXPORT_PIDS, grid) / grid
    plain, *others = (
        EvolutionOperators(TheoryCard(PTO=1, ModSV=scheme, XIF=factor), grid, nodes=60).evolve(toy, 10.0, 5)
        for scheme, factor in (("None", 1.0), ("None", 2.0), ("expanded", 1.0), ("exponentiated", 1.0))
    )
    for other in others:
        np.testing.assert_array_equal(other, plain)


@pytest.mark.parametrize("solution", ["TRN", "EXA"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_too_low_a_scale_is_one_error(solution):
    coupling = StrongCoupling(TheoryCard(ModEv=solution))
    assert 0.4 < coupling.alpha_s(0.82, 4) < 0.6
    for q in (0.2, 0.1):
        with pytest.raises(TheoryError, match=rf"alpha_s: expected 0 to 10 at {q} GeV with 4 flavours"):
            coupling.reduced(q, 4)


def test_segments_equal_those_of_stock_eko():
    """The toy PDF evolved over single segments by operators of eko 0.15.7 (settings in the file)."""
    reference = json.loads(REFERENCE.read_text())
    basis = InterpolationBasis(np.array(reference["xgrid"]))
    steps = EvolutionSteps(TheoryCard(**reference["card"]), basis, nodes=240, like_eko=True)
    initial = np.array(reference["initial"])
    assert sorted((segment["nf"], segment["last"]) for segment in reference["segments"]) == [
        (3, True), (4, False), (4, False), (4, True), (5, True),
    ]  # fmt: skip
    for segment in reference["segments"]:
        operator = steps.evolution(segment["q_from"], segment["q_to"], segment["nf"], last=segment["last"])
        difference = np.abs(np.einsum("ajbk,bk->aj", operator, initial) - np.array(segment["evolved"]))
        assert np.max(difference[:, :-1]) < 1e-7 * np.abs(segment["evolved"]).max()
        scale = np.abs(segment["evolved"]).max(axis=0)[:-1]
        assert np.max(difference[:, :-1] / scale) < 1e-7


@pytest.mark.parametrize("order", [1, 2, 3])
def test_kernels_equal_those_of_eko(order):
    from eko.scale_variations import expanded, exponentiated

    singlet = anomalous_dimensions.singlet_dimensions(order, POINTS, NF)
    logarithm, a = np.log(4), 0.02
    varied = np.stack(vary_coefficients(list(np.moveaxis(singlet, 1, 0)), NF, logarithm), axis=1)
    inverse = expanded_evolution(
        list(np.moveaxis(singlet, 1, 0)), order=order - 1, coupling=a, nf=NF, logarithm=logarithm
    )
    for gamma, shifted, kernel in zip(singlet, varied, inverse, strict=True):
        stock = expanded.singlet_variation(gamma.copy(), a, (order, 0), NF, logarithm, 2)
        np.testing.assert_allclose(kernel, stock, rtol=1e-12)
        np.testing.assert_allclose(
            shifted, exponentiated.gamma_variation(gamma.copy(), (order, 0), NF, logarithm), rtol=1e-12
        )


@pytest.mark.parametrize("number", range(3))
def test_operators_equal_those_of_stock_eko(number):
    """The exponentiated scheme at two orders, and the expanded one with the iterated solution."""
    reference = json.loads(REFERENCE.read_text())
    entry = reference["variations"][number]
    evolution = EvolutionOperators(entry["card"], reference["xgrid"], like_eko=True)
    for point in entry["points"]:
        expected = np.array(point["evolved"])
        difference = np.abs(evolution.evolve(np.array(reference["initial"]), point["q"], point["nf"]) - expected)
        assert np.max(difference[:, :-1] / np.abs(expected).max(axis=0)[:-1]) < 1e-7
