"""Scales of structure functions: the dependence on each is of the next order, massless and massive."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

pytest.importorskip("yadism")

import yadism
from eko import basis_rotation

from n3fit.evolution.kernels.interpolation import InterpolationBasis, standard_xgrid
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.tables.coefficient_functions import StructureFunctions, contract_operators
from n3fit.theory.tables.collection import KernelCollection
from n3fit.theory.tables.heavy_quarks import PartonSet, SchemePart
from n3fit.theory.tables.processes import Process
from n3fit.theory.tables.scales import combine_orders, coupling_powers, pdf_scale, vary_factorisation
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.toy_pdf import les_houches_toy

GRID = standard_xgrid(14, 1e-3)
BASIS = InterpolationBasis(GRID)
SIZE = len(EXPORT_PIDS) * len(GRID)
Q2 = 30.0
SMALL = (0.001, 0.0005)
"""Values of a(Q) = alpha_s / (4 pi), one half of the other."""


def running(a, logarithm, nf, order, steps=40):
    """Integrate d a / d log(mu^2) with order + 1 loops: Runge and Kutta's rule."""
    betas = np.array([11 - 2 * nf / 3, 102 - 38 * nf / 3, 2857 / 2 - 5033 * nf / 18 + 325 * nf**2 / 54])[: order + 1]

    def slope(value):
        return -sum(beta * value ** (power + 2) for power, beta in enumerate(betas))

    step = logarithm / steps
    for _ in range(steps):
        first = slope(a)
        second = slope(a + 0.5 * step * first)
        third = slope(a + 0.5 * step * second)
        a = a + step * (first + 2 * second + 2 * third + slope(a + step * third)) / 6
    return a


@pytest.fixture(scope="module")
def dimensions():
    """gamma0 and gamma1 on the grid, by number of flavours."""
    evolution = EvolutionOperators(TheoryCard(), GRID, nodes=80)
    return {nf: [matrix.reshape(SIZE, SIZE) for matrix in evolution.anomalous_dimensions(nf)[:2]] for nf in (3, 4)}


@dataclass
class FixedEvolution:
    """An evolution with a given a(Q), whose products of anomalous dimensions are those of the matrices."""

    a: float
    card: TheoryCard
    dimensions: dict
    xgrid: np.ndarray = field(default_factory=lambda: GRID)

    @property
    def coupling(self):
        return self

    def reduced(self, q, nf):
        return running(self.a, np.log(q**2 / Q2), nf, self.card.PTO)

    def anomalous_dimensions(self, nf):
        first, second = self.dimensions[nf]
        return (first, second, first @ first)

    def distributions(self, partons):
        """Evolve the toy PDF, given at Q, to the scale of the PDFs."""
        nf = partons.nf
        logarithm = 2 * np.log(pdf_scale(self.card, Q2) / np.sqrt(Q2))
        steps = 30
        values = (les_houches_toy(EXPORT_PIDS, GRID) / GRID).ravel()

        def slope(value, at):
            a = running(self.a, at, nf, self.card.PTO, steps=4)
            total = sum(a ** (power + 1) * (matrix @ value) for power, matrix in enumerate(self.dimensions[nf]))
            return -total

        step = logarithm / steps
        for number in range(steps):
            at = number * step
            first = slope(values, at)
            second = slope(values + 0.5 * step * first, at + 0.5 * step)
            third = slope(values + 0.5 * step * second, at + 0.5 * step)
            fourth = slope(values + step * third, at + step)
            values = values + step * (first + 2 * second + 2 * third + fourth) / 6
        return values.reshape(len(EXPORT_PIDS), len(GRID))


