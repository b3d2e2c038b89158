"""PDFs given by their values at nodes in x, with a cubic interpolation between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from n3fit.pdf_models import PDFModel
from n3fit.runcard.values import Integer, NonNegativeNumber, Number
from n3fit.typing import Floats

LARGE_X = 5.0
"""Weight of 1 - x in the variable of the nodes, which are dense at large x too: y = -log x + 5 (1 - x)."""

VALUES = "values"


class GridModel(PDFModel):
    """x f(x) = x^(1-alpha) (1-x)^beta G(x) for each fitted flavour, with the values of G at nodes as parameters.

    The nodes are equidistant in y = -log x + 5 (1 - x), from x = 1 to the smallest one. Between them G is the cubic
    convolution of R. Keys, IEEE Transactions on Acoustics, Speech, and Signal Processing 29 (1981) 1153: it has a
    continuous derivative, depends on the four nearest nodes, and is exact for parabolas in y. Below the smallest node G
    is constant, so that x f goes like x^(1-alpha).
    """

    nodes: Annotated[Integer, Field(ge=4, le=200)] = Field(default=20, description="number of nodes")
    smallest: Annotated[Number, Field(ge=1e-9, le=1e-2)] = Field(default=1e-5, description="x of the smallest node")
    spread: NonNegativeNumber = Field(
        default=0.3, description="standard deviation of the logarithms of the first values, which are smooth in x"
    )

    @property
    def node_values(self) -> Floats:
        """The nodes in x, (K,), from 1 down."""
        y = np.linspace(0.0, _variable(self.smallest), self.nodes)
        lower, upper = np.full_like(y, np.log(self.smallest)), np.zeros_like(y)
        for _ in range(60):  # bisection in log x
            middle = (lower + upper) / 2
            above = _variable(np.exp(middle)) > y
            lower, upper = np.where(above, middle, lower), np.where(above, upper, middle)
        return np.exp((lower + upper) / 2)

    def breaks(self) -> Floats:
        """Return the nodes, where the second derivative jumps, and at the smallest one the first too."""
        return self.node_values

    def initial_values(self, flavours: Sequence[str], random: np.random.Generator) -> Mapping[str, Floats]:
        """Return the values at the nodes, (K, F): of a random smooth function around 1."""
        place = np.linspace(-1.0, 1.0, self.nodes)
        shapes = np.polynomial.legendre.legvander(place, 3)
        return {VALUES: np.exp(shapes @ random.normal(0.0, self.spread, (shapes.shape[1], len(flavours))))}

    def evaluate(self, x: Any, variables: Mapping[str, Any], flavours: Sequence[str]) -> Any:
        """Compute G, (1, R, N, F)."""
        from n3fit.backends import operations as op

        step = _variable(self.smallest) / (self.nodes - 1)
        place = (LARGE_X * (1 - x) - op.op_log(x)) / step
        place = op.clip(place, 0.0, self.nodes - 1)
        distance = op.absolute(place - op.numpy_to_tensor(np.arange(-1.0, self.nodes + 1)))
        near = (1.5 * distance - 2.5) * distance * distance + 1
        far = ((2.5 - 0.5 * distance) * distance - 4) * distance + 2
        kernel = op.backend_function("where", distance < 1, near, op.backend_function("where", distance < 2, far, 0.0))
        weights = op.einsum("bxe,ek->bxk", kernel, op.numpy_to_tensor(_extension(self.nodes)))
        return op.einsum("bxk,rkf->brxf", weights, variables[VALUES])


def _variable(x: Any) -> Any:
    """Return y, in which the nodes are equidistant."""
    return LARGE_X * (1 - x) - np.log(x)


def _extension(nodes: int) -> Floats:
    """Return the matrix (K + 2, K) that adds a value before and behind those of the nodes, on the parabola there."""
    matrix = np.pad(np.eye(nodes), ((1, 1), (0, 0)))
    matrix[0, :3] = (3.0, -3.0, 1.0)
    matrix[-1, -3:] = (1.0, -3.0, 3.0)
    return matrix
