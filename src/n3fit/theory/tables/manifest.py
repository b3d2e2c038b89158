"""The manifest of a built theory: its card and versions, hashes of its tables, and the result of its check."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from n3fit.errors import MissingExtraError, OutputExistsError, TheoryError
from n3fit.storage import sha256_of_file, write_atomically
from n3fit.storage.json_files import read_json, to_json
from n3fit.storage.yaml_files import to_yaml
from n3fit.theory.tables.heavy_quarks import describe_scheme
from n3fit.theory.tables.specifications import TableSpecification
from n3fit.theory.theory_card import TheoryCard

FORMAT = 6
"""To be raised when the numbers change for the same card and the same versions of the libraries."""

_PACKAGES = ("n3fit", "yadism", "eko", "pineappl", "nnpdf-data", "numpy", "scipy")
_SCHEME_KEYS = (
    "QED", "XIF", "XIR", "ModSV", "HQ", "MaxNfPdf", "NfFF", "DAMP", "DAMPPOWERc", "DAMPPOWERb", "IC", "SxRes",
)  # fmt: skip
"""Keys that the hash of a theory contains only if they have another value than by default."""


def fingerprint_of(card: TheoryCard, tables: Sequence[TableSpecification]) -> str:
    """Compute a hash of everything that the numbers depend on.

    Raises
    ------
    MissingExtraError
        The libraries that build theories are not installed.
    """
    content = {
        "format": FORMAT,
        "card": {
            key: value
            for key, value in asdict(card).items()
            if key not in _SCHEME_KEYS or value != getattr(TheoryCard, key)
        },
        "tables": [asdict(table) for table in tables],
        "versions": {name: _version(name) for name in ("yadism", "eko", "nnpdf-data")},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError as error:
        raise MissingExtraError(package, "theory") from error


def is_finished(output: Path, fingerprint: str) -> bool:
    """Return whether the folder contains this theory, complete.

    Raises
    ------
    TheoryError
        The manifest is damaged.
    OutputExistsError
        The folder contains another theory.
    """
    manifest = output / "manifest.json"
    if not manifest.exists():
        return False
    content = read_json(manifest, error=TheoryError, hint="remove the folder")
    try:
        found = content["fingerprint"]
        hashes = content["tables"]
    except KeyError as error:
        raise TheoryError(f"{manifest}: not the manifest of a theory ({error})", hint="remove the folder") from error
    if found != fingerprint:
        raise OutputExistsError(
            f"{output}: contains another theory (another card or other versions)", hint="choose another folder"
        )
    return all(
        (output / "fastkernel" / f"{name}.pineappl.lz4").exists()
        and sha256_of_file(output / "fastkernel" / f"{name}.pineappl.lz4") == entry["sha256"]
        for name, entry in hashes.items()
    )


def write_card_and_manifest(
    output: Path,
    source: Mapping[str, Any],
    card: TheoryCard,
    tables: Sequence[TableSpecification],
    fingerprint: str,
) -> None:
    """Write the theory card, with all keys of its source, and the manifest of finished tables."""
    given = {key: value for key, value in source.items() if value is not None}
    complete = asdict(card) | given
    if "IterEv" in given:
        complete.pop("ev_op_iterations")
    write_atomically(output / "theory.yaml", to_yaml(complete))
    entries = {}
    for table in tables:
        path = output / "fastkernel" / f"{table.name}.pineappl.lz4"
        entries[table.name] = {"sha256": sha256_of_file(path), "bytes": path.stat().st_size, "rows": len(table.rows)}
    manifest = {
        "format": FORMAT,
        "fingerprint": fingerprint,
        "card": asdict(card),
        "scheme": describe_scheme(card),
        "versions": {name: _version(name) for name in _PACKAGES},
        "card_sha256": sha256_of_file(output / "theory.yaml"),
        "tables": entries,
    }
    write_atomically(output / "manifest.json", to_json(manifest))


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a built theory and verify the hashes of its tables.

    Raises
    ------
    TheoryError
        The manifest is missing or damaged, or a table is missing or differs.
    """
    path = folder / "manifest.json"
    if not path.exists():
        raise TheoryError(
            f"{path}: missing, expected in a theory built by n3fit", hint="build it with `n3fit theory build`"
        )
    manifest = read_json(path, error=TheoryError, hint="build the theory again")
    if not isinstance(manifest.get("tables"), dict):
        raise TheoryError(f"{path}: not the manifest of a theory", hint="build the theory again")
    for name, entry in manifest["tables"].items():
        table = folder / "fastkernel" / f"{name}.pineappl.lz4"
        if not table.exists():
            raise TheoryError(f"{table}: missing", hint="build the theory again")
        found = sha256_of_file(table)
        if found != entry["sha256"]:
            raise TheoryError(
                f"{table}: expected the SHA-256 {entry['sha256'][:12]}..., received {found[:12]}...",
                hint="the file is damaged; build the theory again",
            )
    return manifest
