"""What a user should know about the table of a grid, in one line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pineappl.evolution import EvolveInfo

from n3fit.errors import TheoryError
from n3fit.storage.json_files import parse_json
from n3fit.theory.tables.card_keys import idle_keys
from n3fit.theory.tables.grids.orders import OrderSelection, describe_missing
from n3fit.theory.tables.grids.scales import GridScales
from n3fit.theory.theory_card import TheoryCard

PHOTON = 22

_CARD_KEY = "theory"
"""Metadata key under which yadism keeps the theory card of coefficient functions, as JSON."""

_COEFFICIENT_KEYS = ("FNS", "mc", "mb", "mt", "HQ", "TMC", "CKM", "SIN2TW", "MZ", "MW")
"""Keys of a theory card that coefficient functions depend on."""

_KEYS_OF_GRIDS = ("TMC", "MP", "MW", "MZ", "GF", "SIN2TW", "CKM", "DAMP", "DAMPPOWERc", "DAMPPOWERb")
"""Keys of a theory card that only coefficient functions depend on: the grids have them."""


def idle_keys_of_grids(card: Mapping[str, Any]) -> list[str]:
    """Return the keys of a card that have no effect on tables from grids, in the order of the card."""
    idle = {*_KEYS_OF_GRIDS, *idle_keys(card)}
    return [key for key in card if key in idle and card[key] is not None]


def notes_on_content(selection: OrderSelection, info: EvolveInfo) -> list[str]:
    """Return notes on orders that a grid lacks, and on photons."""
    notes = []
    if selection.missing:
        notes.append(f"no {describe_missing(selection.missing)} coefficients: add them by K-factors")
    if PHOTON in info.pids1:
        notes.append("channels with photons vanish, as the theory has no photon")
    return notes


def notes_on_scales(info: EvolveInfo, missing: Sequence[int], scales: GridScales) -> list[str]:
    """Return notes on scales below the charm threshold, and on rows that cannot be predicted."""
    notes = []
    below = [q for q in scales.xi_f * np.sqrt(sorted(info.fac1)) if scales.below_charm(q)]
    if below:
        between = f"{below[0]:.3g} to {below[-1]:.3g} GeV" if len(below) > 1 else f"{below[0]:.3g} GeV"
        notes.append(
            f"{len(below)} of {len(info.fac1)} scales below the charm threshold ({between}): evolved backwards, "
            f"with three flavours below it"
        )
    if missing:
        shown = ", ".join(map(str, missing[:8])) + (", ..." if len(missing) > 8 else "")
        notes.append(f"{len(missing)} rows without prediction, as alpha_s exceeds 1 at their scales: {shown}")
    return notes


def notes_on_card(metadata: Mapping[str, str], card: TheoryCard) -> list[str]:
    """Return a note on the settings of the coefficient functions that are not those of a theory card."""
    try:
        made_with = parse_json(metadata.get(_CARD_KEY, "{}"))
        given = {key: made_with[key] for key in _COEFFICIENT_KEYS if made_with.get(key) is not None}
        theirs = TheoryCard.from_mapping(given)
    except (ValueError, TypeError, AttributeError, TheoryError):
        return ["the theory card in the metadata of the grid is not readable"]
    different = [key for key in given if _number(getattr(theirs, key)) != _number(getattr(card, key))]
    if not different:
        return []
    listed = ", ".join(f"{key}: {getattr(theirs, key)} (card: {getattr(card, key)})" for key in different)
    return [f"coefficient functions made with {listed}"]


def _number(value: Any) -> Any:
    """Return the moduli of ``CKM``, a text, as numbers: 0.2253 is 0.22530; other values unchanged."""
    if not isinstance(value, str):
        return value
    try:
        return [float(word) for word in value.split()]
    except ValueError:
        return value
