"""Evolution operators: sum rules, closed forms, composition, and the operators of stock eko."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import loggamma

from n3fit.errors import TheoryError
from n3fit.evolution.kernels import anomalous_dimensions
from n3fit.evolution.kernels.flavour_structure import evolution_code
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.theory.flavours import EXPORT_PIDS, FK_BASIS, FLAVOUR_TO_FK
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.toy_pdf import les_houches_toy

REFERENCE = Path(__file__).parent / "reference" / "eko_evolved_toy.json"


DIAGONAL_POINTS = np.array([2.5 + 0.3j, 4.0 - 1.0j, 8.0 + 5.0j])


def eko_differs_at_third_order() -> bool:
    """Return whether the truncated singlet solution of the installed eko has the defect of 0.15.2 to 0.15.7."""
    dimensions = anomalous_dimensions.singlet_dimensions(3, DIAGONAL_POINTS, 4)
    settings = {"a_to": 0.02, "a_from": 0.026, "nf": 4}
    stock = anomalous_dimensions.singlet_kernels(dimensions, method=evolution_code("TRN"), **settings, iterations=1)
    return not np.allclose(stock, anomalous_dimensions.truncated_singlet_kernels(dimensions, **settings), rtol=1e-9)


def eko_has_midpoint_steps() -> bool:
    """Return whether the iterated solution of the installed eko is as inaccurate as that of 0.15.7."""
    dimensions = anomalous_dimensions.singlet_dimensions(3, DIAGONAL_POINTS, 4)
    settings = {"a_to": 0.009, "a_from": 0.028, "nf": 4}
    stock = anomalous_dimensions.singlet_kernels(dimensions, method=evolution_code("EXA"), **settings, iterations=4)
    exact = anomalous_dimensions.iterated_singlet_kernels(dimensions, **settings, steps=60)
    return not np.allclose(stock, exact, rtol=1e-4, atol=1e-6)


repaired_truncated = pytest.mark.skipif(
    not eko_differs_at_third_order(), reason="the truncated solution of this eko has no defect"
)
better_steps = pytest.mark.skipif(not eko_has_midpoint_steps(), reason="this eko has better steps than 0.15.7")


@pytest.fixture(scope="module")
def nnlo():
    return EvolutionOperators(TheoryCard(), standard_xgrid())


def toy_with_charm(xgrid):
    """Return the toy PDF with some charm, as f."""
    values = les_houches_toy(EXPORT_PIDS, xgrid)
    for pid, size in ((4, 0.03), (-4, 0.02)):
        values[EXPORT_PIDS.index(pid)] = size * xgrid**0.3 * (1 - xgrid) ** 5
    return values / xgrid


def moment(basis, values, power):
    """Integrate x^(power - 1) f over the grid."""
    edges = np.log(basis.xgrid)
    roots, weights = np.polynomial.legendre.leggauss(8)
    half = 0.5 * np.diff(edges)
    log_x = (edges[:-1, None] + half[:, None] * (roots + 1)).ravel()
    measure = (half[:, None] * weights).ravel() * np.exp(power * log_x)
    return values @ (basis.evaluate(np.exp(log_x)).T @ measure)


@pytest.mark.parametrize(("q", "nf"), [(1.65, 4), (3.0, 4), (4.92, 5), (100.0, 5), (2.0, 3), (30.0, 3), (4.0, 5)])
def test_momentum_and_quark_numbers_are_conserved(nnlo, q, nf):
    initial = toy_with_charm(nnlo.xgrid)
    evolved = nnlo.evolve(initial, q, nf)
    # at high scales some momentum is below the grid
    lost = 8e-4 if q > 20 else 4e-4
    assert moment(nnlo.basis, evolved, 2).sum() == pytest.approx(moment(nnlo.basis, initial, 2).sum(), rel=lost)
    for name in ("V", "V3", "V8"):
        row = FK_BASIS.index(name)
        before, after = (moment(nnlo.basis, (FLAVOUR_TO_FK @ values)[row], 1) for values in (initial, evolved))
        assert after == pytest.approx(before, abs=1e-3)


def test_identity_at_the_initial_scale(nnlo):
    initial = toy_with_charm(nnlo.xgrid)
    np.testing.assert_allclose(nnlo.evolve(initial, 1.65, 4), initial, rtol=1e-14)


def test_operator_and_evolve_agree_for_every_replica(nnlo):
    generator = np.random.default_rng(5)
    several = toy_with_charm(nnlo.xgrid) * generator.uniform(0.5, 2, size=(3, 14, 1))
    operator = nnlo.operator(10.0, 5)
    expected = np.einsum("ajbk,rbk->raj", operator, several)
    np.testing.assert_allclose(nnlo.evolve(several, 10.0, 5), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("nf", [3, 4, 5])
def test_leading_order_second_moment_of_a_non_singlet(nf):
    """The second moment of T3 scales like a^(gamma / beta0) with gamma = 32/9, beta0 = 11 - 2 nf / 3."""
    card = TheoryCard(PTO=0, nf0=nf, Q0=5.0, mc=1.0 if nf > 3 else 6.0, mb=20.0 if nf < 5 else 3.0)
    evolution = EvolutionOperators(card, standard_xgrid(30, 1e-6))
    evolved = evolution.evolve(toy_with_charm(evolution.xgrid), 15.0, nf)
    row = FK_BASIS.index("T3")
    before, after = (
        moment(evolution.basis, (FLAVOUR_TO_FK @ values)[row], 2)
        for values in (toy_with_charm(evolution.xgrid), evolved)
    )
    ratio = evolution.coupling.reduced(15.0, nf) / evolution.coupling.reduced(5.0, nf)
    assert after / before == pytest.approx(ratio ** (32 / 9 / (11 - 2 * nf / 3)), rel=2e-4)


def test_exact_evolution_composes():
    """From Q0 to Q at once, or through an intermediate scale: the same, for the exact solution."""
    grid = standard_xgrid(24, 1e-5)
    one, two = (EvolutionOperators(TheoryCard(ModEv="EXA", Q0=q0), grid) for q0 in (1.65, 2.5))
    initial = toy_with_charm(grid)
    direct = one.evolve(initial, 4.0, 4)
    composed = two.evolve(one.evolve(initial, 2.5, 4), 4.0, 4)
    inner = slice(3, 19)
    np.testing.assert_allclose(composed[:, inner], direct[:, inner], rtol=2e-3, atol=1e-6 * np.abs(direct).max())


@pytest.mark.parametrize("solution", ["EXA", "TRN"])
def test_equal_to_an_exact_inversion_on_another_contour(solution):
    """The toy PDF's moments are Beta functions: invert them without any grid, along straight lines.

    The lines cross the real axis far from eko's path: kernels with spurious poles would differ.
    """
    points = np.array([1e-5, 4.4e-4, 1e-2, 0.1, 0.5])
    evolution = EvolutionOperators(TheoryCard(ModEv=solution), standard_xgrid(60, 1e-6))
    a_from, a_to = (evolution.coupling.reduced(q, 4) for q in (1.65, 2.2))
    grid = evolution.xgrid
    fk = FLAVOUR_TO_FK @ evolution.evolve(les_houches_toy(EXPORT_PIDS, grid) / grid, 2.2, 4)
    interpolated = evolution.basis.evaluate(points) @ fk.T
    for index, x in enumerate(points):
        roots, weights = np.polynomial.legendre.leggauss(400)
        direction = np.exp(2.2j)
        length = 40 / (np.log(1 / x) * abs(direction.real) + 1)
        n = 1.6 + direction * 0.5 * length * (roots + 1)
        measure = 0.5 * length * weights * direction * x**-n / np.pi

        up, down = 5.1072 * beta(n - 0.2, 4), 3.06432 * beta(n - 0.2, 5)
        d_bar, u_bar = 0.1939875 * beta(n - 1.1, 7), 0.1939875 * beta(n - 1.1, 8)
        strange = 0.2 * (u_bar + d_bar)
        sigma = up + down + 2 * (u_bar + d_bar + strange)
        t8 = up + down + 2 * (u_bar + d_bar) - 4 * strange
        gluon = 1.7 * beta(n - 1.1, 6)
        dimensions, couplings = anomalous_dimensions.singlet_dimensions(3, n, 4), {"a_to": a_to, "a_from": a_from}
        if solution == "TRN":
            kernel = anomalous_dimensions.truncated_singlet_kernels(dimensions, **couplings, nf=4)
        else:
            kernel = anomalous_dimensions.iterated_singlet_kernels(dimensions, **couplings, nf=4, steps=60)
        plus = anomalous_dimensions.non_singlet_kernels(
            anomalous_dimensions.non_singlet_dimensions(3, n, 4),
            method=evolution_code(solution),
            **couplings,
            nf=4,
        )[0]
        exact = {
            "Sigma": kernel[:, 0, 0] * sigma + kernel[:, 0, 1] * gluon,
            "g": kernel[:, 1, 0] * sigma + kernel[:, 1, 1] * gluon,
            "T8": plus * t8,
        }
        for name, moments in exact.items():
            expected = np.sum(measure * moments).imag
            assert interpolated[index, FK_BASIS.index(name)] == pytest.approx(expected, rel=3e-4)


def beta(a, b):
    """Compute Euler's Beta function of complex arguments."""
    return np.exp(loggamma(a) + loggamma(b) - loggamma(a + b))


