"""Channels of FK tables: the distributions at the initial scale that a theory has, and the folding onto them."""

from __future__ import annotations

import numpy as np

from n3fit.theory.flavours import FK_BASIS, FK_PIDS, FK_TO_FLAVOUR
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats

_HEAVIEST = (("T15", "V15"), ("T24", "V24"), ("T35", "V35"))
"""Combinations to which charm, bottom and top contribute first."""


def channel_names(card: TheoryCard) -> tuple[str, ...]:
    """Return the elements of the FK basis that are independent at the initial scale.

    >>> channel_names(TheoryCard(nf0=3, IC=0))
    ('g', 'T3', 'T8', 'Sigma', 'V3', 'V8', 'V')
    """
    heavy = _HEAVIEST[: card.initial_flavours - 3]
    return (
        "g", "T3", "T8", *(t for t, _ in heavy), "Sigma", "V3", "V8", *(v for _, v in heavy), "V",
    )  # fmt: skip


def channel_pids(card: TheoryCard) -> tuple[int, ...]:
    """Return the particle identifiers of the channels."""
    return tuple(FK_PIDS[FK_BASIS.index(name)] for name in channel_names(card))


def fold_flavours(flavours: Floats, card: TheoryCard) -> Floats:
    """Return coefficients (14, nx) of flavours rotated to the channels of the tables (nchannels, nx).

    Heavier quarks vanish at the initial scale: without charm T15 = T24 = T35 = Sigma and V15 = V24 = V35 = V.
    """
    fk = {name: FK_TO_FLAVOUR[:, index] @ flavours for index, name in enumerate(FK_BASIS)}
    for total, valence in _HEAVIEST[card.initial_flavours - 3 :]:
        fk["Sigma"] = fk["Sigma"] + fk[total]
        fk["V"] = fk["V"] + fk[valence]
    return np.stack([fk[name] for name in channel_names(card)])
