"""Penalties of replicas in hyperparameter scans: saturation at small x, late or early best epochs, integrability."""

from __future__ import annotations

import numpy as np

from n3fit.typing import Floats, Integers

SATURATION_FLAVOURS = ("Sigma", "g")
SATURATION_RANGE = (1e-6, 1e-4)
SATURATION_POINTS = 100
SMALLEST_SLOPE = 1e-7
"""Added to the slopes, so that the penalty stays finite."""

PATIENCE_SLOPE = 1e-4
"""Growth of the penalty with the distance in epochs."""

INTEGRABLE = 0.5
"""Integrability number above which a flavour counts as not integrable."""

LARGEST_EXPONENT = 50.0


def saturation_nodes() -> Floats:
    """Return the 100 nodes of the saturation penalty, even in log x from 1e-6 to 1e-4."""
    return np.geomspace(*SATURATION_RANGE, SATURATION_POINTS)


def saturation(values: Floats) -> Floats:
    """Compute the penalty of PDFs that are flat at small x.

    It is the sum over Sigma and g of 1 / (1e-7 + |mean s| + std s), s being the differences of x f per log10 x.

    Parameters
    ----------
    values : (R, 100, 2)
        x f(x) of SATURATION_FLAVOURS at :func:`saturation_nodes`.

    Returns
    -------
    (R,)
    """
    slopes = np.diff(values, axis=1) / np.diff(np.log10(saturation_nodes()))[:, np.newaxis]
    spread = SMALLEST_SLOPE + np.abs(slopes.mean(axis=1)) + slopes.std(axis=1)
    penalty: Floats = np.sum(1 / spread, axis=1)
    return penalty


def patience(validation: Floats, best_epochs: Integers, *, epochs: int, stopping_patience: float) -> Floats:
    """Compute the penalty of best epochs far from where the patience would just suffice.

    It is v exp(1e-4 |epochs - int(epochs * patience) - best epoch|) with the validation chi2 per point v.

    Parameters
    ----------
    validation, best_epochs : (R,)
    epochs : int
        Of the trial, also for replicas that stop earlier.
    stopping_patience : float
        As a fraction of the epochs.
    """
    distance = np.abs(epochs - int(epochs * stopping_patience) - np.maximum(best_epochs, 0))
    penalty: Floats = validation * np.exp(PATIENCE_SLOPE * distance)
    return penalty


def integrability_penalty(numbers: Floats) -> Floats:
    """Compute exp(min(50, s)) - 1, s being the sum of the integrability numbers (R, 5) that exceed 0.5."""
    total = np.where(numbers > INTEGRABLE, numbers, 0.0).sum(axis=1)
    penalty: Floats = np.expm1(np.minimum(LARGEST_EXPONENT, total))
    return penalty
