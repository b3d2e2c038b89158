"""Residuals of every replica to its data: whitened in the eigenbasis, or scaled point by point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.layers.chi2 import MaskedSquares, PointSplitChi2, Residuals
from n3fit.layers.observables import LinearMap
from n3fit.model.folding import LinearRows
from n3fit.model.problem import EigenbasisChi2, TrainingProblem
from n3fit.model.rows import LinearStack, PlannedObservable, join_rows, plan_observable

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PlannedResiduals:
    """Residuals whose linear rows wait in a LinearStack.

    The rows of data sets linear in the PDF come first, those of the others behind them. In the eigenbasis the linear
    rows are whitened in the stack already, and ``mixing`` (N, n) whitens the others; point by point every row is
    divided by its uncertainty, ``mixing`` (n, n) does it for the others.
    """

    linear: int | None
    nonlinear: tuple[PlannedObservable, ...]
    mixing: Floats
    data: Floats
    whitened: bool

    def evaluate(self, pdf: Any, pieces: Sequence[Any], prefix: str) -> Any:
        """Give the residuals ``(1, R, N)``."""
        blocks = [] if self.linear is None else [pieces[self.linear]]
        if self.nonlinear:
            predictions = join_rows([planned.evaluate(pdf, pieces, prefix) for planned in self.nonlinear])
            blocks.append(LinearMap(self.mixing, name=f"{prefix}nonlinear_rows")(predictions))
        rows = blocks[0] + blocks[1] if self.whitened and len(blocks) == 2 else join_rows(blocks)
        return Residuals(self.data, name=f"{prefix}residuals")(rows)


def row_order(problem: TrainingProblem) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the points of the data sets linear in the PDF, and those of the others."""
    points = np.arange(sum(observable.ndata for observable in problem.observables))
    edges = np.cumsum([0, *(observable.ndata for observable in problem.observables)])
    linear = [observable.linear_matrix() is not None for observable in problem.observables]
    blocks = [points[start:stop] for start, stop in pairwise(edges)]
    empty = points[:0]
    return (
        np.concatenate([empty, *(block for block, is_linear in zip(blocks, linear, strict=True) if is_linear)]),
        np.concatenate([empty, *(block for block, is_linear in zip(blocks, linear, strict=True) if not is_linear)]),
    )


def plan_residuals(problem: TrainingProblem, stack: LinearStack) -> PlannedResiduals:
    """Put the linear rows of all data sets on the stack, whitening or scaling folded in."""
    linear_points, other_points = row_order(problem)
    matrices = [matrix for observable in problem.observables if (matrix := observable.linear_matrix()) is not None]
    if isinstance(problem.chi2, EigenbasisChi2):
        whitening = problem.chi2.whitening
        rows = whitening[:, linear_points] @ np.concatenate(matrices) if matrices else None
        mixing, data, whitened = whitening[:, other_points], problem.data @ whitening.T, True
    else:
        sigma = np.sqrt(np.diag(problem.chi2.covariance))
        rows = np.concatenate(matrices) / sigma[linear_points, np.newaxis] if matrices else None
        mixing, whitened = np.diag(1 / sigma[other_points]), False
        data = (problem.data / sigma)[:, np.concatenate([linear_points, other_points])]
    nonlinear = [observable for observable in problem.observables if observable.linear_matrix() is None]
    return PlannedResiduals(
        linear=None if rows is None else stack.add(LinearRows(rows)),
        nonlinear=tuple(plan_observable(observable, stack) for observable in nonlinear),
        mixing=mixing,
        data=data,
        whitened=whitened,
    )


def split_chi2(residuals: Any, problem: TrainingProblem, prefix: str) -> tuple[Any, Any]:
    """Give the training and the validation chi2, ``(1, R)`` each."""
    training = problem.chi2.training
    if isinstance(problem.chi2, EigenbasisChi2):
        return (
            MaskedSquares(training, name=f"{prefix}training_modes")(residuals),
            MaskedSquares(~training, name=f"{prefix}validation_modes")(residuals),
        )
    order = np.concatenate(row_order(problem))
    covariance = problem.chi2.covariance
    sigma = np.sqrt(np.diag(covariance))
    correlation = (covariance / np.outer(sigma, sigma))[np.ix_(order, order)]
    layer = PointSplitChi2(np.linalg.inv(correlation), training[:, order], name=f"{prefix}point_split")
    return layer(residuals)
