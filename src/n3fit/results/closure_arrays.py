"""The arrays of a closure test in a fit folder: true values, and residuals from which all estimators follow.

With the predictions g_r of the replicas, the truth f, the data D and the experimental covariance C at the truth, the
residuals are d_r = g_r - f and, behind them, D - f. They are whitened in each group of points: their products
d_a^T C^-1 d_b give every chi2, bias and variance, for any choice of replicas and without C. A row belongs to one
replica alone, so that the rows of several fits are those of one fit of all their replicas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from n3fit.data.closure import ClosureTruth
from n3fit.errors import CommandLineError, DataError
from n3fit.results.array_files import read_array_file
from n3fit.results.group_whitening import GroupWhitening
from n3fit.results.layout import CLOSURE
from n3fit.results.point_table import LEVELS, point_groups
from n3fit.results.records import DatasetRecord
from n3fit.storage.arrays import arrays_to_bytes
from n3fit.typing import Floats, Integers

if TYPE_CHECKING:
    from n3fit.results.folder import FitFolder

_HINT = "the file is damaged; restore it or fit again"
_RESIDUALS = {f"residuals_{level}": level for level in LEVELS}
_PRODUCTS_ALONE = frozenset({"truth", "products"})
"""The arrays of fits of earlier versions, which have no residuals."""


@dataclass(frozen=True)
class ClosureArrays:
    """R replicas, N points, G groups: those of :func:`closure_groups`.

    Parameters
    ----------
    truth : (N,)
        The true values.
    residuals : mapping
        By level, (R + 1, N): the whitened residuals of the replicas and, last, of the data, group after group; nan
        for a replica that is not finite. Empty for a fit of an earlier version.
    stored_products : (G, R + 1, R + 1), optional
        Of a fit of an earlier version, in place of the residuals.
    """

    truth: Floats
    residuals: Mapping[str, Floats]
    stored_products: Floats | None = None

    def products(self, datasets: Sequence[DatasetRecord]) -> Iterator[Floats]:
        """Yield the products (R + 1, R + 1) of the residuals in each group."""
        if self.stored_products is not None:
            yield from self.stored_products
            return
        for level, groups in point_groups(datasets).items():
            start = 0
            for points in groups.values():
                values = self.residuals[level][:, start : start + len(points)]
                yield values @ values.T
                start += len(points)


def closure_groups(datasets: Sequence[DatasetRecord]) -> list[tuple[str, str, NDArray[np.int64]]]:
    """Return level, name and points of each group: every data set, every experiment, and all together."""
    return [
        (level, name, points) for level, groups in point_groups(datasets).items() for name, points in groups.items()
    ]


def collect_closure(
    truth: ClosureTruth, datasets: Sequence[DatasetRecord], *, predictions: Floats, central: Floats
) -> ClosureArrays:
    """Compute the arrays from predictions (R, N) and data (N,)."""
    values = np.vstack([predictions, central])
    indices = point_groups(datasets)
    residuals = {
        level: whiten_groups(values, truth.predictions, truth.covariance, list(indices[level].values()))
        for level in LEVELS
    }
    return ClosureArrays(truth=truth.predictions, residuals=residuals)


def whiten_groups(values: Floats, truth: Floats, covariance: Floats, groups: Sequence[Integers]) -> Floats:
    """Return ``L^-1 (v - f)`` of each group of points, one after the other; nan for values not finite in a group.

    Parameters
    ----------
    values : (A, N)
    truth : (N,)
    covariance : (N, N)
        Positive definite.
    groups : sequence of (n,) int
    """
    with threadpool_limits(limits=1, user_api="blas"):
        whitening = GroupWhitening(values, truth, covariance)
        return np.concatenate([np.zeros((len(values), 0)), *map(whitening.whiten, groups)], axis=1)


def check_joinable(fit: FitFolder) -> None:
    """Check that replicas can be added to a fit if it is a closure test.

    Raises
    ------
    CommandLineError
        It is of an earlier version, which kept products of all pairs of its replicas instead of their residuals.
    DataError, ResourceError
        The file is missing, damaged, or does not belong to this fit.
    """
    if fit.description.closure is not None and not read_closure_arrays(fit).residuals:
        raise CommandLineError(
            f"{fit.path}: is a closure test of n3fit {fit.manifest.versions.get('n3fit', 'before this')}, to which no "
            "replicas can be added",
            hint="fit all its replicas again, into another folder",
        )


def join_closure(fits: Sequence[FitFolder], order: NDArray[np.intp]) -> ClosureArrays:
    """Return the arrays of the replicas of several fits of the same data, in the order of the joined rows ``order``.

    Raises
    ------
    DataError
        The fits have other true values.
    """
    parts = [read_closure_arrays(fit) for fit in fits]
    first = parts[0]
    for fit, part in zip(fits[1:], parts[1:], strict=True):
        if not np.array_equal(part.truth, first.truth):
            raise DataError(f"{fit.path / CLOSURE}: the true values are not those of {fits[0].path}", hint=_HINT)
    residuals = {
        level: np.concatenate(
            [np.concatenate([part.residuals[level][:-1] for part in parts])[order], first.residuals[level][-1:]]
        )
        for level in first.residuals
    }
    return ClosureArrays(first.truth, residuals)


def closure_to_bytes(arrays: ClosureArrays) -> bytes:
    """Return the content of the file of the arrays."""
    return arrays_to_bytes(
        {"truth": arrays.truth} | {name: arrays.residuals[level] for name, level in _RESIDUALS.items()}
    )


def read_closure_arrays(fit: FitFolder) -> ClosureArrays:
    """Read the arrays of a closure test; they are those of all replicas of the folder, damaged ones included.

    Raises
    ------
    DataError, ResourceError
        The file is missing, damaged, or does not belong to this fit.
    """
    expected = {"truth", *_RESIDUALS}
    path, content = read_array_file(fit.path, CLOSURE, expected, _PRODUCTS_ALONE, folder_format=fit.manifest.format)
    points = max((dataset.stop for dataset in fit.description.datasets), default=0)
    size = len(fit.manifest.replicas) + 1
    groups = len(closure_groups(fit.description.datasets))
    shapes = {"truth": (points,), "products": (groups, size, size)}
    for name, received in content.items():
        shape = shapes.get(name, (size, points))
        if received.shape != shape or received.dtype.kind != "f":
            raise DataError(
                f"{path}: {name}: expected numbers of the shape {shape}, received {received.dtype} of {received.shape}",
                hint=_HINT,
            )
    residuals = {level: content[name] for name, level in _RESIDUALS.items() if name in content}
    return ClosureArrays(content["truth"], residuals, content.get("products"))
