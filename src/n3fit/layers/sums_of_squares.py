"""Hadronic predictions as signed sums of squares of linear functionals of the PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from n3fit.backends import MetaLayer
from n3fit.backends import operations as op
from n3fit.compression.thin_products import thin_product
from n3fit.typing import Floats, Indices, Integers

WIDTH_STEP = 8
"""Sums of squares are filled up to a multiple of this, so that few widths occur."""

START_STEP = 32
"""Blocks whose first column lies in the same stretch of so many share their products."""


@dataclass(frozen=True)
class SquaresBlock:
    """Sums whose functionals vanish on the same columns.

    Parameters
    ----------
    functionals : (K, n)
        Those of a sum follow each other.
    signs : (K,)
        1 or -1.
    counts : (rows,)
        Number of functionals of each sum.

    Raises
    ------
    ValueError
        The numbers do not fit together.
    """

    functionals: Floats
    signs: Floats
    counts: Integers

    def __post_init__(self) -> None:
        if not np.sum(self.counts) == len(self.signs) == len(self.functionals):
            raise ValueError(
                "the counts must add up to the number of signs and of functionals, received "
                f"{np.sum(self.counts)}, {len(self.signs)} and {len(self.functionals)}"
            )


@dataclass(frozen=True)
class SquaresRun:
    """Sums of equal width: ``functionals`` (m, rows * width) and their ``signs``, zero for what only fills up."""

    functionals: Floats
    signs: Floats
    rows: int
    width: int


@dataclass(frozen=True)
class SquaresGroup:
    """Sums that see the PDF from the column ``start`` on, through a ``basis`` (n - start, m) if there is one."""

    start: int
    basis: Floats | None
    runs: tuple[SquaresRun, ...]


class SumsOfSquares(MetaLayer):
    """Sum the squares of linear functionals of the PDF, each with a sign.

    ``(batch, replica, x, flavour)`` to ``(batch, replica, rows)``.

    Parameters
    ----------
    blocks : sequence of SquaresBlock
        Functionals act on the PDF with its last two axes flattened, flavours running fastest. The sums of the blocks
        follow each other in the output.
    """

    def __init__(self, blocks: Sequence[SquaresBlock], **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)
        self._blocks = tuple(blocks)

    def build(self, input_shape: Any) -> None:
        """Plan the products for the precision of the layer, and keep their factors as constants."""
        self._groups, order = plan_squares(self._blocks, float(np.finfo(self.variable_dtype).eps))
        self.bases: list[Any] = []
        self.functionals: list[list[Any]] = []
        self.signs: list[list[Any]] = []
        for number, group in enumerate(self._groups):
            self.bases.append(None if group.basis is None else self._constant(f"basis_{number}", group.basis))
            runs = list(enumerate(group.runs))
            self.functionals.append([self._constant(f"functionals_{number}_{i}", run.functionals) for i, run in runs])
            self.signs.append([self._constant(f"signs_{number}_{i}", run.signs) for i, run in runs])
        self.order = self._constant("order", np.eye(len(order))[order])

    def _constant(self, name: str, value: Floats) -> Any:
        return self.builder_helper(name, value.shape, self.init_constant(value), trainable=False)

    def call(self, pdf: Any) -> Any:
        batch, replicas = pdf.shape[:2]
        flat = op.reshape(pdf, (batch, replicas, -1))
        sums = []
        for group, basis, functionals, signs in zip(
            self._groups, self.bases, self.functionals, self.signs, strict=True
        ):
            seen = flat[..., group.start :]
            if basis is not None:
                seen = op.tensor_product(seen, basis, axes=1)
            # the sums of one width make a product of their own: cutting a long one would cost more in the gradient
            for run, factor, sign in zip(group.runs, functionals, signs, strict=True):
                values = op.tensor_product(seen, factor, axes=1)
                squares = op.reshape(values * values * sign, (batch, replicas, run.rows, run.width))
                sums.append(op.sum(squares, axis=-1))
        return op.tensor_product(op.concatenate(sums, axis=-1), self.order, axes=1)


def plan_squares(blocks: Sequence[SquaresBlock], precision: float) -> tuple[tuple[SquaresGroup, ...], Indices]:
    """Choose the products that take the fewest operations.

    A block of few independent functionals has its own basis; the others are put together by the columns that they do
    not see.

    Returns
    -------
    tuple of SquaresGroup
    (rows,)
        For each sum in the order of groups and runs, its place in the order of the blocks.
    """
    firsts = np.cumsum([0, *(len(block.counts) for block in blocks)])
    groups, places = [], []
    together: dict[int, list[int]] = {}
    for index, block in enumerate(blocks):
        product = thin_product(block.functionals, precision)
        if len(product.factors) == 1:
            together.setdefault(product.start // START_STEP, []).append(index)
            continue
        basis, functionals = product.factors
        runs, order = _runs(functionals, block.signs, block.counts)
        groups.append(SquaresGroup(product.start, basis, runs))
        places.append(firsts[index] + order)
    for stretch, members in together.items():
        start = stretch * START_STEP
        runs, order = _runs(
            np.concatenate([blocks[index].functionals[:, start:] for index in members]).T,
            np.concatenate([blocks[index].signs for index in members]),
            np.concatenate([blocks[index].counts for index in members]),
        )
        groups.append(SquaresGroup(start, None, runs))
        rows = [firsts[index] + np.arange(len(blocks[index].counts)) for index in members]
        places.append(np.concatenate(rows)[order])
    return tuple(groups), np.concatenate(places)


def _runs(functionals: Floats, signs: Floats, counts: Integers) -> tuple[tuple[SquaresRun, ...], Indices]:
    """Sort sums by their width, filled up to a few widths; give the order too.

    Parameters
    ----------
    functionals : (m, K)
    signs : (K,)
    counts : (rows,)
    """
    starts = np.cumsum(counts) - counts
    widths = -(-counts // WIDTH_STEP) * WIDTH_STEP
    order = np.argsort(widths, kind="stable")
    # a functional of zeros stands at the end for those that only fill up
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
