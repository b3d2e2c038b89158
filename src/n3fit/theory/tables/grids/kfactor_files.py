"""K-factor files beside grids, which a theory keeps beside its tables."""

from __future__ import annotations

from pathlib import Path

from n3fit.errors import TheoryError
from n3fit.storage import sha256_of_bytes, write_atomically
from n3fit.theory.kfactors import read_kfactor

FOLDER = "cfactor"
"""Folder of K-factors in a theory, and perhaps in a folder of grids."""


def copy_kfactors(grids: Path, output: Path) -> tuple[dict[str, str], list[str]]:
    """Copy the K-factor files ``CF_*.dat`` of a folder of grids, or of its folder ``cfactor``, into a theory.

    Returns
    -------
    checksums : dict
        SHA-256 of each file by its name.
    problems : list of str
        One line for each file that was not copied.

    Raises
    ------
    ResourceError
        The theory cannot be written to.
    """
    checksums: dict[str, str] = {}
    problems = []
    for path in sorted([*grids.glob("CF_*.dat"), *(grids / FOLDER).glob("CF_*.dat")], key=lambda path: path.name):
        try:
            read_kfactor(path)
        except TheoryError as error:
            problems.append(str(error))
            continue
        content = path.read_bytes()
        checksum = sha256_of_bytes(content)
        if checksums.get(path.name, checksum) != checksum:
            problems.append(f"{path}: expected one file of this name, found another in {grids}")
            continue
        checksums[path.name] = checksum
        target = output / FOLDER / path.name
        if not target.is_file() or sha256_of_bytes(target.read_bytes()) != checksum:
            write_atomically(target, content)
    return checksums, problems
