"""One member of an LHAPDF set: its grids, interpolated between the knots and continued to smaller x."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from n3fit.errors import DataError
from n3fit.typing import Floats

EDGE = 1e-6
"""Relative distance outside the grid that the rounding of printed knots explains; such points count as on the edge."""

LEAST_POWER_LAW = 1e-3
"""Smallest x f that is continued to smaller x as a power law."""

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

    def continue_below(self, x: Floats, q: float) -> Floats:
        """Return x f (nflavours, n) below the smallest knot, as LHAPDF's default does (arXiv:1412.7420, sec. 3.3).

        A straight line through the two lowest knots, of log(x f) in log x where x f is above 1e-3 at both of them, else
        of x f in log x.
        """
        first, second = self.at_scale(q)[:2]
        fraction = (np.log(x) - np.log(self.x[0])) / (np.log(self.x[1]) - np.log(self.x[0]))
        result: Floats = first[:, None] + np.outer(second - first, fraction)
        power = np.minimum(first, second) > LEAST_POWER_LAW
        ratio = np.log(second[power] / first[power])
        result[power] = first[power, None] * np.exp(np.outer(ratio, fraction))
        return result


@dataclass(frozen=True, eq=False)
class GridMember:
    """All subgrids of one member, in increasing Q, and the file that they come from.

    ``header`` is the YAML text above the grids.
    """

    path: Path
    subgrids: tuple[SubGrid, ...]
    header: str = ""

    def xfx(self, pids: Sequence[int], x: Floats, q: float, *, extrapolate: bool = False) -> Floats:
        """Return x f(x, Q) of flavours (npids, nx); zero for flavours that the set does not have.

        Parameters
        ----------
        pids : sequence of int
        x : (nx,)
        q : float
        extrapolate : bool
            Continue to x below the grid, see :meth:`SubGrid.continue_below`.

        Raises
        ------
        DataError
            A point lies outside the grid.
        """
        grid = self.subgrid(q)
        low, high = grid.x[0], grid.x[-1]
        lowest = 0.0 if extrapolate else low * (1.0 - EDGE)
        outside = (x <= 0.0) | (x < lowest) | (x > high * (1.0 + EDGE)) | ~np.isfinite(x)
        if outside.any():
            raise DataError(
                f"{self.path}: x from {x.min():.4g} to {x.max():.4g} requested, the grid has {low:.4g} to {high:.4g}"
            )
        inside_q = float(np.clip(q, grid.q[0], grid.q[-1]))
        values = grid.interpolate(np.clip(x, low, high), inside_q)
        below = x < low * (1.0 - EDGE)
        if below.any():
            values[:, below] = grid.continue_below(x[below], inside_q)
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
            The scale lies outside the grid, or between two subgrids that do not meet.
        """
        low, high = self.subgrids[0].q[0], self.subgrids[-1].q[-1]
        if not low * (1.0 - EDGE) <= q <= high * (1.0 + EDGE):
            raise DataError(f"{self.path}: Q = {q:.6g} GeV requested, the grid has {low:.6g} to {high:.6g} GeV")
        grid = next((grid for grid in reversed(self.subgrids) if q >= grid.q[0]), self.subgrids[0])
        if q > grid.q[-1] * (1.0 + EDGE):
            above = min(other.q[0] for other in self.subgrids if other.q[0] > q)
            if q < above * (1.0 - EDGE):
                raise DataError(
                    f"{self.path}: Q = {q:.6g} GeV requested, the grid has nothing from {grid.q[-1]:.6g} to {above:.6g}"
                )
            return next(other for other in self.subgrids if other.q[0] == above)
        return grid


def check_same_grid(member: GridMember, reference: GridMember) -> None:
    """Check that two members have the same nodes and flavours.

    Raises
    ------
    DataError
    """
    grids = zip(member.subgrids, reference.subgrids, strict=False)
    if len(member.subgrids) != len(reference.subgrids) or not all(
        np.array_equal(one.x, other.x) and np.array_equal(one.q, other.q) and one.pids == other.pids
        for one, other in grids
    ):
        raise DataError(f"{member.path}: grids or flavours differ from those of {reference.path.name}")


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
