"""Chi2 of replicas that are fitted to different points, reduced to the few numbers that all predictions depend on.

The whitened predictions of all linear data sets have few singular values that differ from zero in the precision of the
training: they depend on r combinations of the PDF on its nodes. With the predictions of the other data sets there are q
variables z, and chi2 of any points of a replica is ``|M z - b|^2`` with as many rows as points, of which the QR
decomposition of (M, b) leaves q: ``|K z - e|^2 + c`` with triangular K. The points of each replica, and the covariance
between them, are in K, e and c alone.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import cholesky, qr, solve_triangular
from threadpoolctl import threadpool_limits

from n3fit.compression.thin_products import SINGULAR_VALUES
from n3fit.data.covariance import correlated_points
from n3fit.model.chi2_forms import DataPart, DividedChi2, EigenbasisChi2, ReducedChi2, ReducedForms
from n3fit.model.spec import TrainingProblem
from n3fit.typing import Booleans, Floats

MOST_NUMBERS = 2**28
"""Numbers in the triangular matrices of all replicas beyond which the chi2 is not reduced: 1 GB in single precision."""

MOST_VARIABLES = 600
"""Variables beyond which it is not: reading the matrices takes longer than products with whitened tables."""


def reduce_chi2(problem: TrainingProblem, *, precision: float) -> TrainingProblem:
    """Return a divided problem in reduced form, the same problem where that would be larger.

    Parameters
    ----------
    problem : TrainingProblem
        With a DividedChi2.
    precision : float
        Relative rounding error of the training.
    """
    divided = problem.chi2
    assert isinstance(divided, DividedChi2)
    nonlinear = tuple(i for i, entry in enumerate(problem.observables) if entry.linear_matrix() is None)
    others = sum(problem.observables[index].ndata for index in nonlinear)
    replicas = len(problem.data)
    if others > MOST_VARIABLES:
        return problem
    with threadpool_limits(limits=1, user_api="blas"):  # the number of threads must not change the result
        basis = _basis(problem, precision)
        count = basis.shape[1] + others
        if count > MOST_VARIABLES or 2 * replicas * count**2 > MOST_NUMBERS:
            return problem
        rows = _rows(problem, basis, others)
        dtype = np.float32 if precision > np.finfo(np.float32).eps / 2 else np.float64
        forms = [_empty_forms(replicas, count, np.dtype(dtype)) for _ in range(2)]
        for part in divided.parts:
            _reduce_part(problem, part, rows, forms)
    return TrainingProblem(
        xgrid=problem.xgrid,
        observables=problem.observables,
        data=problem.data,
        chi2=ReducedChi2(basis, nonlinear, *forms),
        positivity=problem.positivity,
        integrability=problem.integrability,
        compression=problem.compression,
    )


def _basis(problem: TrainingProblem, precision: float) -> Floats:
    """Return orthonormal combinations (nx * F, r) of the PDF on which the linear data depend."""
    matrices = [matrix for entry in problem.observables if (matrix := entry.linear_matrix()) is not None]
    if not matrices:
        return np.zeros((0, 0))
    stacked = np.concatenate([matrix / np.linalg.norm(matrix, axis=1, keepdims=True) for matrix in matrices])
    _, values, right = np.linalg.svd(stacked, full_matrices=False)
    rank = max(1, int(np.count_nonzero(values > SINGULAR_VALUES * precision * values[0])))
    basis: Floats = np.ascontiguousarray(right[:rank].T)
    return basis


def _rows(problem: TrainingProblem, basis: Floats, others: int) -> list[Floats]:
    """Return the predictions of each data set in the variables, (n, q) each."""
    combinations = basis.shape[1]
    rows = []
    first = combinations
    for observable in problem.observables:
        block = np.zeros((observable.ndata, combinations + others))
        matrix = observable.linear_matrix()
        if matrix is None:
            block[:, first : first + observable.ndata] = np.eye(observable.ndata)
            first += observable.ndata
        else:
            block[:, :combinations] = matrix @ basis
        rows.append(block)
    return rows


def _empty_forms(replicas: int, count: int, dtype: np.dtype[np.floating]) -> ReducedForms:
    return ReducedForms(
        roots=np.zeros((replicas, count, count), dtype=dtype),
        targets=np.zeros((replicas, count)),
        constants=np.zeros(replicas),
        points=np.zeros(replicas, dtype=np.int64),
    )


def _reduce_part(problem: TrainingProblem, part: DataPart, rows: list[Floats], forms: list[ReducedForms]) -> None:
    """Fill in the forms of the replicas of a part."""
    own = problem.part(part)
    matrix = np.concatenate([rows[index] for index in part.datasets])
    chi2 = part.chi2
    groups = [] if isinstance(chi2, EigenbasisChi2) else correlated_points(chi2.covariance)
    for place, data, training in zip(part.replicas, own.data, chi2.training, strict=True):
        augmented = np.concatenate([matrix, data[:, np.newaxis]], axis=1)
        if isinstance(chi2, EigenbasisChi2):
            augmented = chi2.whitening @ augmented
        for form, mask in zip(forms, (training, ~training), strict=True):
            if isinstance(chi2, EigenbasisChi2):
                whitened = augmented[mask]
            else:
                whitened = _whiten(augmented, chi2.covariance, [group[mask[group]] for group in groups])
            _fill(form, int(place), whitened, mask)


def _whiten(rows: Floats, covariance: Floats, groups: list[np.ndarray]) -> Floats:
    """Return ``L^-1 rows`` for the points of each group."""
    blocks = []
    for points in groups:
        if len(points):
            factor = cholesky(covariance[np.ix_(points, points)], lower=True)
            blocks.append(solve_triangular(factor, rows[points], lower=True))
    return np.concatenate(blocks) if blocks else rows[:0]


def _fill(form: ReducedForms, place: int, whitened: Floats, mask: Booleans) -> None:
    """Write the form of ``|whitened (z, -1)|^2`` for one replica."""
    count = form.targets.shape[1]
    (triangle,) = qr(whitened, mode="r", overwrite_a=True, check_finite=False)
    kept = min(len(triangle), count)
    form.roots[place, :kept] = triangle[:kept, :count]
    form.targets[place, :kept] = triangle[:kept, count]
    form.constants[place] = triangle[count, count] ** 2 if len(triangle) > count else 0.0
    form.points[place] = np.count_nonzero(mask)