@pytest.fixture(scope="module")
def orders():
    """Structure functions by order at x = 0.1: massless with four flavours, and massive charm."""
    found = {}
    for part in (SchemePart("ZM-VFNS", 4, 1.0), SchemePart("FONLL-FFNS", 3, 1.0)):
        kernels = KernelCollection(TheoryCard(), BASIS, Q2, x_min=0.05, parts=(part,))
        functions = StructureFunctions(kernels, massless={})
        for name in ("F2_total", "FL_total", "F3_total"):
            found[part.fns, name] = functions.operator(Process("NC", "positron"), name, 0.1)
    return found


def predict(operators, order, a, dimensions, **scales):
    card = TheoryCard(PTO=order, **scales)
    evolution = FixedEvolution(a, card, dimensions)
    kept = {slot: values for slot, values in operators.items() if slot[1] <= order and not slot[0].intrinsic}
    combined = combine_orders(kept, Q2, card=card, evolution=evolution)
    return contract_operators(combined, {partons: evolution.distributions(partons) for partons in combined})


@pytest.mark.parametrize("scales", [{"XIR": 2.0}, {"XIF": 0.5}, {"XIR": 0.5, "XIF": 2.0}], ids=str)
@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("scheme", ["ZM-VFNS", "FONLL-FFNS"])
@pytest.mark.parametrize("observable", ["F2_total", "FL_total", "F3_total"])
def test_the_dependence_on_scales_is_of_the_next_order(orders, dimensions, scheme, observable, order, scales):
    operators = orders[scheme, observable]
    shifts = [
        predict(operators, order, a, dimensions, **scales) - predict(operators, order, a, dimensions) for a in SMALL
    ]
    if order == 0 and (observable == "FL_total" or scales == {"XIR": 2.0}):
        # no coupling, or no structure function at all
        assert shifts == [0.0, 0.0]
        return
    assert shifts[0] != 0
    assert np.log2(shifts[0] / shifts[1]) == pytest.approx(order + 1, abs=0.35)


def test_powers_of_the_coupling_by_hand():
    """a(Q) = a + b0 L a^2 + (b1 L + b0^2 L^2) a^3, truncated; terms beyond the order have no logarithms."""
    b0, b1, a, log = 25 / 3, 154 / 3, 0.02, np.log(4)
    assert coupling_powers(a, 2, 2, nf=4, logarithm=log) == pytest.approx([1.0, a + b0 * log * a**2, a**2], rel=1e-14)
    third = coupling_powers(a, 3, 3, nf=4, logarithm=log)
    assert third[1] == pytest.approx(a + b0 * log * a**2 + (b1 * log + b0**2 * log**2) * a**3, rel=1e-14)
    assert third[2] == pytest.approx(a**2 + 2 * b0 * log * a**3, rel=1e-14)
    assert coupling_powers(a, 2, 1, nf=4, logarithm=log) == [1.0, a, a**2]


def test_scale_of_the_distributions():
    assert pdf_scale(TheoryCard(XIF=2.0), 9.0) == 6.0
    assert pdf_scale(TheoryCard(XIF=2.0, ModSV="expanded"), 9.0) == 3.0


def test_nothing_changes_without_variations(orders, dimensions):
    operators = orders["ZM-VFNS", "F2_total"]
    evolution = FixedEvolution(0.02, TheoryCard(), dimensions)
    combined = combine_orders(operators, Q2, card=TheoryCard(), evolution=evolution)
    expected = sum(0.02**order * values for (_partons, order), values in operators.items())
    np.testing.assert_allclose(combined[PartonSet(4)], expected, rtol=1e-13)


@pytest.fixture
def quiet_yadism(monkeypatch):
    """Run yadism without its banner and its handlers."""
    monkeypatch.setattr(yadism.log, "silent_mode", True)
    monkeypatch.setattr(yadism.log, "setup", lambda *_args, **_kwargs: None)


