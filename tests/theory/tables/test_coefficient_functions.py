"""Structure functions: yadism's own results, closed forms, and the limits that massive calculations must satisfy."""

import logging
from dataclasses import replace

import numpy as np
import pytest

yadism = pytest.importorskip("yadism")
from eko import basis_rotation  # noqa: E402

from n3fit.errors import TheoryError  # noqa: E402
from n3fit.evolution.kernels.couplings import StrongCoupling  # noqa: E402
from n3fit.evolution.kernels.interpolation import InterpolationBasis, standard_xgrid  # noqa: E402
from n3fit.theory.flavours import EXPORT_PIDS  # noqa: E402
from n3fit.theory.tables.coefficient_functions import (  # noqa: E402
    StructureFunctions,
    add_operators,
    contract_operators,
)
from n3fit.theory.tables.collection import KernelCollection  # noqa: E402
from n3fit.theory.tables.heavy_quarks import PartonSet, SchemePart  # noqa: E402
from n3fit.theory.tables.processes import TARGETS, Process  # noqa: E402
from n3fit.theory.theory_card import TheoryCard  # noqa: E402
from n3fit.theory.toy_pdf import les_houches_toy  # noqa: E402

CARD = TheoryCard()
BASIS = InterpolationBasis(standard_xgrid())
COUPLING = StrongCoupling(CARD)
TOY = les_houches_toy(EXPORT_PIDS, BASIS.xgrid) / BASIS.xgrid
EVERYWHERE = {PartonSet(nf, intrinsic): TOY for nf in (3, 4, 5) for intrinsic in (False, True)}


def with_charm(values):
    changed = values.copy()
    for pid in (4, -4):
        changed[EXPORT_PIDS.index(pid)] = 0.05 * BASIS.xgrid**-0.5 * (1 - BASIS.xgrid) ** 3
    return changed


class AtOneScale:
    """Structure functions with all orders added up at mu_R = mu_F = Q."""

    def __init__(self, q2, parts, card):
        self._functions = StructureFunctions(KernelCollection(card, BASIS, q2, x_min=1e-4, parts=parts), massless={})
        self._q = np.sqrt(q2)

    def operator(self, process, observable, x):
        return self._sum(self._functions.operator(process, observable, x))

    def corrected(self, process, observable, x):
        return self._sum(self._functions.corrected(process, observable, x))

    def _sum(self, orders):
        total = {}
        for (partons, order), values in orders.items():
            total[partons] = total.get(partons, 0.0) + COUPLING.reduced(self._q, partons.nf) ** order * values
        return total


def functions(q2, *parts, card=CARD):
    return AtOneScale(q2, parts, card)


@pytest.fixture
def quiet_yadism(monkeypatch):
    """Run yadism without its banner, and restore the logging afterwards."""
    monkeypatch.setattr(yadism.log, "silent_mode", True)
    loggers = [logging.getLogger(name) for name in ("yadism", "eko", "yadism.runner")]
    before = [(logger.handlers[:], logger.level, logger.disabled, logger.propagate) for logger in loggers]
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
    for logger, (handlers, level, disabled, propagate) in zip(loggers, before, strict=True):
        logger.handlers[:], logger.disabled, logger.propagate = handlers, disabled, propagate
        logger.setLevel(level)


def toy_for(nf):
    """Return the toy PDF with the quarks that are active."""
    return with_charm(TOY) if nf > 3 else TOY


def yadism_value(fns, nf, process, observable, x, q2, *, tmc, pto=2, massive_pto=None):
    """Compute a structure function of the toy PDF with stock yadism and its adaptive integrals."""
    names = ("mc", "mb", "mt", "Q0", "nf0", "MZ", "MW", "GF", "MP", "SIN2TW", "CKM", "PTO", "alphaqed")
    theory = {name: getattr(CARD, name) for name in names} | {
        "FNS": fns, "NfFF": nf, "TMC": tmc, "n3lo_cf_variation": 0, "RenScaleVar": False, "FactScaleVar": False,
        "kcThr": 1.0, "kbThr": 1.0, "ktThr": 1.0, "PTO": pto, "PTODIS": massive_pto or pto,
    }  # fmt: skip
    if fns == "ZM-VFNS":
        theory |= {f"k{quark}Thr": 0.0 if index + 4 <= nf else np.inf for index, quark in enumerate("cbt")}
    card = process.observable_card() | {
        "interpolation_xgrid": BASIS.xgrid.tolist(),
        "interpolation_polynomial_degree": 4,
        "interpolation_is_log": True,
        "observables": {observable: [{"x": x, "Q2": q2, "y": 0.5}]},
    }
    (result,) = yadism.Runner(theory, card).get_result()[observable]
    toy = np.array([toy_for(nf)[EXPORT_PIDS.index(pid)] for pid in basis_rotation.flavor_basis_pids])
    a = COUPLING.reduced(np.sqrt(q2), nf)
    return sum(a ** order[0] * np.sum(values[0] * toy) for order, values in result.orders.items())


