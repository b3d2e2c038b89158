"""From folded observables to tensors of predictions: one matrix product for everything linear and every square."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from n3fit.backends import Lambda
from n3fit.backends import operations as op
from n3fit.compression.folding import BilinearRows, FoldedObservable, LinearRows, SquareRows
from n3fit.layers.observables import BilinearMap, LinearMap, TableOperation
from n3fit.layers.sums_of_squares import SquaresBlock, SumsOfSquares

LARGE_BLOCK = 256
"""So many linear rows make a product of their own."""


@dataclass
class LinearStack:
    """All rows linear in the PDF and all functionals to be squared, collected first and evaluated at once.

    Parameters
    ----------
    prefix : str
        Before the names of the layers, so that a model may hold several stacks.
    """

    prefix: str = ""
    blocks: list[LinearRows | SquareRows] = field(default_factory=list)

    def add(self, block: LinearRows | SquareRows) -> int:
        """Ask for some rows; the number returned finds them after :meth:`evaluate`."""
        self.blocks.append(block)
        return len(self.blocks) - 1

    def evaluate(self, pdf: Any) -> list[Any]:
        """Give the rows of each block that was added, ``(1, R, n)`` each.

        A large block of linear rows is a product of its own, the small ones share one, and so do all squares: what is
        cut from a product costs a pass over the whole of it in the gradient.
        """
        pieces: dict[int, Any] = {}
        small: dict[int, LinearRows] = {}
        squares: dict[int, SquareRows] = {}
        for index, block in enumerate(self.blocks):
            if isinstance(block, SquareRows):
                squares[index] = block
            elif block.ndata < LARGE_BLOCK:
                small[index] = block
            else:
                pieces[index] = LinearMap(block.matrix, name=f"{self.prefix}linear_rows_{index}")(pdf)
        if small:
            matrix = np.concatenate([block.matrix for block in small.values()])
            pieces |= self._cut(LinearMap(matrix, name=f"{self.prefix}linear_rows")(pdf), small)
        if squares:
            blocks = [SquaresBlock(rows.functionals, rows.signs, rows.counts) for rows in squares.values()]
            sums = SumsOfSquares(blocks, name=f"{self.prefix}sums_of_squares")(pdf)
            pieces |= self._cut(sums, squares)
        return [pieces[index] for index in range(len(self.blocks))]

    def _cut(self, rows: Any, blocks: Mapping[int, LinearRows | SquareRows]) -> dict[int, Any]:
        """Give each block its part of the rows, which follow each other."""
        stops = np.cumsum([block.ndata for block in blocks.values()]).tolist()
        return {
            index: cut_rows(rows, stop - block.ndata, stop, f"{self.prefix}rows_{index}")
            for (index, block), stop in zip(blocks.items(), stops, strict=True)
        }


def cut_rows(rows: Any, start: int, stop: int, name: str) -> Any:
    """Take some rows of a tensor ``(1, R, n)``."""
    return Lambda(lambda tensor: tensor[..., start:stop], name=name)(rows)


def join_rows(blocks: Sequence[Any]) -> Any:
    """Put blocks of rows behind each other."""
    return blocks[0] if len(blocks) == 1 else op.concatenate(list(blocks), axis=-1)


@dataclass(frozen=True)
class PlannedObservable:
    """An observable whose linear rows wait in a LinearStack; each block is a number in it or a bilinear map."""

    name: str
    operation: str
    operands: tuple[tuple[int | BilinearRows, ...], ...]

    def evaluate(self, pdf: Any, pieces: Sequence[Any], prefix: str) -> Any:
        """Give the predictions ``(1, R, ndata)``."""
        operands = []
        for number, operand in enumerate(self.operands):
            blocks = [
                pieces[block]
                if isinstance(block, int)
                else BilinearMap(block.forms, block.nodes, name=f"{prefix}{self.name}_{number}_{position}")(pdf)
                for position, block in enumerate(operand)
            ]
            operands.append(join_rows(blocks))
        if self.operation == "NULL":
            return operands[0]
        return TableOperation(self.operation, name=f"{prefix}{self.name}_{self.operation}")(operands)


def plan_observable(observable: FoldedObservable, stack: LinearStack) -> PlannedObservable:
    """Put the linear rows of an observable on the stack."""
    matrix = observable.linear_matrix()
    if matrix is not None:
        return PlannedObservable(observable.name, "NULL", ((stack.add(LinearRows(matrix)),),))
    operands = tuple(
        tuple(rows if isinstance(rows, BilinearRows) else stack.add(rows) for rows in operand)
        for operand in observable.operands
    )
    return PlannedObservable(observable.name, observable.operation, operands)
