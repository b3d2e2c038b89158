"""The strong coupling in each number of flavours, solved by eko with the settings of the theory card."""

from __future__ import annotations

from typing import Any

import numpy as np

from n3fit.errors import TheoryError
from n3fit.theory.theory_card import TheoryCard

_LARGEST = 10.0
"""Largest alpha_s that is a solution: near the pole at a low scale the solvers return any number."""


class StrongCoupling:
    """The running coupling of a theory card (arXiv:2202.02338, section 2.3; loops: ``PTO`` + 1).

    Truncated and expanded evolution use the expanded solution of the renormalisation group equation, exact
    evolution the exact one.

    Parameters
    ----------
    card : TheoryCard
    threshold_factor : float
        Multiplies the scales at which the number of flavours changes.
    """

    def __init__(self, card: TheoryCard, *, threshold_factor: float = 1.0) -> None:
        from eko.couplings import Couplings, couplings_mod_ev
        from eko.io.types import EvolutionMethod
        from eko.quantities.couplings import CouplingsInfo
        from eko.quantities.heavy_quarks import QuarkMassScheme

        self.card = card
        information: dict[str, Any] = {
            "alphas": card.alphas, "alphaem": card.alphaqed, "em_running": False, "ref": (card.Qref, card.nfref),
        }  # fmt: skip
        method = "iterate-exact" if card.ModEv == "EXA" else "truncated"
        self._couplings = Couplings(
            couplings=CouplingsInfo.from_dict(information),
            order=(card.PTO + 1, 0),
            method=couplings_mod_ev(EvolutionMethod(method)),
            masses=[card.mc**2, card.mb**2, card.mt**2],
            hqm_scheme=QuarkMassScheme.POLE,
            thresholds_ratios=[(factor * threshold_factor) ** 2 for factor in (card.kcThr, card.kbThr, card.ktThr)],
        )

    def alpha_s(self, q: float, nf: int) -> float:
        """Compute alpha_s at the scale ``q`` (GeV) with ``nf`` active flavours."""
        return self.reduced(q, nf) * 4 * np.pi

    def reduced(self, q: float, nf: int) -> float:
        """Compute alpha_s / (4 pi) at the scale ``q`` (GeV) with ``nf`` active flavours.

        Raises
        ------
        TheoryError
            The scale is so low that there is no solution.
        """
        coupling = float(self._couplings.a_s(q**2, nf_to=nf))
        if not 0 < 4 * np.pi * coupling < _LARGEST:
            raise TheoryError(
                f"alpha_s: expected 0 to {_LARGEST:g} at {q:g} GeV with {nf} flavours, "
                f"received {4 * np.pi * coupling:g}",
                hint="this scale is too low for perturbation theory: check Q0, alphas, XIF and XIR of the theory card",
            )
        return coupling
