"""Predictions as linear forms, bilinear forms and sums of squares of the PDF on the merged grid, and as constants.

PDFs have the shape (..., nx, F), the F flavours in EVOLUTION_BASIS or CHARM_ASYMMETRIC_BASIS; where the last two axes
are flattened, flavours run fastest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n3fit.typing import Floats, Indices, Integers


@dataclass(frozen=True)
class LinearForms:
    """Predictions linear in the PDF.

    Parameters
    ----------
    matrix : (n, nx * F)
    """

    matrix: Floats

    @property
    def ndata(self) -> int:
        """Number of predictions."""
        return len(self.matrix)

    def predict(self, pdf: Floats) -> Floats:
        """Compute the predictions (..., n) for PDFs (..., nx, F)."""
        return flatten_pdf(pdf) @ self.matrix.T


@dataclass(frozen=True)
class BilinearForms:
    """Predictions bilinear in the PDF.

    Parameters
    ----------
    forms : (n, k * F, k * F)
        Symmetric matrices.
    nodes : (k,)
        Positions on the merged grid of the nodes on which they act.
    """

    forms: Floats
    nodes: Indices

    @property
    def ndata(self) -> int:
        """Number of predictions."""
        return len(self.forms)

    def predict(self, pdf: Floats) -> Floats:
        """Compute the predictions (..., n) for PDFs (..., nx, F)."""
        chosen = flatten_pdf(pdf[..., self.nodes, :])
        return np.stack([np.sum((chosen @ form) * chosen, axis=-1) for form in self.forms], axis=-1)


@dataclass(frozen=True)
class SumsOfSquares:
    """Predictions that are sums of squares of linear functionals, each square with a sign.

    Parameters
    ----------
    functionals : (K, nx * F)
        Those of one sum follow each other.
    signs : (K,)
        1 or -1.
    counts : (n,)
        Number of functionals of each sum, at least one.

    Raises
    ------
    ValueError
        The counts do not add up to the number of functionals and of signs.
    """

    functionals: Floats
    signs: Floats
    counts: Integers

    def __post_init__(self) -> None:
        if not np.sum(self.counts) == len(self.signs) == len(self.functionals):
            raise ValueError(
                "expected counts that add up to the number of signs and of functionals, received "
                f"{np.sum(self.counts)}, {len(self.signs)} and {len(self.functionals)}"
            )

    @property
    def ndata(self) -> int:
        """Number of predictions."""
        return len(self.counts)

    def predict(self, pdf: Floats) -> Floats:
        """Compute the predictions (..., n) for PDFs (..., nx, F)."""
        squares = (flatten_pdf(pdf) @ self.functionals.T) ** 2 * self.signs
        starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]])
        predictions: Floats = np.add.reduceat(squares, starts, axis=-1)
        return predictions


@dataclass(frozen=True)
class ConstantForms:
    """Predictions that do not depend on the PDF that is fitted.

    Parameters
    ----------
    values : (n,)
    """

    values: Floats

    @property
    def ndata(self) -> int:
        """Number of predictions."""
        return len(self.values)

    def predict(self, pdf: Floats) -> Floats:
        """Return the predictions (..., n) for PDFs (..., nx, F)."""
        return np.array(np.broadcast_to(self.values, (*pdf.shape[:-2], self.ndata)))


Forms = LinearForms | BilinearForms | SumsOfSquares | ConstantForms


def flatten_pdf(pdf: Floats) -> Floats:
    """Return PDFs (..., nx, F) with nodes and flavours in one axis, (..., nx * F)."""
    return pdf.reshape(*pdf.shape[:-2], -1)
