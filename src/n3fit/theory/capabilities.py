"""What n3fit can compute with a theory: settings that stop the evolution or the building of tables, and only those.

A card also says how its tables were made (scheme for heavy quarks, damping, target-mass corrections, renormalisation
scale). A fit or an evolution uses none of that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from n3fit.errors import TheoryError
from n3fit.theory.theory_card import TheoryCard, order_name

EVOLUTION_ORDERS = range(3)
"""Orders ``PTO`` of the evolution: LO, NLO and NNLO."""

MOST_FLAVOURS = 5
"""Largest number of active flavours: top is never a parton."""

EVOLUTION_KEYS = ("PTO", "ModEv", "alphas", "Qref", "Q0", "mc", "mb")
"""Keys that the card of a fit needs for its evolution: none of them is guessed."""


def evolution_obstacles(card: TheoryCard) -> list[str]:
    """Return the settings of a theory that the evolution of n3fit does not have; empty if it can be evolved."""
    obstacles = []
    if card.PTO not in EVOLUTION_ORDERS:
        obstacles.append(f"PTO: {card.PTO} ({order_name(card.PTO)} evolution)")
    if card.QED:
        obstacles.append(f"QED: {card.QED} (evolution with the photon)")
    if card.XIF != 1.0:
        obstacles.append(f"XIF: {card.XIF:g} (variation of the factorisation scale)")
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
    if card.FNS not in ("ZM-VFNS", "FONLL-C"):
        obstacles.append(f"FNS: {card.FNS} (FONLL-C and ZM-VFNS are there)")
    if card.TMC > 1:
        obstacles.append(f"TMC: {card.TMC} (0 and 1 are there)")
    if card.XIR != 1.0:
        obstacles.append(f"XIR: {card.XIR:g} (variation of the renormalisation scale)")
    if card.DAMP:
        obstacles.append(f"DAMP: {card.DAMP} (damping)")
    if card.MaxNfPdf != MOST_FLAVOURS:
        obstacles.append(f"MaxNfPdf: {card.MaxNfPdf}")
    _refuse(obstacles, f"{source}: the tables of n3fit do not have", "")


def _refuse(obstacles: Sequence[str], message: str, hint: str) -> None:
    if obstacles:
        raise TheoryError(f"{message} {', '.join(obstacles)}", hint=hint)
