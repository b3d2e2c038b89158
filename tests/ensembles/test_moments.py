from dataclasses import replace

import numpy as np
import pytest
from scipy.special import beta
from support import ensembles as ensemble_examples

from n3fit.ensembles.moments import moments
from n3fit.theory.flavours import EXPORT_PIDS

DBAR = 0.1939875 * beta(0.9, 7.0)
UBAR = 0.1939875 * beta(0.9, 8.0)
STRANGE = 0.4 * (UBAR + DBAR)
CLOSED_FORMS = {
    "momentum": 1.0,
    "valence u": 5.1072 * beta(0.8, 4.0),
    "valence d": 3.06432 * beta(0.8, 5.0),
    "valence s": 0.0,
    "momentum g": 1.7 * beta(0.9, 6.0),
    "momentum u+": 5.1072 * beta(1.8, 4.0) + 2 * UBAR,
    "momentum d+": 3.06432 * beta(1.8, 5.0) + 2 * DBAR,
    "momentum s+": STRANGE,
    "momentum c+": 0.0,
    "momentum b+": 0.0,
}
CLOSED_FORMS["momentum Sigma"] = CLOSED_FORMS["momentum u+"] + CLOSED_FORMS["momentum d+"] + STRANGE


def test_toy_pdf_has_the_moments_of_its_closed_form() -> None:
    found = {moment.name: moment for moment in moments(ensemble_examples.toy_snapshot())}
    # 5e-7: what lies below 1e-9 in the valence integrals
    assert {name: moment.central for name, moment in found.items()} == pytest.approx(CLOSED_FORMS, abs=5e-7)
    assert [moment.expected for moment in found.values()] == [1.0, 2.0, 1.0, 0.0] + [None] * 7
    assert {moment.kind for moment in list(found.values())[:4]} == {"sum rule"}


def test_members_and_deviation() -> None:
    momentum = moments(ensemble_examples.toy_snapshot(3))[0]
    np.testing.assert_allclose(momentum.values, [0.9, 1.0, 1.1], atol=1e-6)
    assert momentum.deviation == pytest.approx(0.1, abs=1e-6)
    assert moments(ensemble_examples.toy_snapshot(1))[0].deviation == 0.0


def test_polarised_moments_are_those_of_f_itself() -> None:
    """x f = 6 x^a (1 - x) has the integral 6 B(a, 2) of f."""
    x = ensemble_examples.toy_snapshot(1).x
    powers = {21: 0.6, 2: 0.5, -2: 1.0, 1: 0.8, 3: 2.0}
    shapes = {pid: 6 * x**power * (1 - x) for pid, power in powers.items()}
    pdf = np.stack([shapes.get(pid, 0 * x) for pid in EXPORT_PIDS], axis=1)
    shot = ensemble_examples.toy_snapshot(members=pdf[None] * np.array([0.5, 1.5])[:, None, None], central=pdf)
    found = {moment.name: moment for moment in moments(replace(shot, polarised=True))}
    up, antiup, down, strange, gluon = (6 * beta(powers[pid], 2.0) for pid in (2, -2, 1, 3, 21))
    expected = {
        "axial T3": up + antiup - down,
        "axial T8": up + antiup + down - 2 * strange,
        "spin g": gluon,
        "spin Sigma": up + antiup + down + strange,
        "spin u+": up + antiup,
        "spin d+": down,
        "spin s+": strange,
        "spin c+": 0.0,
        "spin b+": 0.0,
    }
    # 1e-3: what lies below the smallest node, 12 x^0.5 at 1e-9
    assert {name: moment.central for name, moment in found.items()} == pytest.approx(expected, abs=1e-3)
    np.testing.assert_allclose(found["axial T3"].values, [0.5 * expected["axial T3"], 1.5 * expected["axial T3"]], 1e-4)
    assert [moment.expected for moment in found.values()] == [1.2756, 0.5850] + [None] * 7
    assert [moment.kind for moment in found.values()] == ["sum rule"] * 2 + ["spin"] * 7
    assert found["spin g"].formula == "∫ Δg dx"
