"""Calculations that are combined at each scale."""

from dataclasses import replace

import pytest

from n3fit.theory.tables.heavy_quarks import SchemePart, describe_scheme, massive_order, scheme_parts
from n3fit.theory.theory_card import TheoryCard

FONLL_C = TheoryCard()
FONLL_B = TheoryCard(FNS="FONLL-B", PTO=1)
EVOLVED_CHARM = TheoryCard(Q0=1.0, nf0=3, IC=0)


def total_weight(parts):
    """Return the sum of the weights, which must be one: massless quarks are counted once."""
    return sum(part.weight for part in parts)


@pytest.mark.parametrize(
    "card",
    [
        FONLL_C,
        FONLL_B,
        replace(FONLL_C, FNS="ZM-VFNS"),
        replace(FONLL_C, MaxNfPdf=4),
        replace(EVOLVED_CHARM, DAMP=1),
        replace(EVOLVED_CHARM, FNS="FONLL-B", PTO=1, DAMP=1, DAMPPOWERc=4, DAMPPOWERb=1),
        replace(EVOLVED_CHARM, FNS="FFNS", NfFF=3),
    ],
)
@pytest.mark.parametrize("q2", [1.1, 2.8, 24.2, 24.3, 1300.0, 1400.0, 1.4e4, 5e4])
def test_massless_quarks_are_counted_once(card, q2):
    assert total_weight(scheme_parts(card, q2)) == pytest.approx(1, rel=1e-12)


def test_flavours_of_the_massless_scheme():
    card = TheoryCard(FNS="ZM-VFNS")
    for q2, nf in ((1.51**2 - 0.01, 3), (1.51**2, 4), (4.92**2 - 0.01, 4), (4.92**2, 5), (1e6, 5)):
        assert scheme_parts(card, q2) == (SchemePart("ZM-VFNS", nf, 1.0),)
    assert scheme_parts(replace(card, MaxNfPdf=4), 1e3) == (SchemePart("ZM-VFNS", 4, 1.0),)
    assert scheme_parts(replace(card, kcThr=2.0), 9.0) == (SchemePart("ZM-VFNS", 3, 1.0),)


def test_all_heavier_quarks_are_massive_below_the_charm_threshold_and_in_fixed_flavour_schemes():
    assert scheme_parts(EVOLVED_CHARM, 2.2) == (SchemePart("FFNS", 3, 1.0),)
    assert scheme_parts(replace(EVOLVED_CHARM, MaxNfPdf=3), 1e3) == (SchemePart("FFNS", 3, 1.0),)
    for nf in (3, 4, 5):
        fixed = TheoryCard(FNS="FFNS", NfFF=nf, nf0=nf)
        assert {scheme_parts(fixed, q2) for q2 in (3.0, 1e4)} == {(SchemePart("FFNS", nf, 1.0),)}
    assert scheme_parts(TheoryCard(FNS="FFN0", NfFF=3, nf0=3), 50.0) == (SchemePart("FONLL-FFN0", 3, 1.0),)


def test_bottom_is_massive_with_four_flavours_below_its_threshold():
    parts = scheme_parts(TheoryCard(), 20.0)
    assert SchemePart("FONLL-FFNS", 4, 1.0) in parts
    assert all(part.nf < 5 for part in parts)
    assert SchemePart("ZM-VFNS", 5, 1.0) in scheme_parts(TheoryCard(), 25.0)


def test_negligible_masses_are_omitted():
    assert scheme_parts(TheoryCard(), 1.5e4) == (SchemePart("ZM-VFNS", 5, 1.0),)
    assert all(part.nf != 3 for part in scheme_parts(TheoryCard(), 1400.0))


def test_fonll_b_keeps_the_constant_of_the_massive_quarks():
    """Two orders of massive quarks beside one of the evolution: the limits differ by one tower of logarithms."""
    assert [massive_order(card) for card in (FONLL_B, FONLL_C, replace(FONLL_B, FNS="FONLL-A"))] == [2, 2, 1]
    parts = scheme_parts(FONLL_B, 1.5e4)
    for nf in (3, 4):
        assert SchemePart("FONLL-FFN0", nf, 1.0, logarithms=2) in parts
        assert SchemePart("FONLL-FFN0", nf, -1.0) in parts


def test_damping_starts_from_zero_at_the_threshold():
    card = replace(EVOLVED_CHARM, DAMP=1, DAMPPOWERc=4)
    weights = {(part.fns, part.nf): part.weight for part in scheme_parts(card, 2 * 1.51**2)}
    assert weights == pytest.approx({("FONLL-FFNS", 3): 1, ("FONLL-FFN0", 3): -(0.5**4), ("FONLL-FFNS", 4): 0.5**4})
    weights = {(part.fns, part.nf): part.weight for part in scheme_parts(card, 2 * 4.92**2)}
    charm = (1 - 1.51**2 / (2 * 4.92**2)) ** 4
    assert weights["ZM-VFNS", 5] == pytest.approx(charm * 0.25)
    assert weights["FONLL-FFN0", 4] == pytest.approx(-charm * 0.25)
    threshold = scheme_parts(card, 1.51**2)
    assert {part.weight for part in threshold if part != SchemePart("FONLL-FFNS", 3, 1.0)} == {0.0}


def test_schemes_in_words():
    assert describe_scheme(FONLL_B).startswith("FONLL-B for charm and bottom, fitted charm, no damping")
    assert "charm from evolution, damping powers 2, 2" in describe_scheme(replace(EVOLVED_CHARM, DAMP=1))
    assert describe_scheme(TheoryCard(FNS="ZM-VFNS", MaxNfPdf=4)) == "zero-mass, up to 4 flavours"
    assert describe_scheme(TheoryCard(FNS="FFNS", NfFF=3, nf0=3)) == "3 flavours at all scales, heavier quarks massive"
