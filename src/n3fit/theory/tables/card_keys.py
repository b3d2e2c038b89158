"""Keys of the card of a theory that is built: those that are needed, and those without effect on the tables."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from n3fit.errors import TheoryError
from n3fit.theory.cards import check_keys
from n3fit.theory.theory_card import TheoryCard

BUILDING_KEYS = (
    "PTO", "FNS", "ModEv", "alphas", "Qref", "Q0", "mc", "mb", "mt", "kcThr", "kbThr", "ktThr", "TMC", "MP", "MW", "MZ",
    "GF", "SIN2TW", "CKM",
)  # fmt: skip
"""Keys that the card of a theory needs to be built: none of them is guessed."""

_NEVER_USED = (
    "EScaleVar", "SxOrd", "global_nx", "Qmc", "Qmb", "Qmt", "Qedref", "alphaqed", "use_fhmruvv", "n3lo_ad_variation",
    "n3lo_cf_variation",
)  # fmt: skip
"""Keys that matter for what the building refuses: running masses, N3LO, resummation and the photon; or for nothing."""


_ONLY_VALUES = MappingProxyType({"IB": 0, "fact_to_ren_scale_ratio": 1.0, "SxRes": 0, "MaxNfAs": 5})
"""Keys with one value that the building has; others would change the tables."""


def check_card(card: Mapping[str, Any], *, source: str) -> TheoryCard:
    """Return the parameters of a card whose theory is to be built.

    Raises
    ------
    TheoryError
        Keys are unknown or missing, a value is wrong, or a key would change the tables in a way that is not there.
    """
    check_keys(card, source=source)
    missing = [key for key in BUILDING_KEYS if card.get(key) is None]
    if missing:
        raise TheoryError(f"{source}: the theory card lacks {', '.join(missing)}", hint="complete the card")
    steps = {key: card[key] for key in ("IterEv", "ev_op_iterations") if card.get(key) is not None}
    if len(set(steps.values())) > 1:
        raise TheoryError(f"{source}: expected one number of steps of the evolution, received {steps}")
    for key, value in _ONLY_VALUES.items():
        if card.get(key) not in (None, value):
            raise TheoryError(
                f"{source}: {key}: expected {value}, which the tables of n3fit have, received {card[key]!r}"
            )
    return TheoryCard.from_mapping(card, source=source)


def idle_keys(card: Mapping[str, Any]) -> list[str]:
    """Return the keys of a card that have no effect on its tables, in the order of the card."""
    parameters = TheoryCard.from_mapping(card)
    idle = {
        *_NEVER_USED,
        *(() if parameters.has_fixed_flavours else ("NfFF", "mt", "ktThr")),
        *(() if parameters.DAMP else ("DAMPPOWERc", "DAMPPOWERb")),
        *(("IterEv", "ev_op_iterations") if parameters.ModEv == "TRN" else ()),
        *(("ModSV",) if parameters.XIF == 1.0 else ()),
        *(("MP",) if parameters.TMC == 0 else ()),
    }
    return [key for key in card if key in idle and card[key] is not None]
