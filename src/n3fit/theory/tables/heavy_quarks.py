"""Combination of massless and massive calculations: the zero-mass scheme and FONLL.

FONLL (arXiv:1001.2312) with a fitted charm PDF (arXiv:1510.00009, 1510.02491), written with parton distributions in
coexisting flavour numbers (arXiv:2408.07383), is

    F = F_massive(3) - F_limit(3) + F_massive(4) - F_limit(4) + F_massless(5),

where F_massive(n) has n light flavours, quark n + 1 massive, and distributions and coupling in the n-flavour scheme;
F_limit(n) is its high-virtuality limit up to powers of m^2 / Q^2. The three-flavour distributions come from the
fitted four-flavour ones through the inverse matching at the charm threshold; their charm is the intrinsic one.
There is no damping. For Q^2 above 600 m^2 the difference of massive calculation and limit, there below 4e-4 of F2, is
omitted: the tables of the massive coefficient functions are not accurate enough for it. Bottom is not an active flavour
below its threshold: there the last two terms are absent.

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
        yadism's name: ZM-VFNS, FONLL-FFNS (massive) or FONLL-FFN0 (its massless limit).
    nf : int
        Light flavours, also those of the parton distributions and the coupling.
    sign : float
        Its sign in the sum.
    """

    fns: str
    nf: int
    sign: float


def scheme_parts(card: TheoryCard, q2: float) -> tuple[SchemePart, ...]:
    """Return the calculations to add at the virtuality ``q2`` (GeV^2), above the charm threshold."""
    _charm, bottom, _top = card.squared_thresholds()
    charm_matters = q2 < NEGLIGIBLE_MASS * card.mc**2
    bottom_matters = q2 < NEGLIGIBLE_MASS * card.mb**2
    if card.FNS == "ZM-VFNS":
        return (SchemePart("ZM-VFNS", 5 if q2 >= bottom else 4, 1.0),)
    parts = []
    if charm_matters:
        parts += [SchemePart("FONLL-FFNS", 3, 1.0), SchemePart("FONLL-FFN0", 3, -1.0)]
    if q2 < bottom:
        parts += [SchemePart("FONLL-FFNS", 4, 1.0)]
    elif bottom_matters:
        parts += [SchemePart("FONLL-FFNS", 4, 1.0), SchemePart("FONLL-FFN0", 4, -1.0), SchemePart("ZM-VFNS", 5, 1.0)]
    else:
        parts += [SchemePart("ZM-VFNS", 5, 1.0)]
    return tuple(parts)
