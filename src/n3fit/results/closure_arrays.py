"""The arrays of a closure test in a fit folder: true values, and products from which all estimators follow.

With the predictions g_r of the replicas, the truth f, the data D and the experimental covariance C at the truth, the
residuals are d_r = g_r - f and, behind them, D - f. Their products d_a^T C^-1 d_b in each group of points are far
smaller than C and give every chi2, bias and variance, for any choice of replicas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from n3fit.data.closure import ClosureTruth
from n3fit.data.whitening import whiten_residuals
from n3fit.errors import DataError
from n3fit.results.array_files import read_array_file
from n3fit.results.layout import CLOSURE
from n3fit.results.point_table import point_groups
from n3fit.results.records import DatasetRecord
from n3fit.storage.arrays import arrays_to_bytes
from n3fit.typing import Floats

if TYPE_CHECKING:
    from n3fit.results.folder import FitFolder


@dataclass(frozen=True)
class ClosureArrays:
    """R replicas, N points, G groups: those of :func:`closure_groups`.

    Parameters
    ----------
    truth : (N,)
        The true values.
    products : (G, R + 1, R + 1)
        Products of the residuals of the replicas and, last, of the data; nan for a replica that is not finite.
    """

    truth: Floats
    products: Floats


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
    products = []
    for _, _, points in closure_groups(datasets):
        covariance = truth.covariance[np.ix_(points, points)]
        products.append(residual_products(values[:, points], truth.predictions[points], covariance))
    return ClosureArrays(truth=truth.predictions, products=np.stack(products))


def residual_products(values: Floats, truth: Floats, covariance: Floats) -> Floats:
    """Compute ``(v_a - f)^T C^-1 (v_b - f)``, (A, A), for values (A, n), truth (n,); nan where one is not finite."""
    finite = np.isfinite(values).all(axis=1)
    products = np.full((len(values), len(values)), np.nan)
    whitened = whiten_residuals(values[finite], truth, covariance)
    products[np.ix_(finite, finite)] = whitened @ whitened.T
    return products


def closure_to_bytes(arrays: ClosureArrays) -> bytes:
    """Return the content of the file of the arrays."""
    return arrays_to_bytes({"truth": arrays.truth, "products": arrays.products})


def read_closure_arrays(fit: FitFolder) -> ClosureArrays:
    """Read the arrays of a closure test; products are those of all replicas of the folder, damaged ones included.

    Raises
    ------
    DataError, ResourceError
        The file is missing, damaged, or does not belong to this fit.
    """
    path, content = read_array_file(fit.path, CLOSURE, {"truth", "products"}, folder_format=fit.manifest.format)
    arrays = ClosureArrays(**content)
    groups = closure_groups(fit.description.datasets)
    size = len(fit.manifest.replicas) + 1
    expected = {"truth": (len(groups[-1][2]),), "products": (len(groups), size, size)}
    for name, shape in expected.items():
        received = getattr(arrays, name)
        if received.shape != shape or received.dtype.kind != "f":
            raise DataError(
                f"{path}: {name}: expected numbers of the shape {shape}, received {received.dtype} of {received.shape}",
                hint="the file is damaged; restore it or fit again",
            )
    return arrays
