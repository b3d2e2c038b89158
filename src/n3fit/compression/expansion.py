"""Expansion of bilinear forms in squares, those first that matter most for PDFs.

A bilinear form is p^T M p of the PDF p on its nodes. PDFs are smooth, so that most directions of p hardly occur:
with C = L L^T the second moment of random PDFs and p = L z, the eigenvectors of L^T M L that matter for PDFs come
first, and a few of them suffice. C gets independent noise of relative size ``NOISE`` at each node, which keeps L
regular and the functionals harmless for other PDFs.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular
from scipy.linalg.blas import dtrmm

from n3fit.compression.accuracy import RELATIVE_TOLERANCE, SMALL
from n3fit.compression.forms import BilinearForms, ConstantForms, Forms, LinearForms, SumsOfSquares
from n3fit.compression.random_pdfs import PDFSamples
from n3fit.typing import Floats, Integers

NOISE = 1e-3
"""Relative noise that is added to the second moment of the random PDFs at each node."""

NEGLIGIBLE = 1e-13
"""Eigenvalues below this fraction of the largest are rounding errors."""

PDF_BLOCK = 256
"""Number of PDFs whose predictions are computed at once, so that intermediate arrays fit into the processor's cache."""


class UnchangedForms:
    """Forms that are not compressed.

    Parameters
    ----------
    forms : LinearForms, SumsOfSquares or ConstantForms
    samples : PDFSamples

    Attributes
    ----------
    exact : (count, n)
        Predictions for the certifying PDFs.
    ranks : (n,)
        Zeros: no functionals are counted.
    """

    def __init__(self, forms: LinearForms | SumsOfSquares | ConstantForms, samples: PDFSamples) -> None:
        self.forms = forms
        self.exact = forms.predict(samples.certifying)
        self.ranks = np.zeros(self.exact.shape[1], dtype=np.int64)

    def predictions(self) -> Floats:
        """Return the predictions (count, n) for the certifying PDFs."""
        return self.exact

    def tighten(self, excess: Floats) -> None:
        """Do nothing: there is no error to reduce."""

    def compressed(self, _: int) -> Forms:
        """Return the forms."""
        return self.forms


class Expansion:
    """Bilinear forms in the eigenvectors of random PDFs, cut where the tolerance allows.

    Parameters
    ----------
    forms : BilinearForms
    samples : PDFSamples
        Random PDFs on the merged grid.
    share : float
        Fraction of ``RELATIVE_TOLERANCE`` that the choosing PDFs use up at first.

    Attributes
    ----------
    exact : (count, n)
        Exact predictions for the certifying PDFs.
    ranks : (n,)
        Number of functionals of each form.
    """

    def __init__(self, forms: BilinearForms, samples: PDFSamples, *, share: float) -> None:
        self._nodes = forms.nodes
        self._flavours = samples.choosing.shape[-1]
        choosing = samples.choosing[:, forms.nodes].reshape(len(samples.choosing), -1)
        self._certifying = samples.certifying[:, forms.nodes].reshape(len(samples.certifying), -1)
        sizes = np.sqrt(np.mean(choosing**2, axis=0))
        sizes = np.maximum(sizes, 1e-6 * sizes.max())
        moment = (choosing / sizes).T @ (choosing / sizes) / len(choosing)
        root = np.linalg.cholesky(moment + NOISE**2 * np.eye(len(sizes)))
        scale = np.outer(sizes, sizes)
        self._limits = np.full(forms.ndata, share)
        self._squares: list[tuple[Floats, Floats]] = []
        self._worst: list[Floats] = []
        for form in forms.forms:
            functionals, signs = _expand(form * scale, root)
            functionals /= sizes
            self._squares.append((functionals, signs))
            self._worst.append(_largest_shares(_tails(functionals, signs, choosing)))
        self.exact = np.stack([evaluate_form(form, self._certifying) for form in forms.forms], axis=1)
        self.ranks = self._choose()
        self._summed = np.zeros_like(self.ranks)
        self._sums = np.zeros_like(self.exact)

    def _choose(self) -> Integers:
        """Return the smallest numbers of functionals with which the choosing PDFs stay within the limits."""
        limits = self._limits * RELATIVE_TOLERANCE
        needed = [np.flatnonzero(worst > limit) for worst, limit in zip(self._worst, limits, strict=True)]
        return np.array([indices[-1] + 1 if len(indices) else 1 for indices in needed])

    def predictions(self) -> Floats:
        """Return the predictions (count, n) of the cut expansions for the certifying PDFs."""
        # ranks never decrease, so that only what tightening has added is missing
        for index in np.flatnonzero(self.ranks > self._summed):
            added = slice(self._summed[index], self.ranks[index])
            functionals, signs = self._squares[index]
            self._sums[:, index] += sum_of_squares(functionals[added], signs[added], self._certifying)
        self._summed = self.ranks
        return self._sums

    def tighten(self, excess: Floats) -> None:
        """Lower the limits of the forms whose error exceeds the tolerance ``excess`` (n,) times."""
        self._limits /= np.where(excess > 1, np.clip(1.2 * excess, 1.5, 10.0), 1.0)
        self.ranks = self._choose()

    def compressed(self, nx: int) -> SumsOfSquares:
        """Return the cut expansions as sums of squares on the merged grid of ``nx`` nodes."""
        cut = list(zip(self._squares, self.ranks.tolist(), strict=True))
        functionals = np.zeros((int(self.ranks.sum()), nx, self._flavours))
        kept = np.concatenate([functionals_of_form[:rank] for (functionals_of_form, _), rank in cut])
        functionals[:, self._nodes] = kept.reshape(len(kept), len(self._nodes), -1)
        return SumsOfSquares(
            functionals=functionals.reshape(len(kept), -1),
            signs=np.concatenate([signs[:rank] for (_, signs), rank in cut]),
            counts=self.ranks,
        )


