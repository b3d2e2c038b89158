"""Convolutions of coefficient functions with all basis functions of an x-grid at once.

With w = log(1/z) the convolution at x of a kernel with regular part R, singular part S and local part L is

    int_0^log(1/x) dw { R(z) f(x e^w) + S(z) [f(x e^w) - z f(x)] } + L(x) f(x).

The integrand is smooth between the points where x e^w crosses a node of the grid, and behaves like powers of
logarithms at w -> 0. Composite Gauss-Legendre rules are accurate for both; the values of the kernel at the nodes are
used for all basis functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from n3fit.evolution.kernels.interpolation import InterpolationBasis
from n3fit.typing import Floats

_FIRST_NODES, _FIRST_POWER = 20, 4
_PIECE_NODES = 7
_MAX_RATIO = 3.0
_SMALLEST = 1e-5


@dataclass(frozen=True)
class ConvolutionRule:
    """Nodes and weights of the convolution at one point.

    Attributes
    ----------
    x : float
        The convolution point.
    distance : (n,)
        w minus its lower limit, the variable in which kernels are smooth up to logarithms.
    z : (n,)
    regular : (n, nx)
        Weights of the regular part.
    singular : (n, nx)
        Weights of the singular part.
    local : (nx,)
        Basis functions at x, the weights of the local part.
    """

    x: float
    distance: Floats
    z: Floats
    regular: Floats
    singular: Floats
    local: Floats


def convolution_rule(basis: InterpolationBasis, x: float, *, lower: float = 0.0) -> ConvolutionRule:
    """Return the rule for the point ``x`` in (0, 1).

    Parameters
    ----------
    basis : InterpolationBasis
    x : float
        Convolution point, not below the grid.
    lower : float
        Lower limit of w = log(1/z), above zero for a kernel with a threshold below z = 1.
    """
    upper = np.log(1 / x)
    crossings = np.log(basis.xgrid[basis.xgrid > x] / x) - lower
    edges = _refined(np.append(0.0, crossings[crossings > _SMALLEST]), upper - lower)
    distance, weight = _composite_rule(edges)
    z = np.exp(-(distance + lower))
    local = basis.evaluate(x)[0]
    moved = basis.evaluate(np.minimum(x / z, 1.0))
    return ConvolutionRule(
        x=x,
        distance=distance,
        z=z,
        regular=weight[:, None] * moved,
        singular=weight[:, None] * (moved - z[:, None] * local),
        local=local,
    )


def _refined(edges: Floats, end: float) -> Floats:
    """Return edges refined such that no piece but the first is long compared with its distance from zero."""
    edges = np.unique(np.append(edges[edges < end], end))
    refined = [0.0, edges[1]]
    for left, right in pairwise(edges[1:]):
        pieces = max(1, int(np.ceil(np.log(right / left) / np.log(_MAX_RATIO))))
        refined.extend(left * (right / left) ** (np.arange(1, pieces + 1) / pieces))
    return np.array(refined)


def _composite_rule(edges: Floats) -> tuple[Floats, Floats]:
    """Return nodes and weights: a rule for powers of logarithms in the first piece, plain ones in the others."""
    roots, gauss = np.polynomial.legendre.leggauss(_FIRST_NODES)
    unit = 0.5 * (roots + 1)
    first = edges[1] * unit**_FIRST_POWER
    first_weight = edges[1] * _FIRST_POWER * unit ** (_FIRST_POWER - 1) * 0.5 * gauss
    roots, gauss = np.polynomial.legendre.leggauss(_PIECE_NODES)
    half = 0.5 * np.diff(edges[1:])
    middle = 0.5 * (edges[1:-1] + edges[2:])
    nodes = (middle[:, None] + half[:, None] * roots).ravel()
    weights = (half[:, None] * gauss).ravel()
    return np.append(first, nodes), np.append(first_weight, weights)
