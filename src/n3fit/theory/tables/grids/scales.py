"""Scales and couplings at which the grids of a theory are evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from n3fit.errors import TheoryError
from n3fit.evolution.kernels.couplings import StrongCoupling
from n3fit.theory.theory_card import TheoryCard

LARGEST_COUPLING = 1.0
"""A scale where alpha_s is larger has no prediction."""


@dataclass(frozen=True)
class GridScales:
    """The scales of a theory card and their numbers of flavours.

    Attributes
    ----------
    card : TheoryCard
        The card of the evolution: that of the theory without the variation that the grids contain.
    xi_r, xi_f : float
        Ratios of renormalisation and factorisation scale to those of the grids. If the variation of the factorisation
        scale is part of the evolution (``ModSV``), ``xi_f`` is 1.
    most_flavours_coupling : int
        Largest number of flavours of the coupling (``MaxNfAs``).
    """

    card: TheoryCard
    xi_r: float
    xi_f: float
    most_flavours_coupling: int

    @classmethod
    def of_theory(cls, card: TheoryCard, mapping: Mapping[str, Any]) -> GridScales:
        """Return the scales of a card; ``mapping`` has the keys of its file."""
        in_grids = card.ModSV == "None"
        most = int(mapping.get("MaxNfAs") or card.most_flavours)
        return cls(
            card=replace(card, XIR=1.0, XIF=1.0) if in_grids else replace(card, XIR=1.0),
            xi_r=card.XIR,
            xi_f=card.XIF if in_grids else 1.0,
            most_flavours_coupling=card.NfFF if card.has_fixed_flavours else most,
        )

    def flavours(self, q: float) -> int:
        """Return the number of flavours of the distributions at the scale ``q`` (GeV)."""
        if self.card.has_fixed_flavours:
            return self.card.NfFF
        return min(self.card.active_flavours(q), self.card.most_flavours)

    def alpha_s(self, coupling: StrongCoupling, q: float) -> float:
        """Return alpha_s at the renormalisation scale ``q`` (GeV), 0 where it is too large."""
        fixed = self.card.has_fixed_flavours
        flavours = self.card.NfFF if fixed else min(self.card.active_flavours(q), self.most_flavours_coupling)
        return _checked(coupling, q, flavours)

    def is_reachable(self, coupling: StrongCoupling, q: float) -> bool:
        """Return whether the distributions can be evolved to the scale ``q`` (GeV)."""
        return _checked(coupling, q, self.flavours(q)) > 0

    def below_charm(self, q: float) -> bool:
        """Return whether charm is not active at the scale ``q`` (GeV), although it is at the initial scale."""
        return self.card.nf0 > 3 and self.flavours(q) == 3


def _checked(coupling: StrongCoupling, q: float, flavours: int) -> float:
    try:
        with np.errstate(all="ignore"):
            value = coupling.alpha_s(q, flavours)
    except TheoryError:  # there is no solution
        return 0.0
    return value if np.isfinite(value) and 0 < value <= LARGEST_COUPLING else 0.0
