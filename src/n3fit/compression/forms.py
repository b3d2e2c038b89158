"""Predictions as linear forms, bilinear forms and sums of squares of the PDF on the merged grid.

PDFs have the shape (..., nx, 8), flavours in EVOLUTION_BASIS; where the last two axes are flattened, flavours run
fastest.
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
    matrix : (n, nx * 8)
    """

    matrix: Floats

    @property
    def ndata(self) -> int:
        """Number of predictions."""
        return len(self.matrix)

    def predict(self, pdf: Floats) -> Floats:
        """Compute the predictions (..., n) for PDFs (..., nx, 8)."""
        return flatten_pdf(pdf) @ self.matrix.T


@dataclass(frozen=True)
class BilinearForms:
    """Predictions bilinear in the PDF.

    Parameters
    ----------
    forms : (n, k * 8, k * 8)
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
        """Compute the predictions (..., n) for PDFs (..., nx, 8)."""
        chosen = flatten_pdf(pdf[..., self.nodes, :])
        return np.stack([np.sum((chosen @ form) * chosen, axis=-1) for form in self.forms], axis=-1)


@dataclass(frozen=True)
class SumsOfSquares:
    """Predictions that are sums of squares of linear functionals, each square with a sign.

    Parameters
    ----------
    functionals : (K, nx * 8)
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
        """Compute the predictions (..., n) for PDFs (..., nx, 8)."""
        squares = (flatten_pdf(pdf) @ self.functionals.T) ** 2 * self.signs
        starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]])
        predictions: Floats = np.add.reduceat(squares, starts, axis=-1)
        return predictions


Forms = LinearForms | BilinearForms | SumsOfSquares


def flatten_pdf(pdf: Floats) -> Floats:
    """Return PDFs (..., nx, 8) with nodes and flavours in one axis, (..., nx * 8)."""
    return pdf.reshape(*pdf.shape[:-2], -1)