@repaired_truncated
def test_the_defect_of_the_truncated_solution_of_eko_is_of_third_order():
    """Third-order terms only: it falls by more than eight when both couplings are halved, and is a per cent here."""
    n = np.array([2.5, 3.0, 6.0]) + 0.3j
    dimensions = anomalous_dimensions.singlet_dimensions(3, n, 4)
    differences = []
    for a_to, a_from in ((0.02, 0.026), (0.01, 0.013)):
        ours = anomalous_dimensions.truncated_singlet_kernels(dimensions, a_to=a_to, a_from=a_from, nf=4)
        stock = anomalous_dimensions.singlet_kernels(
            dimensions, method=evolution_code("TRN"), a_to=a_to, a_from=a_from, nf=4, iterations=1
        )
        differences.append(np.abs(ours - stock).max())
    assert 6 < differences[0] / differences[1] < 12
    # at next-to-leading order there is no difference
    lower = dimensions[:, :2].copy()
    ours = anomalous_dimensions.truncated_singlet_kernels(lower, a_to=0.02, a_from=0.026, nf=4)
    stock = anomalous_dimensions.singlet_kernels(
        lower, method=evolution_code("TRN"), a_to=0.02, a_from=0.026, nf=4, iterations=1
    )
    np.testing.assert_allclose(ours, stock, rtol=1e-10)