NC, CC, EM = Process("NC", "positron"), Process("CC"), Process("EM", target="isoscalar")
NU, NB = Process("CC", "neutrino", "iron"), Process("CC", "antineutrino", "lead")


@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("fns", "nf", "process", "observable", "x", "q2", "tmc"),
    [
        ("ZM-VFNS", 4, NC, "F2_total", 0.23, 9.0, 1),
        ("ZM-VFNS", 4, NC, "FL_total", 0.23, 9.0, 1),
        ("ZM-VFNS", 5, NC, "F3_total", 0.23, 3000.0, 1),
        ("ZM-VFNS", 4, NC, "F2_total", 0.6, 4.0, 3),
        ("ZM-VFNS", 4, NC, "FL_total", 0.6, 4.0, 2),
        ("ZM-VFNS", 4, NC, "F3_total", 0.6, 4.0, 2),
        ("ZM-VFNS", 5, CC, "F2_total", 0.1, 900.0, 0),
        ("ZM-VFNS", 5, CC, "FL_total", 0.1, 900.0, 0),
        ("ZM-VFNS", 5, CC, "F3_total", 0.1, 900.0, 0),
        ("FONLL-FFNS", 4, NC, "F2_total", 1e-3, 40.0, 0),
        ("FONLL-FFNS", 4, CC, "F3_total", 0.05, 500.0, 0),
        ("FONLL-FFN0", 4, CC, "F2_total", 0.05, 500.0, 0),
        ("FONLL-FFNS", 4, EM, "F2_bottom", 1e-3, 40.0, 0),
        ("FONLL-FFN0", 4, EM, "F2_bottom", 1e-3, 40.0, 0),
        ("FONLL-FFNS", 3, NU, "F2_charm", 0.05, 8.0, 1),
        ("FONLL-FFNS", 3, NU, "FL_charm", 0.05, 8.0, 0),
        ("FONLL-FFNS", 3, NB, "F3_charm", 0.05, 8.0, 0),
        ("FONLL-FFN0", 3, NB, "F2_total", 0.05, 8.0, 0),
        ("FONLL-FFN0", 3, NU, "F3_charm", 0.05, 8.0, 0),
        ("FONLL-FFNS", 4, NU, "F2_charm", 0.05, 8.0, 0),
        ("ZM-VFNS", 4, NB, "F3_charm", 0.2, 15.0, 1),
        ("ZM-VFNS", 4, NU, "FL_total", 0.2, 15.0, 0),
    ],
)
def test_equal_to_yadism(quiet_yadism, fns, nf, process, observable, x, q2, tmc):
    expected = yadism_value(fns, nf, process, observable, x, q2, tmc=tmc)
    # yadism adds the intrinsic heavy quark, which the toy PDF does not have
    computed = functions(q2, SchemePart(fns, nf, 1.0), card=replace(CARD, TMC=tmc))
    distributions = {PartonSet(nf): toy_for(nf), PartonSet(nf + 1, intrinsic=True): toy_for(nf)}
    result = contract_operators(computed.corrected(process, observable, x), distributions)
    assert result == pytest.approx(expected, rel=1e-5)


