"""Identifiers and folders of theories that are built from a card."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from n3fit.errors import TheoryError
from n3fit.theory.cards import CARD_SUFFIXES, parse_setting
from n3fit.theory.theory_folders import user_theories_folder

FOLDER_PREFIX = "theory_"
"""Beginning of the name of a theory's folder."""

_LABELS = ("ID", "Comments")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


def check_identifier(identifier: str, *, source: str) -> str:
    """Return the identifier of a theory if it can be part of a file name.

    Raises
    ------
    TheoryError
        It has other characters than letters, digits and ``._+-``.
    """
    if not _SAFE.fullmatch(identifier):
        raise TheoryError(
            f"{source}: expected letters, digits and ._+- after a first letter or digit, received {identifier!r}",
            hint="choose another name with --name",
        )
    return identifier


def derive_identifier(source: str | Path, card: Mapping[str, Any], settings: Sequence[str]) -> str:
    """Return the identifier of the theory of a card: that of the card, followed by the keys that were replaced.

    >>> derive_identifier("708", {"ID": 708, "alphas": 0.119}, ["AlphaS=0.119"])
    '708_alphas0.119'

    Raises
    ------
    TheoryError
        It cannot be part of a file name.
    """
    text = str(source)
    identifier = Path(text).stem if text.endswith(CARD_SUFFIXES) else text
    changes = dict(parse_setting(setting) for setting in settings)
    if card.get("ID") is not None and ("ID" in changes or text.endswith(CARD_SUFFIXES)):
        identifier = str(card["ID"])
    suffixes = [
        re.sub(r"[^A-Za-z0-9._+-]+", "-", f"{key}{value}") for key, value in changes.items() if key not in _LABELS
    ]
    return check_identifier("_".join([identifier, *suffixes]), source=f"{text}: ID")


def choose_folder(
    source: str | Path,
    card: Mapping[str, Any],
    *,
    settings: Sequence[str] = (),
    output: Path | None = None,
    name: str | None = None,
) -> tuple[str, Path]:
    """Return the identifier and the folder of the theory that is built from a card.

    Parameters
    ----------
    source : str or Path
        The card as the user named it.
    card : mapping
        The card with ``settings`` applied.
    settings : sequence of str
        Replacements ``KEY=VALUE``.
    output : Path, optional
        The folder, whose name is ``theory_`` and the identifier; by default that in the user's folder of theories.
    name : str, optional
        The identifier.

    Raises
    ------
    TheoryError
        The identifier cannot be part of a file name, or ``output`` is not the folder of a theory with it.
    """
    if name is not None:
        identifier = check_identifier(name, source="--name")
    elif output is not None and output.name.startswith(FOLDER_PREFIX):
        identifier = check_identifier(output.name.removeprefix(FOLDER_PREFIX), source="--output")
    else:
        identifier = derive_identifier(source, card, settings)
    folder = FOLDER_PREFIX + identifier
    if output is not None and output.name != folder:
        raise TheoryError(
            f"--output: expected a folder named {folder}, received {output}",
            hint=f"theories are found by the names of their folders: --output {output / folder}",
            ways=[["--output", str(output / folder)]],
        )
    return identifier, output or user_theories_folder() / folder
