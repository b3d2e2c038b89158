"""Combination of massless and massive calculations: zero-mass, fixed-flavour and FONLL schemes.

FONLL (arXiv:1001.2312) with a fitted charm PDF (arXiv:1510.00009, 1510.02491), written with parton distributions in
coexisting flavour numbers (arXiv:2408.07383), is

    F = F_massive(3) + D_c [F(4) - F_limit(3)],    F(4) = F_massive(4) + D_b [F_massless(5) - F_limit(4)],

where F_massive(n) has n light flavours, quark n + 1 massive, and distributions and coupling in the n-flavour scheme;
F_limit(n) is its high-virtuality limit up to powers of m^2 / Q^2. Each bracket is there from the matching scale mu of
its quark on. The damping D = (1 - mu^2 / Q^2)^power is 1 unless the card has it (arXiv:1001.2312, where mu = m).
The three-flavour distributions come from the fitted four-flavour ones through the inverse matching at the charm
threshold; their charm is the intrinsic one.

FONLL-A and FONLL-C have one order for all. FONLL-B is NLO with massive coefficient functions of O(alpha_s^2). There the
limit has only the logarithms that NLO evolution resums, and F_massive - F_limit keeps the constant of O(alpha_s^2) at
high virtualities (arXiv:1001.2312, section 4). Light quarks that radiate a heavy pair are of the order of massless
quarks.

For Q^2 above 600 m^2 the massive calculation is replaced by its limit, from which it differs by less than 4e-4 of F2
(1e-3 at NLO): the tables of the massive coefficient functions are not accurate enough for it. Below the charm
threshold, and in fixed-flavour schemes, all heavier quarks are massive at once.

The terms that start from intrinsic charm are known to NLO only and enter as F_massive(3) - F_limit(3), which is
suppressed by m^2 / Q^2. They are written in the four-flavour scheme: with the intrinsic part of the fitted charm
evolved to Q instead of the three-flavour charm, frozen at threshold, and with the collinear logarithms, which the
evolution contains, subtracted from the coefficients. The matching of the frozen charm converges badly at large x, and
F2_charm would be negative there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from n3fit.theory.theory_card import TheoryCard

NEGLIGIBLE_MASS = 600.0
"""Ratio Q^2 / m^2 above which powers of m^2 / Q^2 are omitted."""


class PartonSet(NamedTuple):
    """Specification of the parton distributions of a coefficient function.

    Attributes
    ----------
    nf : int
        Active flavours.
    intrinsic : bool
        Only the part of the heaviest active quark that is not generated perturbatively.
    """

    nf: int
    intrinsic: bool = False


@dataclass(frozen=True)
class SchemePart:
    """One calculation in the combination.

    Attributes
    ----------
    fns : str
        yadism's name: ZM-VFNS, FFNS (all heavier quarks massive), FONLL-FFNS (the next one), or FONLL-FFN0 (its
        massless limit).
    nf : int
        Light flavours, also those of the parton distributions and the coupling.
    weight : float
        Its weight in the sum.
    logarithms : int, optional
        Towers of logarithms of a massless limit besides the leading one; by default the order of the evolution.
    """

    fns: str
    nf: int
    weight: float
    logarithms: int | None = None


def massive_order(card: TheoryCard) -> int:
    """Return the highest order of the coefficient functions of massive quarks."""
    return 2 if card.FNS == "FONLL-B" else card.PTO


def scheme_parts(card: TheoryCard, q2: float) -> tuple[SchemePart, ...]:
    """Return the calculations to add at the virtuality ``q2`` (GeV^2)."""
    nf = card.pdf_flavours(q2)
    if card.FNS == "ZM-VFNS":
        return (SchemePart("ZM-VFNS", nf, 1.0),)
    if card.FNS == "FFN0":
        return (SchemePart("FONLL-FFN0", nf, 1.0),)
    if card.FNS == "FFNS" or nf == 3:
        return (SchemePart("FFNS", nf, 1.0),)
    parts = [*_matched_parts(card, q2, 3, 1.0)]
    weight = _damping(card, q2, 3)
    if nf == 4:
        parts.append(SchemePart("FONLL-FFNS", 4, weight))
    else:
        parts += _matched_parts(card, q2, 4, weight)
        parts.append(SchemePart("ZM-VFNS", 5, weight * _damping(card, q2, 4)))
    return tuple(parts)


def _matched_parts(card: TheoryCard, q2: float, nf: int, weight: float) -> list[SchemePart]:
    """Return the massive calculation minus its limit for ``nf`` light flavours, without what cancels."""
    limit = SchemePart("FONLL-FFN0", nf, -weight * _damping(card, q2, nf))
    if q2 < NEGLIGIBLE_MASS * (card.mc, card.mb)[nf - 3] ** 2:
        return [SchemePart("FONLL-FFNS", nf, weight), limit]
    order = massive_order(card)
    if order == card.PTO:
        remainder = weight + limit.weight
        return [SchemePart("FONLL-FFN0", nf, remainder)] if remainder > 0 else []
    return [SchemePart("FONLL-FFN0", nf, weight, logarithms=order), limit]


def _damping(card: TheoryCard, q2: float, nf: int) -> float:
    """Return the factor of the difference between ``nf`` + 1 and ``nf`` flavours."""
    if not card.DAMP:
        return 1.0
    power = (card.DAMPPOWERc, card.DAMPPOWERb)[nf - 3]
    return float((1 - card.squared_thresholds()[nf - 3] / q2) ** power)


def describe_scheme(card: TheoryCard) -> str:
    """Return the treatment of heavy quarks in words."""
    if card.FNS == "ZM-VFNS":
        return f"zero-mass, up to {card.MaxNfPdf} flavours"
    if card.has_fixed_flavours:
        kind = "heavier quarks massive" if card.FNS == "FFNS" else "massless limit of the next quark"
        return f"{card.NfFF} flavours at all scales, {kind}"
    charm = "fitted charm" if card.IC else "charm from evolution"
    damping = f"damping powers {card.DAMPPOWERc}, {card.DAMPPOWERb}" if card.DAMP else "no damping"
    return f"{card.FNS} for charm and bottom, {charm}, {damping}, distributions in coexisting flavour numbers"
