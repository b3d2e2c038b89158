"""PDF sets made of the members of another one: linear combinations of them, or some of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from n3fit.errors import DataError
from n3fit.lhapdf.grid import GridMember, SubGrid, check_same_grid
from n3fit.lhapdf.member_file import SEPARATOR
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.lhapdf.writer import member_kind, write_grids
from n3fit.progress import ProgressReporter
from n3fit.typing import Floats

_AT_ONCE = 100  # members made in one pass over the set: bounds the memory
_REPLICA = re.compile(r"^FromMCReplica:[^\S\n]*\d+[^\S\n]*$", re.MULTILINE)


def write_combinations(
    folder: Path,
    name: str,
    pdf: PDFSet,
    numbers: Sequence[int],
    coefficients: Floats,
    *,
    first: int = 0,
    error_type: str = "replicas",
    progress: ProgressReporter,
) -> None:
    """Write members that are linear combinations of those of a set, which are read one after the other.

    Parameters
    ----------
    folder : Path
        In which the set is prepared.
    name : str
        Name of the new set.
    pdf : PDFSet
    numbers : sequence of K int
        Members of ``pdf``.
    coefficients : (M, K)
    first : int
        Number of the first of the M new members.
    error_type : str
        ErrorType of the new set.
    progress : ProgressReporter

    Raises
    ------
    DataError
        A member is missing or damaged, or has another grid than the first.
    """
    passes = range(0, len(coefficients), _AT_ONCE)
    for start in passes:
        rows = coefficients[start : start + _AT_ONCE]
        reference: GridMember | None = None
        sums: list[Floats] = []
        for place, number in enumerate(numbers):
            member = pdf.read_member(number)
            reference = reference or member
            check_same_grid(member, reference)
            sums = sums or [np.zeros((len(rows), *grid.values.shape)) for grid in reference.subgrids]
            for total, grid in zip(sums, member.subgrids, strict=True):
                for row, coefficient in enumerate(rows[:, place]):
                    total[row] += coefficient * grid.values
            done = (start // _AT_ONCE) * len(numbers) + place + 1
            progress.step(f"members of {pdf.name}", done, len(passes) * len(numbers))
        for row in range(len(rows)):
            target = first + start + row
            grids = [
                SubGrid(x=grid.x, q=grid.q, pids=grid.pids, values=total[row])
                for grid, total in zip(reference.subgrids if reference else (), sums, strict=True)
            ]
            write_grids(folder / f"{name}_{target:04d}.dat", grids, kind=member_kind(target, error_type))


def copy_members(folder: Path, name: str, pdf: PDFSet, numbers: Sequence[int]) -> None:
    """Write the members ``numbers`` of a set as 1, 2, ... of another one; their headers say which they were.

    Where a header has the replica of a fit already, this stays.
    """
    for target, number in enumerate(numbers, start=1):
        path = pdf.member_path(number)
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error
        header, separator, grids = text.partition(f"\n{SEPARATOR}")
        if not _REPLICA.search(header):
            header += f"\nFromMCReplica: {number}"
        (folder / f"{name}_{target:04d}.dat").write_text(header + separator + grids, encoding="utf-8")