def evaluate_form(form: Floats, pdfs: Floats) -> Floats:
    """Compute p^T form p for PDFs (count, n) and a symmetric form (n, n), from one of its triangles; (count,)."""
    # p^T form p = 2 p^T U p with U the upper triangle and half the diagonal
    triangle = np.triu(form)
    np.fill_diagonal(triangle, 0.5 * np.diagonal(form))
    values = np.empty(len(pdfs))
    for start in range(0, len(pdfs), PDF_BLOCK):
        block = pdfs[start : start + PDF_BLOCK]
        # BLAS has columns first: in its eyes the triangle is a lower one, and the PDFs are columns
        product = dtrmm(2.0, triangle.T, block.T, lower=1, trans_a=1)
        values[start : start + PDF_BLOCK] = np.einsum("ic,ci->c", product, block)
    return values


def sum_of_squares(functionals: Floats, signs: Floats, pdfs: Floats) -> Floats:
    """Compute the sum of sign * (functional p)^2 over functionals (K, n) for PDFs (count, n); (count,)."""
    values = np.empty(len(pdfs))
    for start in range(0, len(pdfs), PDF_BLOCK):
        products = functionals @ pdfs[start : start + PDF_BLOCK].T
        values[start : start + PDF_BLOCK] = signs @ np.square(products, out=products)
    return values


def _expand(form: Floats, root: Floats) -> tuple[Floats, Floats]:
    """Return functionals (K, n) and signs (K,) so that p^T form p is the sum of sign * (functional p)^2.

    Those that matter most for PDFs with second moment ``root root^T`` come first.
    """
    eigenvalues, vectors = np.linalg.eigh(root.T @ form @ root)
    sizes = np.abs(eigenvalues)
    order = np.argsort(-sizes)
    order = order[: max(1, int(np.sum(sizes > NEGLIGIBLE * sizes.max())))]
    functionals = solve_triangular(root, vectors[:, order], trans="T", lower=True).T
    functionals *= np.sqrt(sizes[order])[:, np.newaxis]
    return functionals, np.where(eigenvalues[order] < 0, -1.0, 1.0)


def _tails(functionals: Floats, signs: Floats, pdfs: Floats) -> Floats:
    """Compute the remainders of a form after 0, 1, 2, ... functionals, (K + 1, count); the first is its value."""
    tails = np.zeros((len(signs) + 1, len(pdfs)))
    squares = functionals @ pdfs.T
    squares *= squares
    squares *= signs[:, np.newaxis]
    np.cumsum(squares[::-1], axis=0, out=tails[-2::-1])
    return tails


def _largest_shares(tails: Floats) -> Floats:
    """Compute the largest error after 0, 1, 2, ... functionals relative to the value, (K + 1,); changes ``tails``."""
    size = np.abs(tails[0])
    scale = np.maximum(size, SMALL * np.median(size))
    shares = np.abs(tails, out=tails)
    largest: Floats = np.max(np.divide(shares, scale, out=np.zeros_like(shares), where=scale > 0), axis=1)
    return largest
