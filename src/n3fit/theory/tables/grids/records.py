"""The manifest of a theory made of grids: hashes of grids and tables, written after each table."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from n3fit.errors import OutputExistsError, TheoryError
from n3fit.storage import sha256_of_file, write_atomically
from n3fit.storage.json_files import read_json, to_json
from n3fit.storage.yaml_files import to_yaml
from n3fit.theory.tables.grids.grid_files import TABLE_SUFFIX
from n3fit.theory.theory_card import TheoryCard

FORMAT = 1
"""To be raised when the numbers change for the same card, grid and versions of the libraries."""

_PACKAGES = ("n3fit", "eko", "pineappl", "numpy", "scipy")
_LIBRARIES = ("eko", "pineappl")
_NAMES = ("ID", "Comments")


def table_path(output: Path, name: str) -> Path:
    """Return the file of a table in the folder of a theory."""
    return output / "fastkernel" / f"{name}{TABLE_SUFFIX}"


def complete_card(card: TheoryCard, mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return a theory card with all keys of its file."""
    given = {key: value for key, value in mapping.items() if value is not None}
    complete = asdict(card) | given
    if "IterEv" in given:
        complete.pop("ev_op_iterations")
    return complete


def fingerprint_of(card: Mapping[str, Any], grid_sha256: str, *, like_eko: bool) -> str:
    """Compute a hash of everything that the table of a grid depends on.

    Parameters
    ----------
    card : mapping
        From :func:`complete_card`.
    grid_sha256 : str
    like_eko : bool
    """
    content = {
        "format": FORMAT,
        "card": dict(card),
        "grid": grid_sha256,
        "like_eko": like_eko,
        "versions": {name: importlib.metadata.version(name) for name in _LIBRARIES},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def open_record(output: Path, card: TheoryCard) -> dict[str, Any]:
    """Return the manifest of a folder, a new one where there is none.

    A theory of the same card that was built from coefficient functions can be completed with tables from grids.

    Raises
    ------
    TheoryError
        The manifest is damaged.
    OutputExistsError
        The folder contains another theory, or tables of another origin.
    """
    path = output / "manifest.json"
    if not path.exists():
        if (output / "fastkernel").is_dir() and any((output / "fastkernel").iterdir()):
            raise OutputExistsError(f"{output}: contains tables of another origin", hint="choose another folder")
        return {"format": FORMAT, "card": asdict(card), "tables": {}}
    record = read_json(path, error=TheoryError, hint="remove the folder")
    tables, found = record.get("tables"), record.get("card")
    if not isinstance(tables, dict) or not isinstance(found, dict):
        raise TheoryError(f"{path}: not the manifest of a theory", hint="remove the folder")
    wanted = json.loads(json.dumps(asdict(card)))
    different = [key for key in wanted if key not in _NAMES and found.get(key) != wanted[key]]
    if different:
        raise OutputExistsError(
            f"{output}: contains another theory, with {', '.join(f'{key}: {found.get(key)}' for key in different)}",
            hint="choose another folder",
        )
    return record


def write_record(output: Path, record: Mapping[str, Any]) -> None:
    """Write the manifest."""
    versions = {name: importlib.metadata.version(name) for name in _PACKAGES}
    tables = {name: record["tables"][name] for name in sorted(record["tables"])}
    content = {**record, "versions": {**record.get("versions", {}), **versions}, "tables": tables}
    write_atomically(output / "manifest.json", to_json(content))


def write_card(output: Path, card: Mapping[str, Any]) -> None:
    """Write the theory card."""
    write_atomically(output / "theory.yaml", to_yaml(dict(card)))


def is_finished(output: Path, name: str, record: Mapping[str, Any], fingerprint: str) -> bool:
    """Return whether a table with this fingerprint is in the folder, unchanged."""
    entry = record["tables"].get(name, {})
    path = table_path(output, name)
    return bool(
        entry.get("fingerprint") == fingerprint and path.is_file() and sha256_of_file(path) == entry.get("sha256")
    )


def has_other_origin(name: str, record: Mapping[str, Any]) -> bool:
    """Return whether a table of a theory was not made of a grid."""
    return name in record["tables"] and "grid" not in record["tables"][name]
