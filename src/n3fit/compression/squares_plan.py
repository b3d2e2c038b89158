"""The products with which sums of squares take the fewest operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from n3fit.compression.forms import SumsOfSquares
from n3fit.compression.thin_products import thin_product
from n3fit.typing import Floats, Indices, Integers

WIDTH_STEP = 8
"""Sums of squares are padded to a multiple of this width, so that few widths occur."""

START_STEP = 32
"""Sums whose first column lies in the same interval of this length share their products."""


@dataclass(frozen=True)
class SquaresRun:
    """Sums of equal width: ``functionals`` (m, rows * width) and their ``signs``, zero for the padding."""

    functionals: Floats
    signs: Floats
    rows: int
    width: int


@dataclass(frozen=True)
class SquaresGroup:
    """Sums that vanish before the column ``start``, with a ``basis`` (n - start, m) of their functionals or None."""

    start: int
    basis: Floats | None
    runs: tuple[SquaresRun, ...]


@dataclass(frozen=True)
class SquaresPlan:
    """The products of all sums.

    Parameters
    ----------
    groups : tuple of SquaresGroup
    order : (rows,)
        For each sum in the order of groups and runs, its position in the output.
    """

    groups: tuple[SquaresGroup, ...]
    order: Indices


def plan_squares(blocks: Sequence[SumsOfSquares], precision: float) -> SquaresPlan:
    """Return the products that take the fewest operations.

    A block with few independent functionals gets its own basis; the others are joined by the columns in which they
    vanish.

    Parameters
    ----------
    blocks : sequence of SumsOfSquares
        They follow each other in the output.
    precision : float
        Relative rounding error of the numbers in which the sums are computed.
    """
    firsts = np.cumsum([0, *(block.ndata for block in blocks)])
    groups, places = [], []
    joined: dict[int, list[int]] = {}
    for index, block in enumerate(blocks):
        product = thin_product(block.functionals, precision)
        if len(product.factors) == 1:
            joined.setdefault(product.start // START_STEP, []).append(index)
            continue
        basis, functionals = product.factors
        runs, order = _runs(functionals, block.signs, block.counts)
        groups.append(SquaresGroup(product.start, basis, runs))
        places.append(firsts[index] + order)
    for interval, members in joined.items():
        start = interval * START_STEP
        runs, order = _runs(
            np.concatenate([blocks[index].functionals[:, start:] for index in members]).T,
            np.concatenate([blocks[index].signs for index in members]),
            np.concatenate([blocks[index].counts for index in members]),
        )
        groups.append(SquaresGroup(start, None, runs))
        rows = [firsts[index] + np.arange(blocks[index].ndata) for index in members]
        places.append(np.concatenate(rows)[order])
    return SquaresPlan(tuple(groups), np.concatenate(places))


def _runs(functionals: Floats, signs: Floats, counts: Integers) -> tuple[tuple[SquaresRun, ...], Indices]:
    """Return sums sorted by their width, padded to a few widths, and their order.

    Parameters
    ----------
    functionals : (m, K)
    signs : (K,)
    counts : (rows,)
    """
    starts = np.cumsum(counts) - counts
    widths = -(-counts // WIDTH_STEP) * WIDTH_STEP
    order = np.argsort(widths, kind="stable")
    # the padding takes a functional of zeros at the end
    padded, padded_signs = np.pad(functionals, ((0, 0), (0, 1))), np.pad(signs, (0, 1))
    runs = []
    for width in np.unique(widths).tolist():
        members = order[widths[order] == width]
        sources = np.full((len(members), width), len(signs))
        for sources_of_row, row in zip(sources, members, strict=True):
            sources_of_row[: counts[row]] = starts[row] + np.arange(counts[row])
        chosen = sources.ravel()
        runs.append(SquaresRun(np.ascontiguousarray(padded[:, chosen]), padded_signs[chosen], len(members), width))
    return tuple(runs), order
