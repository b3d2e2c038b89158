"""Arc lengths, integrability and guarded sum rules of PDFs in closed form."""

import numpy as np
import pytest

from n3fit.theory.flavours import EVOLUTION_BASIS
from n3fit.training.measures import (
    ARC_LENGTH_FLAVOURS,
    INTEGRABILITY_FLAVOURS,
    arc_lengths,
    guarded_replicas,
    integrability,
)


def pdf_of(**functions):
    """Give a PDF of two replicas, the second with every flavour twice as large."""

    def evaluate(x):
        values = np.zeros((2, len(x), 8))
        for name, function in functions.items():
            values[0, :, EVOLUTION_BASIS.index(name)] = function(x)
        values[1] = 2 * values[0]
        return values

    return evaluate


def test_arc_length_of_straight_lines_and_a_circle():
    lengths = arc_lengths(pdf_of(Sigma=lambda x: 0 * x + 5, g=lambda x: 3 * x, V3=lambda x: np.sqrt(1 - x**2)))
    assert lengths.shape == (2, 5)
    found = dict(zip(ARC_LENGTH_FLAVOURS, lengths.T, strict=True))
    span = 1 - 1e-7
    np.testing.assert_allclose(found["Sigma"], span, rtol=1e-12)
    np.testing.assert_allclose(found["g"], [span * np.sqrt(10), span * np.sqrt(37)], rtol=1e-12)
    assert found["V3"][0] == pytest.approx(np.pi / 2, rel=1e-5)
    np.testing.assert_allclose(found["V"], span)


def test_arc_length_resolves_small_x():
    """x f = x^-0.3 rises by 125 below 0.01, nearly straight upwards."""
    lengths = arc_lengths(pdf_of(g=lambda x: x**-0.3))
    x = np.geomspace(1e-7, 1, 2_000_001)
    expected = np.hypot(np.diff(x), np.diff(x**-0.3)).sum()
    assert lengths[0, 1] == pytest.approx(expected, rel=1e-6)


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
    both = ("MSR", "VSR")
    assert guarded_replicas(pdf_of(**valence, **momentum), both).tolist() == [False, True]
    assert guarded_replicas(pdf_of(**valence), both).tolist() == [True, True]
    assert guarded_replicas(pdf_of(**valence), ("VSR",)).tolist() == [False, True]
    assert guarded_replicas(pdf_of(**momentum), ("MSR",)).tolist() == [False, True]
    assert guarded_replicas(pdf_of(), ()).tolist() == [False, False]
    assert guarded_replicas(pdf_of(V=lambda x: np.nan * x), ("VSR",)).tolist() == [True, True]
