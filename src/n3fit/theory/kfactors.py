"""K-factors: corrections that multiply the rows of a table, in the field's text format."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from n3fit.data.library import package_folder
from n3fit.errors import TheoryError
from n3fit.storage.large_files import LFS_HINT, describe_pointer, is_lfs_pointer
from n3fit.typing import Floats


def find_kfactor(theory_folder: Path, cfac: str, table: str) -> Path | None:
    """Return the file ``CF_<cfac>_<table>.dat`` of the theory's ``cfactor/``, else of nnpdf-data, else None."""
    paths = (place / _file_name(cfac, table) for place in _places(theory_folder))
    return next((path for path in paths if path.is_file()), None)


def kfactor_path(theory_folder: Path, cfac: str, table: str) -> Path:
    """Return the file ``CF_<cfac>_<table>.dat`` in the theory's ``cfactor/`` or else in nnpdf-data.

    Raises
    ------
    TheoryError
        It is in neither folder.
    """
    path = find_kfactor(theory_folder, cfac, table)
    if path is None:
        home = _places(theory_folder)[0]
        raise TheoryError(
            f"cfac: {_file_name(cfac, table)} was found neither in {home} nor in nnpdf-data",
            hint=f"put the file into {home} or take {cfac} out of the data set's cfac",
        )
    return path


def kfactor_names(theory_folder: Path) -> dict[str, frozenset[str]]:
    """Return the names of the K-factors of each table, in the theory's ``cfactor/`` and in nnpdf-data."""
    found: dict[str, set[str]] = {}
    for place in _places(theory_folder):
        for path in place.glob("CF_*_*.dat"):
            _prefix, name, table = path.stem.split("_", maxsplit=2)
            found.setdefault(table, set()).add(name)
    return {table: frozenset(names) for table, names in found.items()}


def _file_name(cfac: str, table: str) -> str:
    return f"CF_{cfac}_{table}.dat"


def _places(theory_folder: Path) -> tuple[Path, Path]:
    return theory_folder / "cfactor", package_folder() / "cfactors"


def read_kfactor(path: Path) -> Floats:
    """Read the first column of a K-factor file, one value per row of the table.

    The text between two lines that begin with an asterisk is a header; the second column, an uncertainty, is not used.

    Raises
    ------
    TheoryError
        A line that does not begin with a finite number, or a Git-LFS pointer.
    """
    if is_lfs_pointer(path):
        raise TheoryError(describe_pointer(path), hint=LFS_HINT)
    try:
        text = path.read_text(encoding="utf-8", errors="replace")  # names of authors
    except OSError as error:
        raise TheoryError(f"{path}: cannot be read ({error.strerror or error})") from error
    values = []
    in_header = False
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if line.startswith("*"):
            in_header = not in_header
            continue
        if in_header or not words:
            continue
        try:
            values.append(float(words[0]))
        except ValueError as error:
            raise TheoryError(f"{path}, line {number}: expected a number, received {line.strip()!r}") from error
        if not math.isfinite(values[-1]):
            raise TheoryError(f"{path}, line {number}: expected a finite number, received {words[0]!r}")
    return np.array(values)


def combined_kfactor(theory_folder: Path, cfacs: Sequence[str], table: str, ndata: int) -> Floats:
    """Compute the product of the K-factors of one table.

    Returns
    -------
    (ndata,)

    Raises
    ------
    TheoryError
        A file is missing, broken, or has another number of rows than the table.
    """
    product = np.ones(ndata)
    for cfac in cfacs:
        path = kfactor_path(theory_folder, cfac, table)
        values = read_kfactor(path)
        if values.size not in (1, ndata):
            raise TheoryError(f"{path}: expected {ndata} values as in table {table}, received {values.size}")
        product = product * values
    return product
