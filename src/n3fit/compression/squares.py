"""Short sums of squares for hadronic predictions, each row with an error that was measured on random PDFs.

A row is a quadratic form p^T M p of the PDF on its nodes. PDFs are smooth, so that most directions of p hardly occur:
with C = L L^T the second moment of an ensemble of random PDFs and p = L z, the eigenvectors of L^T M L that matter for
PDFs come first, and a few of them do. C gets independent noise of relative size ``NOISE`` at each node, which keeps L
regular and the functionals harmless for PDFs outside the ensemble.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.linalg import solve_triangular

from n3fit.compression.folding import BilinearRows, FoldedObservable, LinearRows, Rows, SquareRows
from n3fit.compression.random_pdfs import random_pdfs
from n3fit.theory.compound import LINEAR_OPERATIONS, apply_operation
from n3fit.theory.flavours import EVOLUTION_BASIS
from n3fit.typing import Floats, Integers

SIGMA_TOLERANCE = 1e-3
"""Largest error of a prediction, in units of the experimental uncertainty of its point."""

RELATIVE_TOLERANCE = 1e-5
"""Largest error of a prediction, relative to its size."""

SMALL = 0.1
"""Below this share of its median over the ensemble a prediction counts as that large: it may cross zero."""

WILD = 10.0
"""Predictions more than so many medians large are of no measured size: their uncertainty is scaled up to them."""

NOISE = 1e-3
"""Relative noise of each node beside the ensemble."""

NEGLIGIBLE = 1e-13
"""Eigenvalues below this share of the largest are rounding."""

CHOOSING, CERTIFYING = 512, 3072
"""Numbers of random PDFs that choose the functionals, and of others that certify them."""

_SUMS = MappingProxyType({"ADD": ("NULL", 1), "SMT": ("NULL", 1), "SMN": ("RATIO", 2), "COM": ("RATIO", 2)})
_SEEDS = (2, 3)
_MARGIN = 0.3
"""Share of the tolerances that is used up on the ensemble: other PDFs may do worse."""
_ROUNDS = 30


@dataclass(frozen=True)
class Ensemble:
    """Random PDFs on the merged grid: ``choosing`` and ``certifying`` ones, ``(count, nx, 8)`` each."""

    choosing: Floats
    certifying: Floats


def make_ensemble(xgrid: Floats) -> Ensemble:
    """Draw the random PDFs, always the same ones for a grid."""
    return Ensemble(random_pdfs(xgrid, CHOOSING, _SEEDS[0]), random_pdfs(xgrid, CERTIFYING, _SEEDS[1]))


@dataclass(frozen=True)
class Certificate:
    """What the compression of an observable costs, point by point (ndata,).

    Parameters
    ----------
    functionals : (ndata,)
        Squares summed for each point; a single row that serves all points counts for each.
    relative : (ndata,)
        Largest error over the certifying PDFs, relative to the prediction (see ``SMALL``).
    uncertainty : (ndata,)
        The same in units of the experimental uncertainty (see ``WILD``); zeros for observables without.
    """

    functionals: Integers
    relative: Floats
    uncertainty: Floats


def compress_observable(
    observable: FoldedObservable, ensemble: Ensemble, uncertainty: Floats | None
) -> tuple[FoldedObservable, Certificate]:
    """Replace the bilinear rows of an observable by sums of squares.

    Parameters
    ----------
    observable : FoldedObservable
    ensemble : Ensemble
        From :func:`make_ensemble` for the same grid.
    uncertainty : (ndata,), optional
        Experimental uncertainties; None for observables without data.

    Raises
    ------
    ArithmeticError
        The tolerance cannot be reached: the rows go beyond double precision.
    """
    observable = sum_operands(observable)
    operands = [_Operand([_expand(rows, ensemble) for rows in operand]) for operand in observable.operands]
    for _ in range(_ROUNDS):
        relative, absolute = errors(observable.operation, [operand.predictions() for operand in operands])
        in_sigma = np.zeros_like(relative) if uncertainty is None else absolute / uncertainty
        excess = np.maximum(relative / RELATIVE_TOLERANCE, in_sigma / SIGMA_TOLERANCE) / _MARGIN
        if (excess <= 1).all():
            break
        for operand in operands:
            operand.tighten(excess)
    else:
        raise ArithmeticError(f"{observable.name}: its rows cannot be compressed to {RELATIVE_TOLERANCE:g}")
    nx = ensemble.choosing.shape[1]
    rows = tuple(tuple(block.compressed(nx) for block in operand.blocks) for operand in operands)
    counts = np.sum([operand.counts(observable.ndata) for operand in operands], axis=0)
    compressed = FoldedObservable(observable.name, observable.operation, rows, observable.ndata)
    return compressed, Certificate(functionals=counts, relative=relative, uncertainty=in_sigma)


def sum_operands(observable: FoldedObservable) -> FoldedObservable:
    """Add up the forms of operands that an operation only adds: one sum of squares then does for all of them."""
    blocks = [operand[0] for operand in observable.operands]
    bilinear = [rows for rows in blocks if isinstance(rows, BilinearRows)]
    count = len(blocks)
    plain = len(bilinear) == count and all(len(operand) == 1 for operand in observable.operands)
    if observable.operation not in _SUMS or not plain or len({rows.ndata for rows in bilinear}) > 1:
        return observable
    operation, parts = _SUMS[observable.operation]
    size = count // parts
    sums = tuple((_add_forms(bilinear[start : start + size]),) for start in range(0, count, size))
    return FoldedObservable(observable.name, operation, sums, observable.ndata)


def _add_forms(blocks: Sequence[BilinearRows]) -> BilinearRows:
    nodes = np.unique(np.concatenate([rows.nodes for rows in blocks]))
    flavours = len(EVOLUTION_BASIS)
    total = np.zeros((blocks[0].ndata, len(nodes), flavours, len(nodes), flavours))
    for rows in blocks:
        places = np.searchsorted(nodes, rows.nodes)
        shape = (rows.ndata, len(places), flavours, len(places), flavours)
        total[:, places[:, np.newaxis], :, places, :] += rows.forms.reshape(shape).transpose(1, 3, 0, 2, 4)
    size = len(nodes) * flavours
    return BilinearRows(total.reshape(-1, size, size), nodes)


def errors(operation: str, pairs: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Give the largest relative and absolute errors (n,) of predictions over some PDFs.

    The relative ones are relative to at least ``SMALL`` medians of the prediction; the absolute ones of predictions
    larger than ``WILD`` medians are scaled down in proportion. Where an operand of a ratio lies below ``SMALL``
    medians the ratio does not count: a cross-section that passes through zero makes it anything.

    Parameters
    ----------
    operation : str
    pairs : sequence of two arrays (count, n)
        Exact and approximate values of each operand.
    """
    exact = np.asarray(apply_operation(operation, [pair[0] for pair in pairs]))
    difference = np.abs(np.asarray(apply_operation(operation, [pair[1] for pair in pairs])) - exact)
    if operation not in LINEAR_OPERATIONS:
        for values, _ in pairs:
            difference = np.where(np.abs(values) < SMALL * np.median(np.abs(values), axis=0), 0.0, difference)
    size = np.abs(exact)
    median = np.median(size, axis=0)
    relative = np.divide(
        difference, np.maximum(size, SMALL * median), out=np.zeros_like(difference), where=difference > 0
    )
    absolute = difference / np.maximum(1.0, np.divide(size, WILD * median, out=np.zeros_like(size), where=median > 0))
    return relative.max(axis=0), absolute.max(axis=0)


