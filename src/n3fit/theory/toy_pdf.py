"""The Les Houches toy PDF, at its initial scale Q0^2 = 2 GeV^2 (hep-ph/0204316, the input of its benchmark tables)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from n3fit.typing import Floats


def les_houches_toy(pids: Sequence[int], x: ArrayLike) -> Floats:
    """Return x f(x) of the toy PDF for PDG identifiers.

    Three flavours with s = sbar = 0.2 (ubar + dbar); charm, bottom, top and the photon vanish.

    Parameters
    ----------
    pids : sequence of int
        PDG identifiers: -6..6 (0 and 21 are the gluon) and 22.
    x : array_like
        Momentum fractions in (0, 1].

    Returns
    -------
    (npids, nx)
    """
    x = np.atleast_1d(np.asarray(x, dtype=np.float64))
    u_valence = 5.107200 * x**0.8 * (1 - x) ** 3
    d_valence = 3.064320 * x**0.8 * (1 - x) ** 4
    gluon = 1.700000 * x**-0.1 * (1 - x) ** 5
    d_bar = 0.1939875 * x**-0.1 * (1 - x) ** 6
    u_bar = d_bar * (1 - x)
    strange = 0.2 * (u_bar + d_bar)
    known = {
        2: u_valence + u_bar,
        -2: u_bar,
        1: d_valence + d_bar,
        -1: d_bar,
        3: strange,
        -3: strange,
        21: gluon,
        0: gluon,
    }
    return np.stack([known.get(pid, np.zeros_like(x)) for pid in pids])
