"""Short forms of what tests compute of data: chi2 by a linear solution, and pseudodata of one replica."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.data import CommonData, PseudodataGenerator

Floats = NDArray[np.float64]


def chi2_values(predictions: Floats, central: Floats, covariance: Floats) -> Floats:
    """Return ``(T - D)^T C^-1 (T - D)`` of predictions (R, N) or (N,), not divided by the number of points."""
    residuals = np.asarray(predictions) - central
    values: Floats = np.sum(residuals * np.linalg.solve(covariance, residuals.T).T, axis=-1)
    return values


def draw_pseudodata(
    datasets: Sequence[CommonData],
    covariance: Floats,
    *,
    seed: int,
    replica: int,
    separate_multiplicative: bool = False,
    **options: Any,
) -> Floats:
    """Return the pseudodata (N,) of one replica."""
    generator = PseudodataGenerator(
        datasets, covariance, separate_multiplicative=separate_multiplicative, positive=True
    )
    return generator.draw(seed=seed, replica=replica, **options)
