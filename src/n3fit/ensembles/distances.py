"""Statistical distances between two ensembles of replicas (arXiv:1002.4407, appendix on distances).

The distance between central values is d^2 = (m1 - m2)^2 / (s1^2 / R1 + s2^2 / R2), with the means m and the variances
s^2 of R replicas: in units of the uncertainty of the means. That between uncertainties has the variances in place of
the means, and as their uncertainties those of an estimated variance, (m4 - (R - 3) / (R - 1) s^4) / R, m4 being the
fourth central moment. Ensembles that describe the same distribution have distances around 1 on average (the mean of
d^2 is 1); a shift by one standard deviation of the PDF with R replicas each gives sqrt(R / 2), 7 for 100 replicas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n3fit.errors import CommandLineError
from n3fit.typing import Floats

FEWEST_REPLICAS = 4


@dataclass(frozen=True, eq=False)
class Distances:
    """Distances between central values and between uncertainties, of one shape; nan where both do not vary."""

    central: Floats
    uncertainty: Floats


def distances(first: Floats, second: Floats) -> Distances:
    """Compute the distances of quantities (R1, ...) and (R2, ...) of the replicas of two ensembles.

    Raises
    ------
    CommandLineError
        An ensemble has fewer than four replicas.
    """
    for values in (first, second):
        if len(values) < FEWEST_REPLICAS:
            raise CommandLineError(
                f"distances: expected at least {FEWEST_REPLICAS} replicas of each fit, received {len(values)}"
            )
    (mean1, variance1, of_variance1), (mean2, variance2, of_variance2) = _estimates(first), _estimates(second)
    return Distances(
        central=_ratio(mean1 - mean2, variance1 / len(first) + variance2 / len(second)),
        uncertainty=_ratio(variance1 - variance2, of_variance1 + of_variance2),
    )


def expected_shift(first: int, second: int) -> float:
    """Compute the distance for a shift by one standard deviation, for two numbers of replicas."""
    return float(1.0 / np.sqrt(1.0 / first + 1.0 / second))


def _estimates(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Compute the mean, the variance, and the variance of the estimated variance."""
    R = len(values)
    mean = values.mean(axis=0)
    variance = values.var(axis=0, ddof=1)
    fourth = ((values - mean) ** 4).mean(axis=0)
    of_variance = (fourth - (R - 3) / (R - 1) * variance**2) / R
    return mean, variance, of_variance


def _ratio(difference: Floats, variance: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.abs(difference) / np.sqrt(variance)
    return np.where(variance > 0, ratio, np.nan)
