"""The Les Houches toy PDF evolved at leading order in closed form: an independent reference without any grid.

Moments of the toy are Beta functions, the leading-order anomalous dimensions are harmonic sums
(hep-ph/0408244, eqs. (2.20) to (2.27)), and only the Mellin inversion is numerical.
"""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, loggamma

CF, CA = 4 / 3, 3.0


def coupling(q: float, nf: int, reference: tuple[float, float]) -> float:
    """Return alpha_s / (4 pi) at ``q``, from its value at another scale, with ``nf`` flavours in between."""
    alpha, scale = reference
    return 1 / (4 * np.pi / alpha + beta0(nf) * np.log(q**2 / scale**2))


def beta0(nf: int) -> float:
    return 11 - 2 / 3 * nf


def toy_moments(n: np.ndarray) -> dict[str, np.ndarray]:
    """Return the moments of f, int x^(n-1) f(x) dx, by FK-basis element."""

    def moment(a: float, b: int) -> np.ndarray:
        return np.exp(loggamma(n - 1 + a) + loggamma(b + 1) - loggamma(n + a + b))

    u_valence, d_valence = 5.107200 * moment(0.8, 3), 3.064320 * moment(0.8, 4)
    d_bar, u_bar = 0.1939875 * moment(-0.1, 6), 0.1939875 * moment(-0.1, 7)
    strange = 0.2 * (u_bar + d_bar)
    light = u_valence + d_valence + 2 * (u_bar + d_bar)
    return {
        "Sigma": light + 2 * strange,
        "g": 1.7 * moment(-0.1, 5),
        "V": u_valence + d_valence,
        "T3": u_valence + 2 * u_bar - d_valence - 2 * d_bar,
        "T8": light - 4 * strange,
    }


def evolve_moments(n: np.ndarray, moments: dict[str, np.ndarray], ratio: float, nf: int) -> dict[str, np.ndarray]:
    """Evolve moments at fixed ``nf`` to where the coupling is ``ratio`` times the initial one."""
    s1 = digamma(n + 1) + np.euler_gamma
    qq = CF * (4 * s1 - 3 - 2 / (n * (n + 1)))
    qg = -2 * nf * (n**2 + n + 2) / (n * (n + 1) * (n + 2))
    gq = -2 * CF * (n**2 + n + 2) / ((n - 1) * n * (n + 1))
    gg = CA * (4 * s1 - 11 / 3 - 4 / (n * (n - 1)) - 4 / ((n + 1) * (n + 2))) + 2 / 3 * nf
    matrix = np.moveaxis(np.array([[qq, qg], [gq, gg]]), -1, 0) * np.log(ratio) / beta0(nf)
    values, vectors = np.linalg.eig(matrix)
    kernel = vectors @ (np.exp(values)[:, :, None] * np.linalg.inv(vectors))
    start = np.stack([moments["Sigma"], moments["g"]], axis=-1)
    sigma, gluon = np.moveaxis(np.einsum("nij,nj->ni", kernel, start), -1, 0)
    others = {name: value * ratio ** (qq / beta0(nf)) for name, value in moments.items() if name not in ("Sigma", "g")}
    return {"Sigma": sigma, "g": gluon, **others}


def evolved_toy(
    x: float, q: float, *, q0: float, mb: float, reference: tuple[float, float], most_flavours: int = 5
) -> dict[str, float]:
    """Return x f(x, q) by FK-basis element, four flavours below ``mb`` and ``most_flavours``, four or five, above.

    The reference coupling has five flavours.

    The contour is Talbot's, to the right of the pole of the gluon at n = 1.1.
    """
    nodes, weights = np.polynomial.legendre.leggauss(160)
    theta = (nodes + 1) * np.pi / 2 * 0.999
    r = 6.4 / (0.1 - np.log(x))
    n = 1.11 + r * theta * (1 / np.tan(theta) + 1j)
    weight = weights * np.pi / 2 * 0.999 * r * (1 / np.tan(theta) - theta / np.sin(theta) ** 2 + 1j)
    at_mb = (4 * np.pi * coupling(mb, 5, reference), mb)
    moments = toy_moments(n)
    highest = q if most_flavours == 4 else min(q, mb)
    moments = evolve_moments(n, moments, coupling(highest, 4, at_mb) / coupling(q0, 4, at_mb), 4)
    if q > highest:
        moments |= {"T24": moments["Sigma"]}
        moments = evolve_moments(n, moments, coupling(q, 5, at_mb) / coupling(mb, 5, at_mb), 5)
    return {name: float(x * np.sum(np.imag(weight * value * x**-n)) / np.pi) for name, value in moments.items()}
