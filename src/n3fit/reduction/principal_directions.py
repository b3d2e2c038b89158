"""Principal directions of the covariance of replicas (arXiv:1505.06736, arXiv:1602.00005).

With the deviations X of R replicas from their mean at P points, the covariance is X^T X / (R - 1). The singular value
decomposition X = U S V^T has its eigenvectors in V. Each of the first columns u of U gives an error member, the central
one plus the sum over replicas r of u_r X_r / sqrt(R - 1): a linear combination of replicas, at every point and, since
evolution is linear, at every scale. The squares of all of them add up to the variances and covariances.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n3fit.errors import CommandLineError
from n3fit.reduction.samples import Samples
from n3fit.typing import Floats

_NEGLIGIBLE = 1e-10  # of the largest singular value: rounding


@dataclass(frozen=True, eq=False)
class Directions:
    """The n principal directions of R replicas.

    Parameters
    ----------
    coefficients : (n, R)
        Error member k is the central member plus ``coefficients[k] @ replicas``. Each row adds up to zero.
    retained : float
        Share of the sum of all variances, in the units of the decomposition, that the directions describe.
    """

    coefficients: Floats
    retained: float


def principal_directions(samples: Samples, count: int, *, scaled: bool = True) -> Directions:
    """Compute the ``count`` directions of largest variance.

    The order of the replicas does not matter. The sign of a direction is such that its largest deviation is positive.

    Parameters
    ----------
    samples : Samples
    count : int
    scaled : bool
        Decompose the covariance in units of the standard deviation at each point, in which every flavour and x counts
        alike; otherwise that of x f itself, to which large x and small distributions hardly contribute.

    Raises
    ------
    CommandLineError
        There are fewer directions in which the replicas vary.
    """
    replicas = len(samples.members)
    spread = samples.deviation
    varying = spread > 0
    values = samples.members[:, varying]
    deviations = values - values.mean(axis=0)
    if scaled:
        deviations /= spread[varying]
    left, sizes, right = np.linalg.svd(deviations, full_matrices=False)
    known = int((sizes > _NEGLIGIBLE * sizes[0]).sum())
    if not 1 <= count <= known:
        raise CommandLineError(
            f"directions: expected 1 to {known}, in which {replicas} replicas vary, received {count}",
            hint=f"choose -n {known} for all of them, or fit more replicas" if count > known else "",
        )
    coefficients = left[:, :count].T / np.sqrt(replicas - 1)
    rows = right[:count]
    largest = np.abs(rows).argmax(axis=1)
    coefficients *= np.sign(rows[np.arange(count), largest])[:, None]
    coefficients -= coefficients.mean(axis=1, keepdims=True)  # zero but for rounding
    return Directions(coefficients=coefficients, retained=float((sizes[:count] ** 2).sum() / (sizes**2).sum()))
