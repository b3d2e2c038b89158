"""Residuals of every replica to its data, transformed so that chi2 is a sum of squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from n3fit.compression.forms import LinearForms
from n3fit.compression.thin_products import thin_product
from n3fit.layers.chi2 import MaskedSquares, PointSplitChi2, Residuals
from n3fit.layers.observables import LinearMap
from n3fit.model.chi2_forms import DividedChi2, EigenbasisChi2, PointChi2, ReducedChi2
from n3fit.model.predictions import (
    LARGE_BLOCK,
    FormCollection,
    rounding_error,
)
from n3fit.model.spec import TrainingProblem
from n3fit.model.whitening import RowTransform, points_by_linearity, residual_transforms, scaled_covariance
from n3fit.typing import Floats, Indices


@dataclass(frozen=True)
class ResidualTransform:
    """A linear transform of the residuals T - D of all N points.

    Parameters
    ----------
    rows : (n,)
        Positions of its rows among those of the split.
    linear : int or None
        Number in the FormCollection of the rows (n, nx * F) from the data sets linear in the PDF; None if they are
        zero.
    mixing : (n, M) or None
        Acts on the M predictions of the other data sets; None if it is zero.
    data : (R, n)
        Transformed data of each replica.
    """

    rows: Indices
    linear: int | None
    mixing: Floats | None
    data: Floats


@dataclass(frozen=True)
class ResidualPlan:
    """Transforms of the residuals."""

    transforms: tuple[ResidualTransform, ...]

    @property
    def rows(self) -> list[Indices]:
        """The rows of each transform."""
        return [transform.rows for transform in self.transforms]

    def evaluate(self, predictions: Sequence[Any], others: Any, prefix: str) -> list[Any]:
        """Build the transformed residuals, ``(1, R, n)`` each.

        Parameters
        ----------
        predictions : sequence of tensors
            From :meth:`FormCollection.evaluate`.
        others : tensor or None
            Predictions ``(1, R, M)`` of the data sets that are not linear, None if there are none.
        prefix : str
            First part of the names of the layers.
        """
        residuals = []
        for number, transform in enumerate(self.transforms):
            rows = None if transform.linear is None else predictions[transform.linear]
            if transform.mixing is not None:
                product = thin_product(transform.mixing, rounding_error(others))
                mixed = LinearMap(product, name=f"{prefix}nonlinear_rows_{number}")(others)
                rows = mixed if rows is None else rows + mixed
            residuals.append(Residuals(transform.data, name=f"{prefix}residuals_{number}")(rows))
        return residuals


def plan_residuals(problem: TrainingProblem, forms: FormCollection) -> ResidualPlan:
    """Return the transforms of the residuals of an undivided problem, and add their linear rows to ``forms``.

    There are transforms for each group of correlated points: their rows depend on fewer nodes, and on fewer data sets,
    than all rows together.
    """
    chi2 = problem.chi2
    if isinstance(chi2, DividedChi2 | ReducedChi2):
        raise TypeError("expected one part of a divided problem")
    linear_points, other_points = points_by_linearity(problem)
    matrices = [matrix for observable in problem.observables if (matrix := observable.linear_matrix()) is not None]
    stacked = np.concatenate(matrices) if matrices else None
    transforms = []
    for transform in residual_transforms(chi2, other_points, smallest=LARGE_BLOCK):
        linear, own = _own_columns(transform, linear_points)
        mixing = _columns(transform, other_points)
        # the other rows have nothing to add
        forms_of_rows = None if stacked is None or (mixing.any() and not linear.any()) else linear @ stacked[own]
        transforms.append(
            ResidualTransform(
                rows=transform.rows,
                linear=None if forms_of_rows is None else forms.add(LinearForms(forms_of_rows)),
                mixing=mixing if mixing.any() else None,
                data=problem.data[:, transform.points] @ transform.matrix.T,
            )
        )
    return ResidualPlan(tuple(transforms))


def _own_columns(transform: RowTransform, points: Indices) -> tuple[Floats, Indices]:
    """Return the columns (n, k) of a transform for those of some points that it acts on, and their k positions."""
    _, positions, sources = np.intersect1d(points, transform.points, return_indices=True)
    return transform.matrix[:, sources], positions


def _columns(transform: RowTransform, points: Indices) -> Floats:
    """Return the columns (n, p) of a transform for p points, zero for those that it does not act on."""
    own, positions = _own_columns(transform, points)
    columns = np.zeros((len(transform.matrix), len(points)))
    columns[:, positions] = own
    return columns


def split_chi2(
    residuals: Sequence[Any], rows: Sequence[Indices], chi2: EigenbasisChi2 | PointChi2, prefix: str
) -> tuple[Any, Any]:
    """Build the training and the validation chi2, ``(1, R)`` each.

    Parameters
    ----------
    residuals : sequence of tensors
        From :meth:`ResidualPlan.evaluate`.
    rows : sequence of arrays of int
        Those of each transform.
    chi2 : EigenbasisChi2 or PointChi2
    prefix : str
        First part of the names of the layers.
    """
    training = chi2.training
    if isinstance(chi2, EigenbasisChi2):
        sums = [
            [
                MaskedSquares(mask[:, kept], name=f"{prefix}{name}_modes_{number}")(transformed)
                for number, (transformed, kept) in enumerate(zip(residuals, rows, strict=True))
            ]
            for name, mask in (("training", training), ("validation", ~training))
        ]
        return reduce(add, sums[0]), reduce(add, sums[1])
    correlation, _ = scaled_covariance(chi2)
    layer = PointSplitChi2(correlation, training, name=f"{prefix}point_split")
    return layer(list(residuals))
