"""The points in flavour and x at which members of a set are compared, and the members there.

x runs over the range of the data, from 1e-5 to 0.9, logarithmic up to 0.1 and linear from there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.errors import DataError
from n3fit.typing import Floats

_SMALLEST_X, _TURNING_POINT, _LARGEST_X = 1e-5, 0.1, 0.9
_COVARIANCE_STEPS, _CHOICE_STEPS = 50, 8
_CONSTANT = 1e-8  # of the largest value at a point: smaller deviations are the rounding of files


@dataclass(frozen=True, eq=False)
class Samples:
    """Members at F flavours and n points in x.

    Parameters
    ----------
    flavours : tuple of str
    x : (n,)
    members : (R, F, n)
        x f(x, Q) of the replicas.
    central : (F, n)
        Of member 0.
    """

    flavours: tuple[str, ...]
    x: Floats
    members: Floats
    central: Floats

    @property
    def deviation(self) -> Floats:
        """(F, n) standard deviation of the replicas; zero where they do not vary but for rounding."""
        spread = self.members.std(axis=0, ddof=1)
        largest = np.abs(self.members).max(axis=0)
        return np.where(spread > _CONSTANT * largest, spread, 0.0)


def covariance_points(x_min: float) -> Floats:
    """Return the 100 points in x of the covariance, fewer for a set whose smallest x is above 1e-5."""
    return _points(_COVARIANCE_STEPS, x_min)


def choice_points(x_min: float) -> Floats:
    """Return the 16 points in x of the error functions of a choice of replicas."""
    return _points(_CHOICE_STEPS, x_min)


def take_samples(ensemble: EnsembleOnGrid) -> Samples:
    """Return the members at the nodes, for the flavours that do not vanish; charm and anticharm as their sum.

    Raises
    ------
    DataError
        The replicas are equal.
    """
    partons = ensemble.shown_partons("flavour")
    samples = Samples(
        flavours=tuple(parton.name for parton in partons),
        x=ensemble.x,
        members=np.stack([ensemble.members_of(parton) for parton in partons], axis=1),
        central=np.stack([ensemble.central_of(parton) for parton in partons]),
    )
    if not samples.deviation.any():
        raise DataError(f"{ensemble.label}: expected replicas that differ, received {len(samples.members)} equal ones")
    return samples


def _points(steps: int, x_min: float) -> Floats:
    lower = np.geomspace(_SMALLEST_X, _TURNING_POINT, steps + 1)[:-1]
    upper = np.linspace(_TURNING_POINT, _LARGEST_X, steps)
    return np.concatenate([lower[lower >= x_min], upper])
