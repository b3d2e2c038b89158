"""From folded observables to tensors of predictions, with one matrix product for everything linear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import Lambda
from n3fit.backends import operations as op
from n3fit.layers.observables import BilinearMap, LinearMap, TableOperation
from n3fit.model.folding import BilinearRows, FoldedObservable, LinearRows

Floats = NDArray[np.float64]


@dataclass
class LinearStack:
    """All rows linear in the PDF, collected first and evaluated at once.

    Parameters
    ----------
    prefix : str
        Before the names of the layers, so that a model may hold several stacks.
    """

    prefix: str = ""
    matrices: list[Floats] = field(default_factory=list)

    def add(self, matrix: Floats) -> int:
        """Ask for the rows of a matrix (n, nx * 8); the number returned finds them after :meth:`evaluate`."""
        self.matrices.append(matrix)
        return len(self.matrices) - 1

    def evaluate(self, pdf: Any) -> list[Any]:
        """Give the rows of each matrix that was added, ``(1, R, n)`` each."""
        if not self.matrices:
            return []
        stacked = np.concatenate(self.matrices)
        rows = LinearMap(stacked, name=f"{self.prefix}linear_rows")(pdf)
        edges = np.cumsum([0, *map(len, self.matrices)]).tolist()
        return [
            cut_rows(rows, start, stop, f"{self.prefix}linear_rows_{index}")
            for index, (start, stop) in enumerate(pairwise(edges))
        ]


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
        return PlannedObservable(observable.name, "NULL", ((stack.add(matrix),),))
    operands = tuple(
        tuple(stack.add(rows.matrix) if isinstance(rows, LinearRows) else rows for rows in operand)
        for operand in observable.operands
    )
    return PlannedObservable(observable.name, observable.operation, operands)
