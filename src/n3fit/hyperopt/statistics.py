"""Statistics over the replicas of a fold and over the folds of a trial."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from n3fit.runcard.kfold import STATISTICS
from n3fit.typing import Floats, Indices


def _average(values: Floats) -> float:
    return float(np.mean(values))


def _largest(values: Floats) -> float:
    return float(np.max(values))


def _deviation(values: Floats) -> float:
    return float(np.std(values))


_FUNCTIONS: Mapping[str, Callable[[Floats], float]] = MappingProxyType(
    dict(zip(STATISTICS, (_average, _average, _largest, _deviation), strict=True))
)


def statistic_of(name: str, values: Floats) -> float:
    """Compute a statistic: the mean, the largest value (``best_worst``) or the standard deviation (``std``, ddof 0).

    >>> [statistic_of(name, np.array([1.0, 2.0, 4.5])) for name in ("average", "average_best", "best_worst")]
    [2.5, 2.5, 4.5]

    Parameters
    ----------
    name : str
        One of ``n3fit.runcard.kfold.STATISTICS``.
    values : (n,)
    """
    return _FUNCTIONS[name](np.asarray(values, dtype=np.float64))


def best_replicas(validation: Floats, proportion: float) -> Indices:
    """Return the positions of the ceil(proportion R) replicas with the smallest validation loss (R,).

    Losses that are not numbers come last.

    >>> best_replicas(np.array([3.0, 1.0, 2.0]), 0.5)
    array([1, 2])
    """
    count = math.ceil(proportion * len(validation))
    return np.argsort(validation, kind="stable")[:count]


def smallest_values(values: Floats, proportion: float) -> Floats:
    """Return the ceil((1 - proportion) R) smallest of R values, at least one.

    The product is that of floating-point numbers: of 20 values, (1 - 0.85) 20 = 3.0000000000000004 leaves 4.
    """
    count = max(1, math.ceil((1 - proportion) * len(values)))
    return np.sort(values)[:count]
