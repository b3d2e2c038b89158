"""The folder of a scan: its card, its origin, its journal, and the trials in the old form.

=====================================  ==========================================================================
``filter.yml``                         the card, byte by byte
``manifest.json``                      versions, hashes of inputs, sampler, seed, replicas
``trials.journal``                     every change, as optuna writes it: what a scan is continued from
``nnfit/replica_1/tries.json``         the trials that have ended, rewritten after each of them
=====================================  ==========================================================================
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from n3fit.errors import DataError, OutputExistsError
from n3fit.results.layout import MANIFEST, RUNCARD
from n3fit.results.manifest import package_versions
from n3fit.results.tries import TRIES
from n3fit.storage import sha256_of_bytes, write_atomically
from n3fit.storage.json_files import read_json, read_text, to_json
from n3fit.storage.staging import check_replaceable, move_into_place, stage

JOURNAL = "trials.journal"
FORMAT = 1
KIND = "scan"

_ELSEWHERE = "choose another folder with --output"
_PACKAGES = ("optuna", "cmaes")


@dataclass(frozen=True)
class ScanSettings:
    """What makes a scan the same when its command is given again.

    Parameters
    ----------
    runcard : str
        SHA-256 of the card.
    sampler : str
    seed : int
    replicas : tuple of int
        Numbers of the replicas of every trial.
    prune : bool
        Whether trials are stopped after folds that are worse than those of other trials.
    inputs : mapping of str to str
        SHA-256 of each input by its name.
    """

    runcard: str
    sampler: str
    seed: int
    replicas: tuple[int, ...]
    prune: bool
    inputs: Mapping[str, str]

    def differences(self, other: ScanSettings) -> list[str]:
        """Return what differs in another scan, in words."""
        found = []
        for entry in fields(self):
            mine, theirs = getattr(self, entry.name), getattr(other, entry.name)
            if mine == theirs:
                continue
            if entry.name == "runcard":
                found.append("another runcard")
            elif entry.name == "inputs":
                names = sorted(name for name in {*mine, *theirs} if mine.get(name) != theirs.get(name))
                found.append(f"other inputs ({', '.join(names[:5])}{', ...' if len(names) > 5 else ''})")
            else:
                found.append(f"{entry.name} {_shown(theirs)} instead of {_shown(mine)}")
        return found


def create_folder(folder: Path, card_text: str, card_name: str, settings: ScanSettings, *, force: bool) -> None:
    """Write the folder of a new scan, completely or not at all; the caller holds its lock.

    Parameters
    ----------
    folder : Path
    card_text, card_name : str
        The card, and the name of its file.
    settings : ScanSettings
    force : bool
        Replace an existing scan.

    Raises
    ------
    OutputExistsError
        Something else is there.
    ResourceError
        The folder cannot be written to.
    """
    check_replaceable(folder, "scan", present=is_study(folder), force=force, elsewhere=_ELSEWHERE)
    content = {
        "format": FORMAT,
        "kind": KIND,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "runcard": card_name,
        "versions": package_versions() | _optional_versions(),
        "settings": asdict(settings),
    }
    with stage(folder) as staging:
        write_atomically(staging / RUNCARD, card_text)
        write_atomically(staging / MANIFEST, to_json(content))
        write_atomically(staging / JOURNAL, "")
        write_atomically(staging / TRIES, to_json([]))
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        move_into_place(staging, folder)


def is_study(folder: Path) -> bool:
    """Return whether a folder is one of a scan that can be continued."""
    return (folder / JOURNAL).is_file() and (folder / MANIFEST).is_file()


def read_settings(folder: Path) -> ScanSettings:
    """Read the settings of a scan.

    Raises
    ------
    DataError
        The manifest is damaged, or of a newer version.
    """
    path = folder / MANIFEST
    hint = "restore the file, or start the scan again with --force"
    content = read_json(path, hint=hint)
    if content.get("kind") != KIND:
        raise DataError(f"{path}: expected the manifest of a scan, received another one", hint=_ELSEWHERE)
    if content.get("format") != FORMAT:
        raise DataError(f"{path}: format: expected {FORMAT}, received {content.get('format')!r}", hint="update n3fit")
    try:
        written = dict(content["settings"])
        return ScanSettings(**{**written, "replicas": tuple(written["replicas"])})
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path}: expected the settings of a scan ({error})", hint=hint) from error


def check_same(folder: Path, settings: ScanSettings) -> None:
    """Check that the scan in ``folder`` has these settings, so that it can be continued.

    Raises
    ------
    DataError
        The manifest is damaged.
    OutputExistsError
        Something differs; the message says what.
    """
    differences = read_settings(folder).differences(settings)
    if differences:
        raise OutputExistsError(
            f"{folder}: expected the command of the scan that is there, received {'; '.join(differences)}",
            hint=f"{_ELSEWHERE}, or replace the scan with --force",
            ways=[["--force"]],
        )


def stored_card(folder: Path) -> str:
    """Return the text of the card of a scan."""
    return read_text(folder / RUNCARD)


def hash_of_card(text: str) -> str:
    """Return the SHA-256 of the text of a card."""
    return sha256_of_bytes(text.encode())


def write_tries(folder: Path, entries: Sequence[Mapping[str, Any]]) -> None:
    """Write the trials in the old form, completely or not at all."""
    from n3fit.hyperopt.tries import tries_to_json

    write_atomically(folder / TRIES, tries_to_json(entries))


def _optional_versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        from n3fit.results.layout import format_replicas

        return format_replicas(value)
    return os.fspath(value) if isinstance(value, os.PathLike) else str(value)