@pytest.mark.parametrize("order", [2, 3])
def test_a_diagonal_singlet_is_two_non_singlets(order):
    """Without mixing the truncated solution must be that of the non-singlet, which sum rules do not test."""
    dimensions = anomalous_dimensions.singlet_dimensions(order, DIAGONAL_POINTS, 4)
    dimensions[:, :, 0, 1] = dimensions[:, :, 1, 0] = 0
    settings = {"a_to": 0.02, "a_from": 0.026, "nf": 4}
    kernels = anomalous_dimensions.truncated_singlet_kernels(dimensions, **settings)
    alone = np.ascontiguousarray(np.stack([dimensions[:, :, 0, 0], dimensions[:, :, 1, 1], dimensions[:, :, 0, 0]]))
    expected = anomalous_dimensions.non_singlet_kernels(alone, method=evolution_code("TRN"), **settings)
    np.testing.assert_allclose(kernels[:, 0, 0], expected[0], rtol=1e-13)
    np.testing.assert_allclose(kernels[:, 1, 1], expected[1], rtol=1e-13)


def test_truncated_and_exact_solutions_are_both_available_and_differ_little():
    grid = standard_xgrid(20, 1e-5)
    initial = toy_with_charm(grid)
    truncated, exact, expanded = (
        EvolutionOperators({"ModEv": mode}, grid).evolve(initial, 50.0, 5) for mode in ("TRN", "EXA", "EXP")
    )
    gluon = EXPORT_PIDS.index(21)
    for other in (exact, expanded):
        difference = np.max(np.abs(other[gluon, 2:14] / truncated[gluon, 2:14] - 1))
        assert 1e-6 < difference < 0.02


def test_asymmetric_charm_is_all_intrinsic(nnlo):
    """c - cbar is not generated if no light quark has an asymmetry: all of it is intrinsic."""
    charm = [EXPORT_PIDS.index(pid) for pid in (4, -4)]
    initial = toy_with_charm(nnlo.xgrid)
    for pid in (1, 2, 3):
        initial[EXPORT_PIDS.index(-pid)] = initial[EXPORT_PIDS.index(pid)]
    full, intrinsic = (nnlo.evolve(initial, 5.0, 4, intrinsic=chosen) for chosen in (False, True))
    asymmetry = [values[charm[0]] - values[charm[1]] for values in (full, intrinsic)]
    np.testing.assert_allclose(asymmetry[1], asymmetry[0], rtol=1e-6, atol=1e-8)
    # generated charm adds to it at small x
    assert np.all(full[charm[0], 5:15] > 2 * intrinsic[charm[0], 5:15])


