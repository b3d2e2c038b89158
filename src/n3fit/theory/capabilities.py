"""What n3fit can compute with a theory: settings that stop the evolution or the building of tables, and only those.

A card also says how its tables were made (scheme for heavy quarks, damping, target-mass corrections, renormalisation
scale). A fit or an evolution uses none of that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from n3fit.errors import TheoryError
from n3fit.theory.theory_card import TheoryCard, order_name

EVOLUTION_ORDERS = range(3)
"""Orders ``PTO`` of the evolution: LO, NLO and NNLO."""

_ROUNDED_UP = 1 + 1e-9

MOST_FLAVOURS = 5
"""Largest number of active flavours: top is never a parton."""

SCHEME_ORDERS = MappingProxyType(
    {
        "ZM-VFNS": range(3),
        "FONLL-A": range(2),
        "FONLL-B": range(1, 2),
        "FONLL-C": range(2, 3),
        "FFNS": range(3),
        "FFN0": range(3),
    }
)
"""Schemes ``FNS`` whose tables can be built, and the orders ``PTO`` of each."""

EVOLUTION_KEYS = ("PTO", "ModEv", "alphas", "Qref", "Q0", "mc", "mb")
"""Keys that the card of a fit needs for its evolution: none of them is guessed."""


def evolution_obstacles(card: TheoryCard) -> list[str]:
    """Return the settings of a theory that the evolution of n3fit does not have; empty if it can be evolved."""
    obstacles = []
    if card.PTO not in EVOLUTION_ORDERS:
        obstacles.append(f"PTO: {card.PTO} ({order_name(card.PTO)} evolution)")
    if card.QED:
        obstacles.append(f"QED: {card.QED} (evolution with the photon)")
    if card.HQ != "POLE":
        obstacles.append(f"HQ: {card.HQ} (running quark masses)")
    if card.SxRes:
        obstacles.append(f"SxRes: {card.SxRes} (resummation at small x)")
    if card.most_flavours > MOST_FLAVOURS:
        key = "NfFF" if card.has_fixed_flavours else "MaxNfPdf"
        obstacles.append(f"{key}: {card.most_flavours} (more than {MOST_FLAVOURS} flavours)")
    if card.has_fixed_flavours and card.nf0 != card.NfFF:
        obstacles.append(f"nf0: {card.nf0} beside NfFF: {card.NfFF} in the scheme {card.FNS}")
    return obstacles


def check_evolution(card: TheoryCard, *, source: str) -> None:
    """Check that the evolution of n3fit is that of a theory.

    Raises
    ------
    TheoryError
        It is not; the message has every setting that stands in the way.
    """
    _refuse(evolution_obstacles(card), f"{source}: the evolution of n3fit does not have", "evolve with another program")


def check_evolution_keys(card: Mapping[str, Any], *, source: str) -> None:
    """Check that a card has all keys that the evolution needs.

    Raises
    ------
    TheoryError
        Keys are missing; the message has all of them.
    """
    missing = [key for key in EVOLUTION_KEYS if card.get(key) is None]
    _refuse(missing, f"{source}: the theory card lacks", "complete the card of the theory")


def describe_obstacles(card: Mapping[str, Any], *, source: str) -> str:
    """Return a sentence on why ``n3fit evolve`` will refuse fits of a theory; empty if it will not.

    Parameters
    ----------
    card : mapping
        The card of the theory.
    source : str
        The theory, for the sentence.
    """
    try:
        check_evolution_keys(card, source=source)
        check_evolution(TheoryCard.from_mapping(card, source=source), source=source)
    except TheoryError as error:
        return f"the fit can be made, but n3fit evolve will refuse it: {error.message}"
    return ""


def check_building(card: TheoryCard, *, source: str = "theory card") -> None:
    """Check that n3fit can build the tables of a theory.

    Raises
    ------
    TheoryError
        It cannot; the message has every setting that stands in the way.
    """
    obstacles = evolution_obstacles(card)
    obstacles += _scheme_obstacles(card)
    _refuse(obstacles, f"{source}: the tables of n3fit do not have", "")


def _scheme_obstacles(card: TheoryCard) -> list[str]:
    """Return the settings of the treatment of heavy quarks that the building of tables does not have."""
    orders = SCHEME_ORDERS.get(card.FNS)
    if orders is None:
        return [f"FNS: {card.FNS} ({', '.join(SCHEME_ORDERS)} are there)"]
    obstacles = []
    if card.PTO in EVOLUTION_ORDERS and card.PTO not in orders:
        names = " or ".join(order_name(order) for order in orders)
        obstacles.append(f"FNS: {card.FNS} beside PTO: {card.PTO} ({card.FNS} is {names})")
    if card.DAMP > 1:
        obstacles.append(f"DAMP: {card.DAMP} (0 and 1 are there)")
    if card.DAMP and card.FNS.startswith("FONLL") and card.IC:
        obstacles.append(f"DAMP: {card.DAMP} beside IC: 1 (damping of fitted charm)")
    if not card.has_fixed_flavours:
        charm, bottom, _top = card.squared_thresholds()
        low, high = {3: (0.0, charm), 4: (charm, bottom)}.get(card.nf0, (bottom, math.inf))
        if card.nf0 > 4 or bottom < card.Q0**2 / _ROUNDED_UP:
            obstacles.append(f"nf0: {card.nf0} at Q0: {card.Q0:g} (bottom as a parton at the initial scale)")
        elif not low / _ROUNDED_UP <= card.Q0**2 <= high * _ROUNDED_UP:
            obstacles.append(f"nf0: {card.nf0} at Q0: {card.Q0:g} (on the other side of the charm threshold)")
        if card.nf0 > card.MaxNfPdf:
            obstacles.append(f"nf0: {card.nf0} beside MaxNfPdf: {card.MaxNfPdf}")
    return obstacles


def _refuse(obstacles: Sequence[str], message: str, hint: str) -> None:
    if obstacles:
        raise TheoryError(f"{message} {', '.join(obstacles)}", hint=hint)
