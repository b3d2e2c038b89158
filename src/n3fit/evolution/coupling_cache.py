"""The strong coupling at the nodes of a PDF set, computed once for a theory and stored in the cache."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import numpy as np

from n3fit.evolution.kernels import KERNELS_VERSION
from n3fit.evolution.kernels.couplings import StrongCoupling
from n3fit.storage.cache import ArrayStore, content_key
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats

STORE = ArrayStore("couplings", version=1)

_KEYS = ("PTO", "ModEv", "alphas", "alphaqed", "Qref", "nfref", "mc", "mb", "mt", "kcThr", "kbThr", "ktThr")


def coupling_at(card: TheoryCard, scales: Sequence[tuple[float, int]]) -> list[float]:
    """Return alpha_s at scales in GeV, each with its number of flavours, from the cache or computed.

    Raises
    ------
    TheoryError
        A scale is so low that there is no solution.
    """
    nodes = np.array([q for q, _ in scales], dtype=np.float64)
    flavours = np.array([nf for _, nf in scales], dtype=np.int64)
    settings = [f"{key}={getattr(card, key)!r}" for key in _KEYS]

    def compute() -> dict[str, Floats]:
        coupling = StrongCoupling(card)
        return {"alpha_s": np.array([coupling.alpha_s(q, nf) for q, nf in scales])}

    key = content_key(KERNELS_VERSION, version("eko"), *settings, nodes, flavours)
    return STORE.get_or_compute(key, compute)["alpha_s"].tolist()