def test_generated_charm_is_not_intrinsic():
    """Charm generated from three flavours at the initial scale has no intrinsic part but the error of the inverse."""
    grid = standard_xgrid(20, 1e-5)
    three, four = EvolutionOperators(TheoryCard(nf0=3, Q0=1.51), grid), EvolutionOperators(TheoryCard(), grid)
    generated = three.evolve(les_houches_toy(EXPORT_PIDS, grid) / grid, 1.65, 4)
    charm = EXPORT_PIDS.index(4)
    intrinsic = four.evolve(generated, 1.65, 4, intrinsic=True)[charm]
    assert np.max(np.abs(intrinsic[3:15])) < 0.1 * np.max(np.abs(generated[charm, 3:15]))


@pytest.mark.parametrize("order", [1, 2])
def test_charm_from_evolution_above_its_threshold(order):
    """Four flavours at Q0 and charm not fitted: the same as starting from three, whatever charm is given."""
    grid = standard_xgrid(30, 1e-4)
    start = TheoryCard(nf0=3, Q0=1.4, IC=0, PTO=order)
    three = EvolutionOperators(start, grid)
    four = EvolutionOperators(TheoryCard(IC=0, PTO=order, backward_inversion="exact"), grid)
    initial = three.evolve(les_houches_toy(EXPORT_PIDS, grid) / grid, 1.65, 4)
    for pid in (4, -4):
        initial[EXPORT_PIDS.index(pid)] = 1.0
    expected = three.evolve(les_houches_toy(EXPORT_PIDS, grid) / grid, 10.0, 5)
    found = four.evolve(initial, 10.0, 5)
    charm = EXPORT_PIDS.index(4)
    np.testing.assert_allclose(found[charm, :22], expected[charm, :22], rtol=2e-3)
    with pytest.raises(TheoryError, match="fitted charm"):
        four.operator(10.0, 4, intrinsic=True)


def test_charm_fitted_below_its_threshold_is_intrinsic():
    """At LO it is frozen below and evolves above; no other parton is part of it."""
    grid = standard_xgrid(16, 1e-3)
    operators = EvolutionOperators(TheoryCard(nf0=3, Q0=1.25, PTO=0), grid)
    initial = toy_with_charm(grid)
    below = operators.evolve(initial, 1.5, 3)
    above = operators.evolve(initial, 1.51, 4, intrinsic=True)
    for pid in (4, -4):
        index = EXPORT_PIDS.index(pid)
        np.testing.assert_allclose(below[index], initial[index], rtol=1e-12)
        np.testing.assert_allclose(above[index], initial[index], rtol=1e-9, atol=1e-12)
    assert np.max(np.abs(above[EXPORT_PIDS.index(21)])) < 1e-12


def test_intrinsic_needs_the_quark_at_the_initial_scale(nnlo):
    with pytest.raises(TheoryError, match="intrinsic"):
        nnlo.operator(10.0, 5, intrinsic=True)


@pytest.mark.parametrize("wrong", [{"nf": 2}, {"nf": 7}, {"q": 0.0}, {"q": float("nan")}])
def test_impossible_targets(nnlo, wrong):
    with pytest.raises(TheoryError):
        nnlo.operator(**({"q": 3.0, "nf": 4} | wrong))


def test_wrong_shapes(nnlo):
    with pytest.raises(TheoryError, match="14, 50"):
        nnlo.evolve(np.zeros((14, 49)), 3.0, 4)


@pytest.mark.parametrize(
    "solution",
    [pytest.param(0, marks=repaired_truncated, id="truncated"), pytest.param(1, marks=better_steps, id="exact")],
)
def test_equal_to_stock_eko(solution):
    """Toy PDFs evolved with operators of eko 0.15.7 (settings in the file)."""
    reference = json.loads(REFERENCE.read_text())
    settings = reference["solutions"][solution]
    # with eko's singlet kernels and path: everything else is compared
    evolution = EvolutionOperators(settings["card"], reference["xgrid"], like_eko=True)
    initial = np.array(reference["initial"])
    assert sorted(point["nf"] for point in settings["points"]) == [3, 4, 5, 5]
    kept = evolution.xgrid < 0.9
    for point in settings["points"]:
        expected = np.array(point["evolved"])
        result = evolution.evolve(initial, point["q"], point["nf"])
        # relative to the largest of the distributions at each x
        scale = np.abs(expected).max(axis=0)
        assert np.max(np.abs(result - expected)[:, kept] / scale[kept]) < 1e-7


