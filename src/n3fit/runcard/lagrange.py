"""How the Lagrange multipliers of positivity and integrability grow."""

from __future__ import annotations

import math

from n3fit.errors import RuncardError

EPOCHS_PER_UPDATE = 100
"""The multipliers grow once in this many epochs."""


def lagrange_schedule(
    maxlambda: float, initial: float | None, multiplier: float | None, epochs: int
) -> tuple[float, float]:
    """Give the first value of a Lagrange multiplier and the factor of every update.

    With n = epochs / 100 updates, what is missing follows from initial * multiplier^n = maxlambda; with both
    missing the first value is 1.

    Parameters
    ----------
    maxlambda : float
        Value at the last epoch; positive.
    initial, multiplier : float or None
        First value and factor, None where the runcard does not say.
    epochs : int
        Epochs of the fit.

    Returns
    -------
    tuple of float
        ``(initial, multiplier)``.

    Raises
    ------
    RuncardError
        The numbers are too large for a float.
    """
    updates = epochs / EPOCHS_PER_UPDATE
    try:
        if multiplier is None:
            start = 1.0 if initial is None else initial
            schedule = start, (maxlambda / start) ** (1 / updates)
        elif initial is None:
            schedule = maxlambda / multiplier**updates, multiplier
        else:
            schedule = initial, multiplier
    except (OverflowError, ZeroDivisionError):
        schedule = math.inf, math.inf
    if not all(math.isfinite(value) and value > 0 for value in schedule):
        raise RuncardError(
            "the Lagrange multiplier: expected a finite positive start and factor, received"
            f" maxlambda={maxlambda:g}, initial={initial}, multiplier={multiplier}, epochs={epochs}",
            hint="choose a multiplier nearer to 1",
        )
    return schedule
