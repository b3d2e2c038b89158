"""Growth of the Lagrange multipliers of positivity and integrability."""

from __future__ import annotations

import math

from n3fit.errors import RuncardError

EPOCHS_PER_UPDATE = 100
"""Number of epochs between two updates of the multipliers."""


def lagrange_schedule(
    maxlambda: float, initial: float | None, multiplier: float | None, epochs: int
) -> tuple[float, float]:
    """Return the initial value of a Lagrange multiplier and the factor of every update.

    With n = epochs / 100 updates, a missing number follows from initial * multiplier^n = maxlambda; if both are
    missing, the initial value is 1.

    >>> start, factor = lagrange_schedule(1e6, None, None, 600)
    >>> round(start, 9), round(factor, 9)
    (1.0, 10.0)

    Parameters
    ----------
    maxlambda : float
        Value at the last epoch; not negative. With 0 the multiplier is its initial value until the first update.
    initial, multiplier : float or None
        Initial value and factor; None where the runcard has none.
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
    vanishing = maxlambda == 0.0
    if not all(math.isfinite(value) and (value > 0 or (vanishing and value == 0)) for value in schedule):
        raise RuncardError(
            "the Lagrange multiplier: expected a finite positive start and factor, received"
            f" maxlambda={maxlambda:g}, initial={initial}, multiplier={multiplier}, epochs={epochs}",
            hint="choose a multiplier nearer to 1",
        )
    return schedule
