"""Arc lengths of PDFs in closed form."""

import numpy as np
import pytest
from support.analytic_pdfs import pdf_of

from n3fit.ensembles.arc_length import ARC_LENGTH_FLAVOURS, arc_lengths


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
