"""The x-grid and its basis functions: piecewise polynomials of degree 4 in log(x), as eko defines them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from n3fit.errors import TheoryError
from n3fit.typing import Floats

POLYNOMIAL_DEGREE = 4
STANDARD_XMIN = 2e-7
STANDARD_NODES = 50


def standard_xgrid(nodes: int = STANDARD_NODES, xmin: float = STANDARD_XMIN) -> Floats:
    """Return nodes dense in log(x) at small x and in x at large x, from ``xmin`` to 1 (arXiv:2202.02338).

    With the defaults these are the usual 50 nodes of FK tables.
    """
    from eko.interpolation import lambertgrid

    return np.asarray(lambertgrid(nodes, xmin), dtype=np.float64)


class InterpolationBasis:
    """Basis functions p_j with p_j(x_k) = delta_jk; f(x) = sum_j p_j(x) f(x_j).

    Parameters
    ----------
    xgrid : (nx,)
        Strictly increasing nodes, the last of them 1.

    Attributes
    ----------
    xgrid : (nx,)
    areas : tuple of (nareas, 2 + 5) arrays
        For each basis function its pieces in eko's form: log(xmin), log(xmax), polynomial coefficients in log(x).
    """

    def __init__(self, xgrid: ArrayLike) -> None:
        from eko.interpolation import InterpolatorDispatcher, XGrid

        nodes = np.array(xgrid, dtype=np.float64)
        if nodes.ndim != 1 or len(nodes) <= POLYNOMIAL_DEGREE or np.any(np.diff(nodes) <= 0) or nodes[0] <= 0:
            raise TheoryError(
                f"x-grid: expected more than {POLYNOMIAL_DEGREE} positive, increasing nodes, received {nodes.tolist()}"
            )
        if nodes[-1] != 1:
            raise TheoryError(f"x-grid: expected 1 as the last node, received {nodes[-1]!r}")
        nodes.setflags(write=False)
        self.xgrid: Floats = nodes
        self.dispatcher = InterpolatorDispatcher(XGrid(nodes, True), POLYNOMIAL_DEGREE, mode_N=False)
        self.areas: tuple[Floats, ...] = tuple(
            np.ascontiguousarray(function.areas_representation, dtype=np.float64) for function in self.dispatcher
        )

    def __len__(self) -> int:
        return len(self.xgrid)

    @cached_property
    def pieces(self) -> tuple[Floats, ...]:
        """Pieces of each basis function, (npieces, 2 + 2 * 5).

        Lower and upper edge in log(x), then the polynomial's coefficients about the upper and about the lower edge.
        """
        return tuple(
            np.stack(
                [np.concatenate([area[:2], _shifted(area[2:], area[1]), _shifted(area[2:], area[0])]) for area in areas]
            )
            for areas in self.areas
        )

    @cached_property
    def _coefficients(self) -> Floats:
        """Polynomial coefficients (interval, power, basis function) in log(x)."""
        intervals = len(self) - 1
        table = np.zeros((intervals, POLYNOMIAL_DEGREE + 1, len(self)))
        lower = np.log(self.xgrid[:-1])
        for function, areas in enumerate(self.areas):
            for area in areas:
                interval = int(np.argmin(np.abs(lower - area[0])))
                table[interval, :, function] = area[2:]
        return table

    def evaluate(self, x: ArrayLike) -> Floats:
        """Compute all basis functions at the points ``x``: (npoints, nx). Outside of the grid they are zero."""
        points = np.atleast_1d(np.asarray(x, dtype=np.float64))
        inside = (points >= self.xgrid[0] * (1 - 1e-12)) & (points <= 1)
        interval = np.clip(np.searchsorted(self.xgrid, points, side="left") - 1, 0, len(self) - 2)
        log_x = np.log(np.where(inside, points, 1.0))
        powers = log_x[:, None] ** np.arange(POLYNOMIAL_DEGREE + 1)
        values = np.einsum("np,npj->nj", powers, self._coefficients[interval])
        return np.where(inside[:, None], values, 0.0)


def _shifted(coefficients: Floats, origin: float) -> Floats:
    """Return the coefficients of a polynomial about another origin."""
    shifted = np.polynomial.Polynomial(coefficients)(np.polynomial.Polynomial([origin, 1.0]))
    return np.pad(shifted.coef, (0, len(coefficients) - len(shifted.coef)))
