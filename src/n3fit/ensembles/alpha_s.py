"""The uncertainty of alpha_s beside that of the PDFs, from members of a lower and a higher alpha_s.

Half their difference, rescaled to the uncertainty of alpha_s, is added in quadrature (arXiv:1510.03865, section 6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n3fit.ensembles.bands import Band
from n3fit.errors import CommandLineError
from n3fit.typing import Floats


@dataclass(frozen=True, eq=False)
class AlphaVariation:
    """Two members of another alpha_s.

    Parameters
    ----------
    members : (2, nx, 14)
        x f(x, Q) of the lower and the higher alpha_s.
    values : tuple of float
        alpha_s(MZ) of each; nan where the set does not say.
    """

    members: Floats
    values: tuple[float, float]

    def ratio(self, error: float | None, *, label: str) -> float:
        """Return the uncertainty ``error`` of alpha_s(MZ) over half the difference of the members, 1 for None.

        Raises
        ------
        CommandLineError
            The alpha_s of the members is not known, or ``error`` is negative.
        """
        if error is None:
            return 1.0
        half = 0.5 * (self.values[1] - self.values[0])
        if not half > 0:
            raise CommandLineError(f"{label}: alpha_s_error: expected members with AlphaS_MZ in their headers")
        if not error >= 0:
            raise CommandLineError(f"{label}: alpha_s_error: expected a number that is not negative, received {error}")
        return error / half


def add_alpha_s(band: Band, lower: Floats, upper: Floats, *, ratio: float = 1.0) -> Band:
    """Return a band with the uncertainty of alpha_s added in quadrature.

    Parameters
    ----------
    band : Band
        Of the PDFs alone.
    lower, upper : arrays
        Values of the quantity for the members of lower and higher alpha_s, of the shape of the band.
    ratio : float
        The uncertainty of alpha_s over half the difference of the members.
    """
    shift = 0.5 * ratio * (upper - lower)
    return Band(
        central=band.central,
        low=band.central - np.hypot(np.maximum(band.central - band.low, 0.0), shift),
        high=band.central + np.hypot(np.maximum(band.high - band.central, 0.0), shift),
        deviation=np.hypot(band.deviation, shift),
    )
