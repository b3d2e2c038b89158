"""Central value and uncertainty of a quantity from its values by member, for each kind of PDF set.

Replicas: mean, the central 68 % of the replicas, standard deviation. Hessian sets: arXiv:1412.7420, section 2.2;
symmetric sets have one member for each eigenvector, the others two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from n3fit.typing import Floats

ErrorKind = Literal["replicas", "symmhessian", "hessian", "central"]

LOWER, UPPER = 16.0, 84.0
"""Percentiles between which the central 68 % of the replicas lie."""


@dataclass(frozen=True, eq=False)
class Band:
    """Central value, limits of the 68 % interval and standard deviation of a quantity, of one shape."""

    central: Floats
    low: Floats
    high: Floats
    deviation: Floats


def band_of(members: Floats, central: Floats, kind: ErrorKind, *, scale: float = 1.0) -> Band:
    """Compute the band of a quantity.

    Parameters
    ----------
    members : (R, ...)
        Finite values by replica or error member, without the central member.
    central : (...)
        Values for the central member, or the mean of the replicas.
    kind : str
        ``central``: there is no uncertainty.
    scale : float
        Divisor of Hessian uncertainties that gives those of 68 %.
    """
    if kind == "replicas" and len(members) > 1:
        low, high = np.percentile(members, [LOWER, UPPER], axis=0)
        return Band(central=central, low=low, high=high, deviation=members.std(axis=0, ddof=1))
    if kind == "symmhessian":
        deviation = np.sqrt(((members - central) ** 2).sum(axis=0)) / scale
    elif kind == "hessian":
        deviation = 0.5 * np.sqrt(((members[::2] - members[1::2]) ** 2).sum(axis=0)) / scale
    else:
        deviation = np.zeros_like(central)
    return Band(central=central, low=central - deviation, high=central + deviation, deviation=deviation)
