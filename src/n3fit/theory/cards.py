"""Theory cards that a user names: the card of a theory, a card of nnpdf-data or a file, with single keys replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from n3fit.errors import TheoryError, did_you_mean
from n3fit.storage.yaml_files import parse_yaml, read_yaml
from n3fit.theory.theories import read_theory_card
from n3fit.theory.theory_card import TheoryCard

CARD_SUFFIXES = (".yaml", ".yml")
"""Ends of the names of card files."""

OTHER_KEYS = (
    "IC", "IB", "EScaleVar", "SxOrd", "global_nx", "Qmc", "Qmb", "Qmt", "Qedref", "MaxNfAs", "IterEv", "use_fhmruvv",
    "n3lo_ad_variation", "n3lo_cf_variation", "DAMPPOWERc", "DAMPPOWERb", "fact_to_ren_scale_ratio",
)  # fmt: skip
"""Keys of the cards of the field that are not attributes of :class:`~n3fit.theory.theory_card.TheoryCard`."""

KNOWN_KEYS = (*(entry.name for entry in fields(TheoryCard)), *OTHER_KEYS)
"""All keys of a card."""

_OTHER_NAMES = MappingProxyType({"alpha_s": "alphas", "as": "alphas"})


def load_card(source: str | int | Path, *, settings: Sequence[str] = (), path: Path | None = None) -> dict[str, Any]:
    """Read a theory card and replace single keys.

    Parameters
    ----------
    source : str, int or Path
        A file (``.yaml`` or ``.yml``), or the number or name of a theory: one that is found, or a card of nnpdf-data.
    settings : sequence of str
        Replacements such as ``AlphaS=0.119``; names are those of the card, capitals do not matter.
    path : Path, optional
        A folder with theories.

    Raises
    ------
    TheoryError
        No such card, a key that no card has, or a setting that is not of the form KEY=VALUE.
    """
    text = str(source)
    if text.endswith(CARD_SUFFIXES):
        card = read_yaml(Path(text).expanduser(), error=TheoryError)
        if not isinstance(card, dict):
            raise TheoryError(f"{text}: expected a theory card such as 'PTO: 2', received {type(card).__name__}")
    else:
        card = read_theory_card(text, path=path)
    check_keys(card, source=text)
    return card | dict(parse_setting(setting) for setting in settings)


def check_keys(card: Mapping[str, Any], *, source: str) -> None:
    """Check that all keys of a card are known.

    Raises
    ------
    TheoryError
        Some are not; all are named.
    """
    unknown = [key for key in card if key not in KNOWN_KEYS]
    if unknown:
        hints = (did_you_mean(str(key), KNOWN_KEYS) for key in unknown)
        raise TheoryError(
            f"{source}: expected keys of theory cards, received {', '.join(map(repr, unknown))}",
            hint="; ".join(hint for hint in hints if hint) or "remove the keys that no theory card has",
        )


def parse_setting(text: str) -> tuple[str, Any]:
    """Return key and value of a setting ``KEY=VALUE``.

    >>> parse_setting("AlphaS=0.119")
    ('alphas', 0.119)

    Raises
    ------
    TheoryError
        It is not of this form, or no card has the key.
    """
    name, separator, value = text.partition("=")
    if not separator or not value.strip():
        raise TheoryError(f"--set: expected KEY=VALUE such as AlphaS=0.119, received {text!r}")
    lowered = {key.lower(): key for key in KNOWN_KEYS} | _OTHER_NAMES
    key = lowered.get(name.strip().lower())
    if key is None:
        raise TheoryError(
            f"--set: expected a key of theory cards, received {name.strip()!r}",
            hint=did_you_mean(name.strip(), KNOWN_KEYS),
        )
    return key, parse_yaml(value, "--set", error=TheoryError).data