@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("scheme", "pto", "massive_pto", "fns", "observable", "x", "q2"),
    [
        ("FONLL-A", 1, 1, "FONLL-FFNS", "F2_charm", 1e-3, 10.0),
        ("FONLL-A", 1, 1, "FONLL-FFN0", "FL_charm", 1e-3, 10.0),
        ("FONLL-B", 1, 2, "FONLL-FFNS", "F2_charm", 1e-3, 10.0),
        ("FONLL-B", 1, 2, "FONLL-FFN0", "F2_charm", 1e-3, 10.0),
        ("FONLL-B", 1, 1, "FONLL-FFNS", "F2_light", 1e-2, 10.0),
        ("FONLL-C", 2, 2, "FONLL-FFN0", "F2_charm", 1e-3, 10.0),
        ("FFNS", 2, 2, "FFNS", "F2_total", 1e-3, 50.0),
        ("FFNS", 1, 1, "FFNS", "F2_bottom", 1e-3, 50.0),
    ],
)  # fmt: skip
def test_orders_of_each_scheme_are_those_of_yadism(quiet_yadism, scheme, pto, massive_pto, fns, observable, x, q2):
    """FONLL-B: massive quarks at O(alpha_s^2) with the limit's logarithms of NLO evolution, light ones at NLO."""
    arguments = {"tmc": 0, "pto": pto, "massive_pto": massive_pto}
    expected = yadism_value(fns, 3, EM, observable, x, q2, **arguments)
    card = replace(CARD, TMC=0, FNS=scheme, PTO=pto, NfFF=3, nf0=3, IC=0)
    result = contract_operators(
        functions(q2, SchemePart(fns, 3, 1.0), card=card).operator(EM, observable, x), {PartonSet(3): TOY}
    )
    assert result == pytest.approx(expected, rel=1e-5)


def test_leading_order_is_the_charge_weighted_sum():
    """F2 = x sum e_q^2 (q + qbar) at a node, for photon exchange."""
    card = replace(CARD, PTO=0, TMC=0)
    x = float(BASIS.xgrid[30])
    operator = functions(10.0, SchemePart("ZM-VFNS", 4, 1.0), card=card).operator(Process("EM"), "F2_total", x)
    toy = with_charm(TOY)[:, 30]
    charges = {1: 1 / 9, 2: 4 / 9, 3: 1 / 9, 4: 4 / 9}
    expected = x * sum(
        charge * (toy[EXPORT_PIDS.index(pid)] + toy[EXPORT_PIDS.index(-pid)]) for pid, charge in charges.items()
    )
    assert contract_operators(operator, {PartonSet(4): with_charm(TOY)}) == pytest.approx(expected, rel=1e-12)


