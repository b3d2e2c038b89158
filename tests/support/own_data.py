"""Data sets of a user: copies of sets of the data library under other names."""

from __future__ import annotations

import shutil
from pathlib import Path

from n3fit.data.library import library_folder

ORIGINAL = "HERA_CC_318GEV"
COPY = "MINE_CC_318GEV"
DATASET = f"{COPY}_EM-SIGMARED"


def copy_set(folder: Path, name: str = COPY, original: str = ORIGINAL) -> Path:
    """Copy a set of the library to ``folder/name``, as a set of this name, and return its folder."""
    target = folder / name
    target.mkdir(parents=True)
    for path in (library_folder() / original).iterdir():
        if path.is_file():
            shutil.copyfile(path, target / path.name)
    change_file(target / "metadata.yaml", (f"setname: {original}", f"setname: {name}"))
    return target


def change_file(path: Path, *changes: tuple[str, str]) -> None:
    """Replace each ``old``, which must occur, by its ``new`` the first time it occurs in a file."""
    text = path.read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text)
