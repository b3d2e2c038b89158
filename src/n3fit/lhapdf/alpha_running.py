"""The strong coupling from its renormalisation-group equation, for checks of PDF sets.

Beta function to four loops (hep-ph/9701390, eq. (8)), matching at pole masses to two loops beyond the leading one
(hep-ph/9706430, eq. (9)). Independent of eko, so that the two can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.integrate import solve_ivp

from n3fit.lhapdf.grid import EDGE
from n3fit.typing import Floats

ORDERS = range(4)
"""Orders of the equation: 0 for one loop, up to 3 for four."""

_ZETA3 = 1.2020569031595943


def beta_coefficients(nf: int) -> tuple[float, float, float, float]:
    """Return the coefficients of -a^2, -a^3, ... in da / d ln Q^2, a = alpha_s / (4 pi)."""
    return (
        11 - 2 / 3 * nf,
        102 - 38 / 3 * nf,
        2857 / 2 - 5033 / 18 * nf + 325 / 54 * nf**2,
        149753 / 6
        + 3564 * _ZETA3
        - (1078361 / 162 + 6508 / 27 * _ZETA3) * nf
        + (50065 / 162 + 6472 / 81 * _ZETA3) * nf**2
        + 1093 / 729 * nf**3,
    )


def run_alpha_s(start: float, q_from: float, scales: Sequence[float], *, nf: int, order: int) -> Floats:
    """Return alpha_s at ``scales`` from its value ``start`` at ``q_from`` (GeV), all with ``nf`` flavours.

    Parameters
    ----------
    order : int
        0 for one loop, up to 3 for four.

    Returns
    -------
    (nscales,)
    """
    betas = beta_coefficients(nf)[: order + 1]

    def slope(_: float, alpha: Floats) -> Floats:
        a = alpha / (4 * np.pi)
        rate: Floats = -4 * np.pi * a**2 * np.polynomial.polynomial.polyval(a, betas)
        return rate

    values = np.empty(len(scales))
    for upwards in (True, False):
        side = [index for index, q in enumerate(scales) if (q >= q_from) == upwards]
        times, places = np.unique([2 * np.log(scales[index]) for index in side], return_inverse=True)
        origin = 2 * np.log(q_from)
        if not len(times) or (times == origin).all():
            values[side] = start
            continue
        ordered = times if upwards else times[::-1]
        solution = solve_ivp(slope, (origin, ordered[-1]), [start], t_eval=ordered, rtol=1e-9, atol=1e-12)
        reached = np.full(len(times), np.nan)  # where the coupling has diverged on the way down
        reached[: solution.y.shape[-1]] = solution.y[0] if solution.y.size else ()
        values[side] = (reached if upwards else reached[::-1])[places]
    return values


def expand_alpha_s(start: float, q_from: float, scales: Sequence[float], *, nf: int, order: int) -> Floats:
    """Return alpha_s at ``scales`` as :func:`run_alpha_s`, from the expanded solution of its equation.

    The coefficients beyond the first count as small, b_k = beta_k / beta_0 as of order k; powers beyond ``order`` are
    left out. With u the one-loop solution, 1/a = 1/u - b_1 ln(a/a0) + (b_1^2 - b_2)(a - a0) + k (a^2 - a0^2) / 2 and
    k = 2 b_1 b_2 - b_1^3 - b_3.

    Returns
    -------
    (nscales,); nan beyond the Landau pole.
    """
    beta = beta_coefficients(nf)
    b1, b2, b3 = (value / beta[0] for value in beta[1:])
    a0 = start / (4 * np.pi)
    growth = 1 + a0 * beta[0] * 2 * np.log(np.asarray(scales) / q_from)
    growth = np.where(growth > 0, growth, np.nan)
    u, log = a0 / growth, np.log(growth)
    v1 = b1 * u * log
    s1 = -v1
    v2 = -b1 * u * s1 + (b1**2 - b2) * u * (u - a0)
    s2 = v1**2 - v2
    k = 2 * b1 * b2 - b1**3 - b3
    v3 = -b1 * u * (s2 - s1**2 / 2) + (b1**2 - b2) * u**2 * s1 + 0.5 * k * u * (u**2 - a0**2)
    s3 = -(v1**3) + 2 * v1 * v2 - v3
    values: Floats = 4 * np.pi * u * sum((np.ones_like(u), s1, s2, s3)[: order + 1])
    return values


def match_downwards(alpha: float, *, order: int) -> float:
    """Return alpha_s with one flavour less at the pole mass of the heaviest, from that with it."""
    return alpha * (1 - 14 / 3 * (alpha / (4 * np.pi)) ** 2) if order >= 2 else alpha


def match_upwards(alpha: float, *, order: int) -> float:
    """Return alpha_s with one flavour more at its pole mass: the inverse of :func:`match_downwards`."""
    higher = alpha
    for _ in range(20):  # converges like (alpha / pi)^2 per step
        higher = alpha * higher / match_downwards(higher, order=order)
    return higher


def integrate_nodes(
    scales: Floats,
    values: Floats,
    thresholds: Sequence[float],
    *,
    z_mass: float,
    order: int,
    expanded: bool = False,
) -> Floats:
    """Return alpha_s at ``scales`` from its value at the one nearest to ``z_mass``, through the thresholds.

    A threshold that is there twice is first below, then above. ``expanded`` selects the expanded solution.
    """
    run = expand_alpha_s if expanded else run_alpha_s
    above = np.array([sum(q > edge * (1 + EDGE) for edge in thresholds) for q in scales])
    for edge in thresholds:
        twice = np.flatnonzero(np.isclose(scales, edge, rtol=EDGE))
        above[twice[1:]] += 1
    anchor = int(np.argmin(np.abs(np.log(scales / z_mass))))
    expected = np.empty(len(scales))
    flavours = 3 + above
    for downwards in (True, False):
        alpha, q, nf = float(values[anchor]), float(scales[anchor]), int(flavours[anchor])
        while True:
            here = np.flatnonzero(flavours == nf)
            expected[here] = run(alpha, q, scales[here].tolist(), nf=nf, order=order)
            following = nf - 1 if downwards else nf + 1
            if not ((flavours <= following) if downwards else (flavours >= following)).any():
                break
            edge = float(thresholds[min(nf, following) - 3])
            at_edge = float(run(alpha, q, [edge], nf=nf, order=order)[0])
            alpha = (match_downwards if downwards else match_upwards)(at_edge, order=order)
            q, nf = edge, following
    return expected