@pytest.mark.parametrize("order", [1, 2, 3])
def test_iterated_kernels_solve_their_equation(order):
    """Integrate dE / d ln a = gamma / beta E with another solver, over the range of the Les Houches benchmark."""
    n = np.array([1.2 + 0.4j, 2.5 - 3.0j, 8.0 + 10.0j])
    nf, a_from, a_to = 4, 0.35 / (4 * np.pi), 0.11 / (4 * np.pi)
    dimensions = anomalous_dimensions.singlet_dimensions(order, n, nf)
    betas = np.array([25 / 3, 154 / 3, 21943 / 54])[:order]
    kernels = anomalous_dimensions.iterated_singlet_kernels(dimensions, a_to=a_to, a_from=a_from, nf=nf, steps=30)
    for gamma, kernel in zip(dimensions, kernels, strict=True):

        def slope(log_a, flat, gamma=gamma):
            powers = np.exp(log_a) ** np.arange(order)
            return (np.tensordot(powers, gamma, 1) / (powers @ betas) @ flat.reshape(2, 2)).ravel()

        solution = solve_ivp(
            slope, np.log([a_from, a_to]), np.eye(2, dtype=complex).ravel(), method="DOP853", rtol=1e-11, atol=1e-13
        )
        np.testing.assert_allclose(kernel, solution.y[:, -1].reshape(2, 2), rtol=1e-5, atol=1e-6 * np.abs(kernel).max())


@better_steps
def test_steps_of_the_iterated_solution_of_eko_are_of_second_order():
    """The error is a quarter with twice as many steps, and still a hundred times that of ours with 30."""
    dimensions = anomalous_dimensions.singlet_dimensions(3, np.array([4.0 + 0.5j, 9.0 + 2.0j]), 4)
    settings = {"a_to": 0.11 / (4 * np.pi), "a_from": 0.35 / (4 * np.pi), "nf": 4}
    exact = anomalous_dimensions.iterated_singlet_kernels(dimensions, **settings, steps=300)
    ours = anomalous_dimensions.iterated_singlet_kernels(dimensions, **settings, steps=30)
    stock = [
        anomalous_dimensions.singlet_kernels(dimensions, method=evolution_code("EXA"), **settings, iterations=steps)
        for steps in (30, 60)
    ]
    errors = [np.abs(kernels - exact).max() for kernels in (*stock, ours)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)
    assert errors[2] < 0.01 * errors[1]


def test_operators_to_other_points_than_the_nodes():
    """At the nodes they are those of the nodes; between them the PDF is not interpolated."""
    card = TheoryCard(PTO=0, ModEv="EXA")
    coarse, dense = (EvolutionOperators(card, standard_xgrid(count, 1e-3)) for count in (30, 60))
    np.testing.assert_allclose(coarse.at_points(coarse.xgrid)(30.0, 5), coarse.operator(30.0, 5), rtol=1e-9, atol=1e-9)
    points = np.array([1.7e-3, 0.011, 0.1, 0.3, 0.45, 1.0])
    found, expected = (
        np.einsum("ajbk,bk->aj", operators.at_points(points)(30.0, 5), toy_with_charm(operators.xgrid))
        for operators in (coarse, dense)
    )
    interpolated = coarse.evolve(toy_with_charm(coarse.xgrid), 30.0, 5) @ coarse.basis.evaluate(points).T
    rows = [EXPORT_PIDS.index(pid) for pid in (21, 2, -2, 4)]
    inner = np.ix_(rows, range(len(points) - 1))
    errors = [np.abs(values[inner] / expected[inner] - 1).max() for values in (found, interpolated)]
    assert errors[0] < 3e-4
    assert errors[0] < 0.5 * errors[1]
    assert not np.any(found[:, -1])


def test_operators_at_the_initial_scale_interpolate():
    operators = EvolutionOperators(TheoryCard(PTO=0, ModEv="EXA"), standard_xgrid(20, 1e-3))
    points = np.array([2e-3, 0.4])
    values = np.einsum("ajbk,bk->aj", operators.at_points(points)(1.65, 4), toy_with_charm(operators.xgrid))
    expected = toy_with_charm(operators.xgrid) @ operators.basis.evaluate(points).T
    np.testing.assert_allclose(values, expected, rtol=1e-12, atol=1e-14)


def test_points_outside_of_the_nodes_are_refused():
    operators = EvolutionOperators(TheoryCard(PTO=0, ModEv="EXA"), standard_xgrid(20, 1e-3))
    with pytest.raises(TheoryError, match="expected points from 0.001 to 1, received 0.0005 to 0.5"):
        operators.at_points([5e-4, 0.5])
