"""K-factors: corrections that multiply the rows of a table, in the field's text format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from n3fit.data.library import package_folder
from n3fit.errors import TheoryError
from n3fit.typing import Floats


def kfactor_path(theory_folder: Path, cfac: str, table: str) -> Path:
    """Return the file ``CF_<cfac>_<table>.dat`` in the theory's ``cfactor/`` or else in nnpdf-data.

    Raises
    ------
    TheoryError
        It is in neither folder.
    """
    name = f"CF_{cfac}_{table}.dat"
    places = (theory_folder / "cfactor", package_folder() / "cfactors")
    for place in places:
        if (place / name).is_file():
            return place / name
    raise TheoryError(
        f"cfac: {name} was found neither in {places[0]} nor in nnpdf-data",
        hint=f"put the file into {places[0]} or take {cfac} out of the data set's cfac",
    )


def read_kfactor(path: Path) -> Floats:
    """Read the first column of a K-factor file, one value per row of the table.

    The text between two lines of asterisks is a header; the second column, an uncertainty, is not used.

    Raises
    ------
    TheoryError
        A line that is not two numbers.
    """
    values = []
    in_header = False
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        if line.startswith("***"):
            in_header = not in_header
            continue
        if in_header or not line.strip():
            continue
        try:
            values.append(float(line.split()[0]))
        except ValueError as error:
            raise TheoryError(f"{path}, line {number}: expected a number, received {line.strip()!r}") from error
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
