"""The loss of observables that must not be negative."""

from __future__ import annotations

import numpy as np

from n3fit.typing import Floats

ELU_SLOPE = 1e-7
"""Parameter of the ELU function of the positivity penalty, arXiv:2109.02653, eq. (3.13)."""


def positivity_loss(predictions: Floats) -> Floats:
    """Return the positivity loss (R,) of the predictions (R, ndata) of one set: the sum of elu(-T)."""
    negative = -predictions
    with np.errstate(over="ignore"):
        elu = np.where(negative > 0, negative, ELU_SLOPE * np.expm1(np.minimum(negative, 0)))
    loss: Floats = elu.sum(axis=-1)
    return loss