def _expand(rows: Rows, ensemble: Ensemble) -> _Exact | _Expansion:
    return _Expansion(rows, ensemble) if isinstance(rows, BilinearRows) else _Exact(rows, ensemble)


class _Exact:
    """Rows that stay as they are."""

    def __init__(self, rows: LinearRows | SquareRows, ensemble: Ensemble) -> None:
        self.rows = rows
        self.exact = rows.predict(ensemble.certifying)
        self.ranks = np.zeros(self.exact.shape[1], dtype=np.int64)

    def predictions(self) -> Floats:
        return self.exact

    def tighten(self, excess: Floats) -> None:
        """Nothing to gain here."""

    def compressed(self, _: int) -> Rows:
        return self.rows


class _Expansion:
    """Bilinear rows in the eigenvectors of the ensemble, cut where the tolerance allows."""

    def __init__(self, rows: BilinearRows, ensemble: Ensemble) -> None:
        self.nodes = rows.nodes
        choosing = ensemble.choosing[:, rows.nodes].reshape(CHOOSING, -1)
        certifying = ensemble.certifying[:, rows.nodes].reshape(CERTIFYING, -1)
        sizes = np.sqrt(np.mean(choosing**2, axis=0))
        sizes = np.maximum(sizes, 1e-6 * sizes.max())
        moment = (choosing / sizes).T @ (choosing / sizes) / len(choosing)
        root = np.linalg.cholesky(moment + NOISE**2 * np.eye(len(sizes)))
        self.shrink = np.full(len(rows.forms), 0.8 * _MARGIN)
        self.factors: list[tuple[Floats, Floats]] = []
        self._worst: list[Floats] = []
        self._tails: list[Floats] = []
        for form in rows.forms:
            functionals, signs = _functionals(form * np.outer(sizes, sizes), root)
            functionals /= sizes
            self.factors.append((functionals, signs))
            self._worst.append(_worst_shares(_tails(functionals, signs, choosing)))
            tails = _tails(functionals, signs, certifying)
            exact = np.sum((certifying @ form) * certifying, axis=1)
            self._tails.append(tails + (exact - tails[0]))
        self.exact = np.stack([tails[0] for tails in self._tails], axis=1)
        self.ranks = self._choose()

    def _choose(self) -> Integers:
        """Give the fewest functionals that reach the tolerance, shrunk so far, on the choosing PDFs."""
        limits = self.shrink * RELATIVE_TOLERANCE
        needed = [np.flatnonzero(worst > limit) for worst, limit in zip(self._worst, limits, strict=True)]
        return np.array([indices[-1] + 1 if len(indices) else 1 for indices in needed])

    def predictions(self) -> Floats:
        cut = [tails[rank] for tails, rank in zip(self._tails, self.ranks, strict=True)]
        return self.exact - np.stack(cut, axis=1)

    def tighten(self, excess: Floats) -> None:
        self.shrink /= np.where(excess > 1, np.clip(1.2 * excess, 1.5, 10.0), 1.0)
        self.ranks = self._choose()

    def compressed(self, nx: int) -> SquareRows:
        cut = list(zip(self.factors, self.ranks.tolist(), strict=True))
        functionals = np.zeros((int(self.ranks.sum()), nx, len(EVOLUTION_BASIS)))
        kept = np.concatenate([functionals_of_row[:rank] for (functionals_of_row, _), rank in cut])
        functionals[:, self.nodes] = kept.reshape(len(kept), len(self.nodes), -1)
        return SquareRows(
            functionals=functionals.reshape(len(kept), -1),
            signs=np.concatenate([signs[:rank] for (_, signs), rank in cut]),
            counts=self.ranks,
        )


