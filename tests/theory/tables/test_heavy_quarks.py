"""Calculations that are combined at each scale."""

import pytest

from n3fit.theory.tables.heavy_quarks import SchemePart, scheme_parts
from n3fit.theory.theory_card import TheoryCard


def light_count(parts):
    """Return the signed number of calculations, which must add up to one."""
    return sum(part.sign for part in parts)


@pytest.mark.parametrize("scheme", ["FONLL-C", "ZM-VFNS"])
@pytest.mark.parametrize("q2", [2.8, 24.2, 24.3, 1300.0, 1400.0, 1.4e4, 5e4])
def test_massless_parts_add_up_to_one(scheme, q2):
    assert light_count(scheme_parts(TheoryCard(FNS=scheme), q2)) == 1


def test_flavours_of_the_massless_scheme():
    card = TheoryCard(FNS="ZM-VFNS")
    assert scheme_parts(card, 4.92**2 - 0.01) == (SchemePart("ZM-VFNS", 4, 1.0),)
    assert scheme_parts(card, 4.92**2) == (SchemePart("ZM-VFNS", 5, 1.0),)


def test_bottom_is_massive_with_four_flavours_below_its_threshold():
    parts = scheme_parts(TheoryCard(), 20.0)
    assert SchemePart("FONLL-FFNS", 4, 1.0) in parts
    assert all(part.nf < 5 for part in parts)
    assert SchemePart("ZM-VFNS", 5, 1.0) in scheme_parts(TheoryCard(), 25.0)


def test_negligible_masses_are_omitted():
    assert scheme_parts(TheoryCard(), 1.5e4) == (SchemePart("ZM-VFNS", 5, 1.0),)
    assert all(part.nf != 3 for part in scheme_parts(TheoryCard(), 1400.0))
