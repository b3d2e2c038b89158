"""Reading the grid file of one member of an LHAPDF set.

The reader on PyPI, neopdf, aborts the process when a file is missing or broken, so that no error message could be
shown. The tests compare this reader with it.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np

from n3fit.errors import DataError
from n3fit.lhapdf.grid import EDGE, GridMember, SubGrid
from n3fit.storage.large_files import LFS_HINT, describe_pointer, is_lfs_pointer
from n3fit.typing import Floats

FORMAT = "lhagrid1"
"""The only format of grid files."""

SEPARATOR = "---"


def read_member(path: Path) -> GridMember:
    """Read a ``.dat`` file in the format ``lhagrid1`` (arXiv:1412.7420, sec. 4.1).

    As for LHAPDF, blanks around a line do not count, lines that begin with # are comments, and the header need not name
    the format, which the ``.info`` file has.

    Raises
    ------
    DataError
        The file is missing, of another format, truncated, or holds anything but finite numbers.
    """
    if is_lfs_pointer(path):
        raise DataError(describe_pointer(path), hint=LFS_HINT)
    try:
        text = path.read_text(encoding="utf-8", errors="replace")  # names in comments
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error})") from error
    header, blocks = _split(text)
    form = re.search(r"^\s*Format:\s*[\"']?(\S*?)[\"']?\s*$", header, re.MULTILINE)
    if form is not None and form.group(1) != FORMAT:
        raise DataError(f"{path}: expected an LHAPDF grid of the format {FORMAT}, received {form.group(1)[:80]!r}")
    if not blocks or blocks[-1]:
        raise DataError(f"{path}: the file is truncated, it does not end with `---`")
    subgrids = tuple(_read_subgrid(block, f"{path}, subgrid {number}") for number, block in enumerate(blocks[:-1]))
    for below, above in pairwise(subgrids):
        if above.q[0] < below.q[-1] * (1.0 - EDGE):
            raise DataError(f"{path}: subgrids overlap: one ends at Q = {below.q[-1]}, the next starts at {above.q[0]}")
    return GridMember(path=path, subgrids=subgrids, header=header)


def _split(text: str) -> tuple[str, list[list[str]]]:
    """Return the header and the lines of each block; blocks end with ``---``, blank and comment lines are left out."""
    header: list[str] = []
    blocks: list[list[str]] = []
    for raw in text.splitlines():
        line = raw.strip()
        if line == SEPARATOR:
            blocks.append([])
        elif not blocks:
            header.append(raw)
        elif line and not line.startswith("#"):
            blocks[-1].append(line)
    return "\n".join(header), blocks


def _read_subgrid(lines: list[str], where: str) -> SubGrid:
    if len(lines) < 4:
        raise DataError(f"{where}: expected x knots, Q knots, flavours and values, received {len(lines)} lines")
    x, q = _numbers(lines[0], where), _numbers(lines[1], where)
    try:
        pids = tuple(int(word) for word in lines[2].split())
    except ValueError as error:
        raise DataError(f"{where}: flavours must be PDG numbers, received {lines[2][:80]!r}") from error
    for name, knots in (("x", x), ("Q", q)):
        if len(knots) < 2 or knots[0] <= 0.0 or (np.diff(knots) <= 0.0).any():
            raise DataError(f"{where}: {name} knots must be positive and increasing, at least two")
    values = _numbers(" ".join(lines[3:]), where)
    if values.size != x.size * q.size * len(pids):
        raise DataError(
            f"{where}: {values.size} values, expected {x.size * q.size * len(pids)} "
            f"({x.size} x, {q.size} Q, {len(pids)} flavours); the file may be truncated"
        )
    values = values.reshape(x.size, q.size, len(pids))
    for array in (x, q, values):
        array.setflags(write=False)
    return SubGrid(x=x, q=q, pids=pids, values=values)


def _numbers(text: str, where: str) -> Floats:
    try:
        numbers = np.array(text.split(), dtype=np.float64)
    except ValueError as error:
        raise DataError(f"{where}: expected numbers ({error})") from error
    if not np.isfinite(numbers).all():
        raise DataError(f"{where}: a number is not finite")
    return numbers
