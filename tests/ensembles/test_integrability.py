"""Integrability and sum rules of PDFs in closed form."""

import numpy as np
from support.analytic_pdfs import pdf_of

from n3fit.ensembles.integrability import INTEGRABILITY_FLAVOURS, integrability, unnormalised_replicas
from n3fit.theory.flavours import EVOLUTION_BASIS
from n3fit.theory.sum_rules import normalisations


def rules(*names):
    """The factors of some sum rules."""
    return normalisations(names, EVOLUTION_BASIS)


def test_integrability():
    found = integrability(
        pdf_of(V=lambda x: 0 * x - 2, V8=lambda x: x**0.5, Sigma=lambda x: 1 / x, T3=lambda x: 1e9 * x)
    )
    expected = {"V": 6, "V3": 0, "V8": 1e-9**0.5 + 1e-8**0.5 + 1e-7**0.5, "T3": 111, "T8": 0}
    np.testing.assert_allclose(found[0], [expected[name] for name in INTEGRABILITY_FLAVOURS], rtol=1e-9)
    np.testing.assert_allclose(found[1], 2 * found[0])


def test_sum_rules_that_hold_and_that_do_not():
    """Integrals of 6 x (1 - x) / x are 3, those of x f = 0.5 are 0.5."""
    valence = {
        "V": lambda x: 6 * x * (1 - x), "V3": lambda x: 2 * x * (1 - x), "V8": lambda x: 6 * x * (1 - x),
    }  # fmt: skip
    momentum = {"Sigma": lambda x: 0 * x + 0.5, "g": lambda x: 0 * x + 0.5}
    both, number, fraction = rules("MSR", "VSR"), rules("VSR"), rules("MSR")
    assert unnormalised_replicas(pdf_of(**valence, **momentum), both).tolist() == [False, True]
    assert unnormalised_replicas(pdf_of(**valence), both).tolist() == [True, True]
    assert unnormalised_replicas(pdf_of(**valence), number).tolist() == [False, True]
    assert unnormalised_replicas(pdf_of(**momentum), fraction).tolist() == [False, True]
    assert unnormalised_replicas(pdf_of(), ()).tolist() == [False, False]
    assert unnormalised_replicas(pdf_of(V=lambda x: np.nan * x), number).tolist() == [True, True]


def test_axial_charges_that_hold_and_that_do_not():
    """The second replica of T3 and T8 has integrals of twice 1.2 and 0.6."""
    axial = {"T3": lambda x: 2.4 * x * (1 - x), "T8": lambda x: 1.2 * x * (1 - x)}
    charges = np.array([[1.2, 0.6], [2.4, 1.3]])
    broken = unnormalised_replicas(pdf_of(**axial), rules("TSR"), polarised=True, charges=charges)
    assert broken.tolist() == [False, True]
    charges[1, 1] = 1.2
    assert not unnormalised_replicas(pdf_of(**axial), rules("TSR"), polarised=True, charges=charges).any()
