"""The strong coupling in each number of flavours, solved by eko with the settings of the theory card."""

from __future__ import annotations

from typing import Any

import numpy as np

from n3fit.errors import MissingExtraError
from n3fit.theory.theory_card import TheoryCard


class StrongCoupling:
    """The running coupling of a theory card (arXiv:2202.02338, section 2.3; loops: ``PTO`` + 1).

    Truncated and expanded evolution use the expanded solution of the renormalisation group equation, exact
    evolution the exact one.
    """

    def __init__(self, card: TheoryCard) -> None:
        try:
            from eko.couplings import Couplings, couplings_mod_ev
            from eko.io.types import EvolutionMethod
            from eko.quantities.couplings import CouplingsInfo
            from eko.quantities.heavy_quarks import QuarkMassScheme
        except ImportError as error:
            raise MissingExtraError("eko", "theory") from error
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
            thresholds_ratios=[card.kcThr**2, card.kbThr**2, card.ktThr**2],
        )

    def alpha_s(self, q: float, nf: int) -> float:
        """Compute alpha_s at the scale ``q`` (GeV) with ``nf`` active flavours."""
        return self.reduced(q, nf) * 4 * np.pi

    def reduced(self, q: float, nf: int) -> float:
        """Compute alpha_s / (4 pi) at the scale ``q`` (GeV) with ``nf`` active flavours."""
        return float(self._couplings.a_s(q**2, nf_to=nf))
