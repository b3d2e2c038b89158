"""Where theories are: the folders that are searched, and the theories that are found there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from n3fit.data.nnpdf_profile import read_profile
from n3fit.storage import data_directory

THEORY_PATH_VARIABLE = "N3FIT_THEORY_PATH"
"""Environment variable with folders that hold theories, separated as in PATH."""

EMBEDDED_FOLDER = Path(__file__).parent.parent / "resources" / "theories"
"""Folder of the theory that is shipped with n3fit."""


def theory_folders(path: Path | None = None) -> list[Path]:
    """Return the folders that are searched for theories.

    They are ``path``, those of $N3FIT_THEORY_PATH, those of an installation of nnpdf, the one of the user's theories,
    built or fetched, and the embedded one.
    """
    named = [Path(entry).expanduser() for entry in os.environ.get(THEORY_PATH_VARIABLE, "").split(os.pathsep) if entry]
    folders = [*([] if path is None else [path]), *named, *read_profile().theories, user_theories_folder()]
    return [*folders, EMBEDDED_FOLDER]


def user_theories_folder() -> Path:
    """Return the user's folder of theories, to which they are built and fetched; it may not exist."""
    return data_directory() / "theories"


def available_theories(path: Path | None = None) -> dict[str, Path]:
    """Return the folder of every theory that is found, by its identifier; the first one found counts."""
    return theories_in(theory_folders(path))


def theories_in(folders: Sequence[Path]) -> dict[str, Path]:
    """Return the theories of some folders by their identifiers; the first one found counts."""
    found: dict[str, Path] = {}
    for folder in folders:
        candidates = [folder] if folder.name.startswith("theory_") else sorted(folder.glob("theory_*"))
        for candidate in candidates:
            if (candidate / "fastkernel").is_dir():
                found.setdefault(candidate.name.removeprefix("theory_"), candidate)
    return found