@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("fns", "nf", "observable", "x"),
    [
        ("ZM-VFNS", 4, "F2_total", 0.1),
        ("ZM-VFNS", 4, "FL_total", 0.1),
        ("ZM-VFNS", 4, "F3_total", 0.3),
        ("FONLL-FFNS", 3, "F2_charm", 0.03),
        ("FONLL-FFNS", 3, "FL_charm", 0.03),
    ],
)
def test_logarithms_are_those_of_yadism(quiet_yadism, fns, nf, observable, x):
    """Every coefficient of a^k log(Q^2/mu_R^2)^i log(Q^2/mu_F^2)^j for the toy PDF but the square of the second.

    There P_qq_0^2 of yadism 0.13.12 is not P_qq_0 applied twice; the derivatives of evolved PDFs confirm ours.
    """
    process = Process("NC", "positron")
    card = replace(TheoryCard(), TMC=0)
    expected = yadism_orders(card, fns, nf, process, observable, x)
    kernels = KernelCollection(card, BASIS, Q2, x_min=0.9 * x, parts=(SchemePart(fns, nf, 1.0),))
    found = StructureFunctions(kernels, massless={}).operator(process, observable, x)
    evolution = EvolutionOperators(card, GRID)
    toy = les_houches_toy(EXPORT_PIDS, GRID) / GRID
    orders = {order: values for (partons, order), values in found.items() if not partons.intrinsic}

    def coefficient(order, renormalisation, factorisation):
        """Return the coefficient from predictions with the logarithms -1, 0 and 1, each of at most second power."""
        values = {}
        for first in (-1, 0, 1):
            for second in (-1, 0, 1):
                varied = vary_factorisation(orders, -second, PartonSet(nf), evolution)
                powers = [
                    quadratic([coupling_powers(a, 2, 2, nf=nf, logarithm=-first)[n] for a in (-1.0, 0.0, 1.0)])[order]
                    for n in range(3)
                ]
                values[first, second] = sum(np.sum(varied[n] * toy) * powers[n] for n in varied)
        by_first = [quadratic([values[first, second] for second in (-1, 0, 1)])[factorisation] for first in (-1, 0, 1)]
        return quadratic(by_first)[renormalisation]

    compared = [(0, 0, 0), (1, 0, 0), (1, 0, 1), (2, 1, 0), (2, 1, 1), (2, 0, 1)]
    for order, renormalisation, factorisation in compared:
        value = expected[order, 0, renormalisation, factorisation]
        result = coefficient(order, renormalisation, factorisation)
        assert result == pytest.approx(value, rel=2e-6, abs=1e-9), (order, renormalisation, factorisation)


def quadratic(values):
    """Return the coefficients of 1, L and L^2 from the values at L = -1, 0 and 1."""
    low, middle, high = values
    return middle, 0.5 * (high - low), 0.5 * (high + low) - middle


def yadism_orders(card, fns, nf, process, observable, x):
    """Compute the coefficients of a structure function of the toy PDF with stock yadism."""
    names = ("mc", "mb", "mt", "Q0", "nf0", "MZ", "MW", "GF", "MP", "SIN2TW", "CKM", "PTO", "TMC", "alphaqed")
    theory = {name: getattr(card, name) for name in names} | {
        "FNS": fns, "NfFF": nf, "n3lo_cf_variation": 0, "RenScaleVar": True, "FactScaleVar": True,
        "kcThr": 1.0, "kbThr": 1.0, "ktThr": 1.0,
    }  # fmt: skip
    if fns == "ZM-VFNS":
        theory |= {f"k{quark}Thr": 0.0 if index + 4 <= nf else np.inf for index, quark in enumerate("cbt")}
    observables = process.observable_card() | {
        "interpolation_xgrid": GRID.tolist(),
        "interpolation_polynomial_degree": 4,
        "interpolation_is_log": True,
        "observables": {observable: [{"x": x, "Q2": Q2, "y": 0.5}]},
    }
    (result,) = yadism.Runner(theory, observables).get_result()[observable]
    toy = les_houches_toy(basis_rotation.flavor_basis_pids, GRID) / GRID
    return {order: float(np.sum(values[0] * toy)) for order, values in result.orders.items()}
