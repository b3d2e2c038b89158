"""Tables of varied theories that n3fit has built, beside these theories: which theory is which variation of which."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from n3fit.errors import TheoryError
from n3fit.storage import write_atomically
from n3fit.storage.yaml_files import read_yaml, to_yaml
from n3fit.theory.theories import read_theory_card
from n3fit.theory.theory_folders import theory_folders

VARIATIONS_FILE = "variations.yaml"
"""Name of a table, in a folder that holds theories."""


def card_hash(card: Mapping[str, Any]) -> str:
    """Return the hash of the contents of a theory card."""
    return hashlib.sha256(json.dumps(dict(card), sort_keys=True, default=str).encode()).hexdigest()


def built_variations(central: int | str, *, path: Path | None = None) -> dict[str, str]:
    """Return the theory of each variation of a theory that was built, empty if there is none.

    Tables are read in the order in which theories are searched. An entry counts only if it has the hash of the card of
    the theory: it may belong to another theory of the same name.

    Raises
    ------
    TheoryError
        A table cannot be read.
    """
    for folder in theory_folders(path):
        entry = _read_table(folder / VARIATIONS_FILE).get(str(central))
        if entry is not None and entry["card"] == card_hash(read_theory_card(central, path=path)):
            return {str(name): str(theory) for name, theory in entry["theories"].items()}
    return {}


def record_variations(
    folder: Path, central: int | str, card: Mapping[str, Any], theories: Mapping[str, int | str]
) -> None:
    """Write the variations of a theory into the table of a folder, beside those of other theories.

    Variations of the same card that are there already are kept.
    """
    file = folder / VARIATIONS_FILE
    table = _read_table(file)
    key = card_hash(card)
    before = table.get(str(central), {"card": ""})
    kept = before["theories"] if before["card"] == key else {}
    entry = {"card": key, "theories": {**kept, **theories}}
    write_atomically(file, to_yaml({**table, str(central): entry}))


def _read_table(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    table = read_yaml(file, error=TheoryError)
    hint = "remove the file, and run n3fit theory build --scale-variations again"
    if not isinstance(table, dict):
        raise TheoryError(
            f"{file}: expected theories with their variations, received {type(table).__name__}", hint=hint
        )
    for central, entry in table.items():
        if not isinstance(entry, dict) or not {"card", "theories"} <= entry.keys():
            raise TheoryError(f"{file}: {central}: expected the keys card and theories, received {entry!r}", hint=hint)
    return {str(central): entry for central, entry in table.items()}