class _Operand:
    """The blocks of rows of one operand."""

    def __init__(self, blocks: Sequence[_Exact | _Expansion]) -> None:
        self.blocks = tuple(blocks)

    def predictions(self) -> tuple[Floats, Floats]:
        """Give the exact and the cut predictions of the certifying PDFs, (count, n) each."""
        exact = np.concatenate([block.exact for block in self.blocks], axis=1)
        return exact, np.concatenate([block.predictions() for block in self.blocks], axis=1)

    def tighten(self, excess: Floats) -> None:
        """Ask more of the rows of the points whose error exceeds the tolerance ``excess`` (ndata,) times."""
        rows = sum(len(block.ranks) for block in self.blocks)
        shared = excess if rows == len(excess) else np.full(rows, excess.max())
        start = 0
        for block in self.blocks:
            block.tighten(shared[start : start + len(block.ranks)])
            start += len(block.ranks)

    def counts(self, ndata: int) -> Integers:
        """Give the functionals of each point."""
        counts = np.concatenate([block.ranks for block in self.blocks])
        return np.asarray(np.broadcast_to(counts, ndata))


def _functionals(form: Floats, root: Floats) -> tuple[Floats, Floats]:
    """Give functionals (K, n) and signs (K,) so that p^T form p is the sum of sign * (functional p)^2.

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
    """Give what is left of a form after 0, 1, 2, ... functionals, (K + 1, count); the first is its value."""
    tails = np.zeros((len(signs) + 1, len(pdfs)))
    squares = functionals @ pdfs.T
    squares *= squares
    squares *= signs[:, np.newaxis]
    np.cumsum(squares[::-1], axis=0, out=tails[-2::-1])
    return tails


def _worst_shares(tails: Floats) -> Floats:
    """Give the largest error after 0, 1, 2, ... functionals relative to the value, (K + 1,)."""
    size = np.abs(tails[0])
    scale = np.maximum(size, SMALL * np.median(size))
    shares = np.abs(tails, out=tails)
    worst: Floats = np.max(np.divide(shares, scale, out=np.zeros_like(shares), where=scale > 0), axis=1)
    return worst
