"""One member of an LHAPDF set: reading its grid file and interpolating it.

The reader on PyPI, neopdf, aborts the process when a file is missing or broken, so that no error message could be
shown. The tests compare this reader with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from n3fit.errors import DataError
from n3fit.typing import Floats

EDGE = 1e-6
"""Relative distance outside the grid that the rounding of printed knots explains; such points count as on the edge."""

GLUON = 21


@dataclass(frozen=True, eq=False)
class SubGrid:
    """Values x f(x, Q) between two flavour thresholds.

    Parameters
    ----------
    x, q : arrays (nx,), (nq,)
        Knots, increasing; q in GeV.
    pids : tuple of int
        PDG numbers of the flavours.
    values : array (nx, nq, nflavours)
    """

    x: Floats
    q: Floats
    pids: tuple[int, ...]
    values: Floats

    def interpolate(self, x: Floats, q: float) -> Floats:
        """Return x f (nflavours, n) inside the grid: bicubic in log x and log Q2 (arXiv:1412.7420, sec. 3.2)."""
        return self._along_q(q, lambda values: _cubic(np.log(self.x), values, np.log(x))).T

    def at_scale(self, q: float) -> Floats:
        """Return x f (nx, nflavours) at the knots in x, for a scale inside the grid."""
        return self._along_q(q, lambda values: values)

    def _along_q(self, q: float, along_x: Callable[[Floats], Floats]) -> Floats:
        """Interpolate in log Q2 what ``along_x`` makes of the values (nx, knots, nflavours) near ``q``."""
        below = int(np.clip(np.searchsorted(self.q, q, side="right") - 1, 0, len(self.q) - 2))
        near = slice(max(below - 1, 0), below + 3)  # the knots that the cubic piece depends on
        across = np.moveaxis(along_x(self.values[:, near]), 1, 0)
        at_q: Floats = _cubic(2.0 * np.log(self.q[near]), across, np.array([2.0 * np.log(q)]))[0]
        return at_q


@dataclass(frozen=True, eq=False)
class GridMember:
    """All subgrids of one member, in increasing Q, and the file that they come from."""

    path: Path
    subgrids: tuple[SubGrid, ...]

    def xfx(self, pids: Sequence[int], x: Floats, q: float) -> Floats:
        """Return x f(x, Q) of flavours (npids, nx); zero for flavours that the set does not have.

        Raises
        ------
        DataError
            A point lies outside the grid.
        """
        grid = self.subgrid(q)
        low, high = grid.x[0], grid.x[-1]
        if x.size and (x.min() < low * (1.0 - EDGE) or x.max() > high * (1.0 + EDGE) or not np.isfinite(x).all()):
            raise DataError(
                f"{self.path}: x from {x.min():.4g} to {x.max():.4g} requested, the grid has {low:.4g} to {high:.4g}"
            )
        values = grid.interpolate(np.clip(x, low, high), float(np.clip(q, grid.q[0], grid.q[-1])))
        result = np.zeros((len(pids), len(x)))
        for row, pid in enumerate(pids):
            wanted = GLUON if pid == 0 else pid
            if wanted in grid.pids:
                result[row] = values[grid.pids.index(wanted)]
        return result

    def subgrid(self, q: float) -> SubGrid:
        """Return the subgrid for a scale; at a threshold the one above.

        Raises
        ------
        DataError
            The scale lies outside the grid.
        """
        low, high = self.subgrids[0].q[0], self.subgrids[-1].q[-1]
        if not low * (1.0 - EDGE) <= q <= high * (1.0 + EDGE):
            raise DataError(f"{self.path}: Q = {q:.6g} GeV requested, the grid has {low:.6g} to {high:.6g} GeV")
        return next((grid for grid in reversed(self.subgrids) if q >= grid.q[0]), self.subgrids[0])


def integration_weights(x: Floats) -> Floats:
    """Return weights (nx,) such that their product with values on the knots ``x`` is the integral over log x.

    The integral is that of the interpolation which readers of the format use.
    """
    roots, gauss = np.polynomial.legendre.leggauss(2)  # exact for cubic pieces
    log_x = np.log(x)
    half = 0.5 * np.diff(log_x)[:, None]
    points = log_x[:-1, None] + half * (1.0 + roots)
    weights: Floats = (half * gauss).ravel() @ _cubic(log_x, np.eye(len(x)), points.ravel())
    return weights


def read_member(path: Path) -> GridMember:
    """Read a ``.dat`` file in the format ``lhagrid1`` (arXiv:1412.7420, sec. 4.1).

    Raises
    ------
    DataError
        The file is missing, of another format, truncated, or holds anything but finite numbers.
    """
    try:
        blocks = path.read_text(encoding="utf-8").split("\n---")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error
    if "lhagrid1" not in blocks[0]:
        raise DataError(f"{path}: expected an LHAPDF grid of the format lhagrid1, received {blocks[0][:80]!r}")
    if len(blocks) < 3 or blocks[-1].strip():
        raise DataError(f"{path}: the file is truncated, it does not end with `---`")
    subgrids = tuple(_read_subgrid(block, f"{path}, subgrid {number}") for number, block in enumerate(blocks[1:-1]))
    for below, above in pairwise(subgrids):
        if not np.isclose(below.q[-1], above.q[0], rtol=EDGE):
            raise DataError(f"{path}: subgrids end at Q = {below.q[-1]} and start at {above.q[0]}, which must be equal")
    return GridMember(path=path, subgrids=subgrids)


def _read_subgrid(block: str, where: str) -> SubGrid:
    lines = block.strip().splitlines()
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


def _cubic(knots: Floats, values: Floats, points: Floats) -> Floats:
    """Interpolate along the first axis with cubic Hermite pieces.

    The slope at a knot is the mean of the slopes of the two neighbouring intervals, at the ends that of the only one.
    """
    steps = np.diff(knots).reshape(-1, *[1] * (values.ndim - 1))
    secants = np.diff(values, axis=0) / steps
    slopes = np.concatenate([secants[:1], 0.5 * (secants[1:] + secants[:-1]), secants[-1:]])
    left = np.clip(np.searchsorted(knots, points, side="right") - 1, 0, len(knots) - 2)
    shape = (-1, *[1] * (values.ndim - 1))
    t = ((points - knots[left]) / np.diff(knots)[left]).reshape(shape)
    step = steps[left]
    result: Floats = (
        (2.0 * t**3 - 3.0 * t**2 + 1.0) * values[left]
        + (t**3 - 2.0 * t**2 + t) * step * slopes[left]
        + (3.0 * t**2 - 2.0 * t**3) * values[left + 1]
        + (t**3 - t**2) * step * slopes[left + 1]
    )
    return result
