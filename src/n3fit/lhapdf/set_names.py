"""Names of PDF sets and of their members: ``SET``, ``SET/3`` and the numbers of LHAPDF's index file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from n3fit.errors import DataError

INDEX = "pdfsets.index"
"""LHAPDF's file with a line ``number name version`` for each set, where the number is that of member 0 (its LHAID)."""


def parse_set_name(name: str, folders: Sequence[Path]) -> tuple[str, int | None]:
    """Return the name of a set, and the number of the member if a single one is meant.

    Parameters
    ----------
    name : str
    folders : sequence of Path
        Where sets and the index file are looked for.

    Raises
    ------
    DataError
        A number that no index file has.
    """
    wanted, slash, number = name.rpartition("/")
    if slash and number.isdecimal():
        return wanted, int(number)
    if name.isdecimal() and not any((folder / name).is_dir() for folder in folders):
        return _find_number(int(name), folders)
    return name, None


def _find_number(lhaid: int, folders: Sequence[Path]) -> tuple[str, int | None]:
    """Return the set and the member of a number; member 0 stands for the set."""
    index = next((folder / INDEX for folder in folders if (folder / INDEX).is_file()), None)
    if index is None:
        places = ", ".join(str(folder) for folder in folders)
        raise DataError(
            f"the PDF set {lhaid}: a number (LHAID) needs the file {INDEX} of LHAPDF, which is not in any of {places}",
            hint="give the name of the set",
        )
    try:
        lines = index.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise DataError(f"{index}: cannot be read ({error.strerror or error})") from error
    known = [(int(words[0]), words[1]) for words in map(str.split, lines) if len(words) > 1 and words[0].isdecimal()]
    below = [entry for entry in known if entry[0] <= lhaid]
    if not below:
        raise DataError(f"{index}: there is no PDF set with the number (LHAID) {lhaid}")
    first, name = max(below)
    return name, lhaid - first or None