def toy_of_nucleus(target, index):
    """Return f of each quark at a node, per nucleon of a target, and the squared CKM elements by their quarks."""
    proton = dict(zip(EXPORT_PIDS, with_charm(TOY)[:, index], strict=True))
    protons = TARGETS[target]["Z"] / TARGETS[target]["A"]
    partner = {1: 2, 2: 1, -1: -2, -2: -1}
    f = {pid: protons * value + (1 - protons) * proton[partner.get(pid, pid)] for pid, value in proton.items()}
    elements = np.array(CARD.CKM.split(), dtype=float).reshape(3, 3) ** 2
    return f, {(up, down): elements[up // 2 - 1, down // 2] for up in (2, 4) for down in (1, 3)}


@pytest.mark.parametrize(("target", "x_index"), [("iron", 30), ("lead", 40), ("proton", 35)])
def test_leading_order_of_neutrinos_has_the_ckm_elements_and_the_isospin(target, x_index):
    """Neutrinos: F2 = 2x (d + s + ubar + cbar), x F3 = 2x (d + s - ubar - cbar), antineutrinos the others."""
    card = replace(CARD, PTO=0, TMC=0)
    massless = functions(10.0, SchemePart("ZM-VFNS", 4, 1.0), card=card)
    x, (f, ckm) = float(BASIS.xgrid[x_index]), toy_of_nucleus(target, x_index)
    for projectile, sign in (("neutrino", 1), ("antineutrino", -1)):
        for part, ups in (("total", (2, 4)), ("charm", (4,))):
            down = sum(ckm[up, q] * f[sign * q] for up in ups for q in (1, 3))
            up_bar = sum(ckm[up, q] * f[-sign * up] for up in ups for q in (1, 3))
            process = Process("CC", projectile, target)
            for kind, expected in (("F2", down + up_bar), ("F3", sign * (down - up_bar)), ("FL", 0.0)):
                operator = massless.operator(process, f"{kind}_{part}", x)
                value = contract_operators(operator, {PartonSet(4): with_charm(TOY)})
                assert value == pytest.approx(2 * x * expected, rel=1e-10, abs=1e-12), (projectile, kind, part)


def test_leading_order_of_charm_production_is_rescaled():
    """F2 = 2 xi (|Vcd|^2 d(xi) + |Vcs|^2 s(xi)) with xi = x (1 + m^2 / Q^2), FL = (1 - Q^2 / (Q^2 + m^2)) F2."""
    card, q2, index = replace(CARD, PTO=0, TMC=0), 6.0, 38
    massive = functions(q2, SchemePart("FONLL-FFNS", 3, 1.0), card=card)
    xi, (f, ckm) = float(BASIS.xgrid[index]), toy_of_nucleus("iron", index)
    x = xi / (1 + card.mc**2 / q2)
    expected = 2 * xi * (ckm[4, 1] * f[1] + ckm[4, 3] * f[3])
    lambda_ = q2 / (q2 + card.mc**2)
    nothing = np.zeros_like(TOY)
    for kind, factor in (("F2", 1.0), ("FL", 1 - lambda_), ("F3", lambda_)):
        operator = massive.operator(NU, f"{kind}_charm", x)
        value = contract_operators(operator, {PartonSet(3): TOY, PartonSet(4, intrinsic=True): nothing})
        assert value == pytest.approx(factor * expected, rel=1e-9), kind


def test_isospin_averages_up_and_down_for_a_deuteron():
    operators = [
        functions(10.0, SchemePart("ZM-VFNS", 4, 1.0)).operator(Process("EM", target=target), "F2_total", 0.1)
        for target in ("proton", "isoscalar")
    ]
    proton, deuteron = (operator[PartonSet(4)] for operator in operators)
    up, down = EXPORT_PIDS.index(2), EXPORT_PIDS.index(1)
    np.testing.assert_allclose(deuteron[up], 0.5 * (proton[up] + proton[down]), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(deuteron[up], deuteron[down], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("process", "observable", "x", "bound"),
    [
        (NC, "F2_total", 0.1, 5e-3), (NC, "FL_total", 0.1, 5e-2), (NC, "F3_total", 0.1, 5e-4),
        (NC, "F3_total", 1e-2, 5e-4), (CC, "F2_total", 0.1, 1e-3), (CC, "FL_total", 0.1, 2e-2),
        (CC, "F3_total", 0.1, 1e-2),
    ],
)  # fmt: skip
def test_massive_calculation_approaches_its_limit(process, observable, x, bound):
    """(massive - limit) / massless falls at least like 1 / Q between 130 and 1300 GeV^2."""
    parts = (SchemePart("FONLL-FFNS", 3, 1.0), SchemePart("FONLL-FFN0", 3, -1.0))
    distributions = {partons: with_charm(TOY) for partons in EVERYWHERE}
    ratios = []
    for q2 in (130.0, 1300.0):
        massless = functions(q2, SchemePart("ZM-VFNS", 4, 1.0)).operator(process, observable, x)
        difference = functions(q2, *parts).operator(process, observable, x)
        ratios.append(abs(contract_operators(difference, distributions) / contract_operators(massless, distributions)))
    assert ratios[0] < bound
    assert ratios[1] < ratios[0] / np.sqrt(10)


def test_target_mass_corrections_vanish_at_small_x():
    computed = functions(10.0, SchemePart("ZM-VFNS", 4, 1.0))
    plain, corrected = (
        contract_operators(method(NC, "F2_total", 1e-3), EVERYWHERE)
        for method in (computed.operator, computed.corrected)
    )
    assert corrected == pytest.approx(plain, rel=1e-5)
    plain, corrected = (
        contract_operators(method(NC, "F2_total", 0.75), EVERYWHERE)
        for method in (computed.operator, computed.corrected)
    )
    assert corrected / plain > 1.05


def test_only_the_chosen_charge_couples():
    operator = functions(5.0, SchemePart("ZM-VFNS", 4, 1.0)).operator(Process("EM", charge="strange"), "F2_light", 0.1)
    coefficients = operator[PartonSet(4)]
    sizes = np.abs(coefficients).max(axis=1)
    up, strange = sizes[EXPORT_PIDS.index(2)], sizes[EXPORT_PIDS.index(3)]
    # the others enter through the singlet, at O(alpha_s^2)
    assert 0 < up < 0.05 * strange
    np.testing.assert_allclose(coefficients[EXPORT_PIDS.index(2)], coefficients[EXPORT_PIDS.index(-1)])


def test_linear_combinations_and_missing_distributions():
    four, three = (PartonSet(4), 0), (PartonSet(3), 1)
    one = {four: np.ones((14, 2))}
    two = {four: np.ones((14, 2)), three: np.full((14, 2), 2.0)}
    total = add_operators([(2.0, one), (-1.0, two)])
    np.testing.assert_array_equal(total[four], np.ones((14, 2)))
    np.testing.assert_array_equal(total[three], np.full((14, 2), -2.0))
    with pytest.raises(TheoryError, match=r"expected .*, received no"):
        contract_operators(
            {PartonSet(3): np.ones((14, 2)), PartonSet(4): np.ones((14, 2))}, {PartonSet(4): np.ones((14, 2))}
        )
