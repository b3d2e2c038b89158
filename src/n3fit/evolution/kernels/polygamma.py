"""Polygamma functions of arrays of complex numbers."""

from __future__ import annotations

from math import factorial

import numpy as np

from n3fit.typing import Complexes, Floats

MOST_DERIVATIVES = 4

_ASYMPTOTIC = 15.0
"""Real part from which the asymptotic series is used: its first term left out is below 1e-16."""

_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
"""Bernoulli numbers B_2, B_4, ..."""


def polygamma(z: Complexes | Floats, order: int) -> Complexes:
    """Compute the ``order``-th derivative of the digamma function (NIST Handbook, sections 5.5 and 5.15).

    The recurrence leads to a large real part, where the asymptotic series holds; a negative real part is reflected.

    Parameters
    ----------
    z : array
        None of them a negative integer or zero.
    order : int
        0 to 4.

    Raises
    ------
    ValueError
        Another order.
    """
    if order not in range(MOST_DERIVATIVES + 1):
        raise ValueError(f"order: expected 0 to {MOST_DERIVATIVES}, received {order}")
    points = np.asarray(z, dtype=np.complex128)
    left = points.real < 0
    argument = np.where(left, 1.0 - points, points)
    value = _right_half(argument, order)
    if left.any():
        value[left] = (-1) ** order * value[left] - _cotangent_derivative(points[left], order)
    return value


def _right_half(z: Complexes, order: int) -> Complexes:
    """Compute it for positive real parts."""
    sign = (-1) ** order
    recurrence = np.zeros_like(z)
    shifted = z.copy()
    for _ in range(int(_ASYMPTOTIC)):
        near = shifted.real < _ASYMPTOTIC
        if not near.any():
            break
        recurrence[near] += shifted[near] ** -(order + 1)
        shifted[near] += 1.0
    inverse = 1.0 / shifted
    squared = inverse * inverse
    series = np.zeros_like(z)
    for k in range(len(_BERNOULLI), 0, -1):
        series = squared * (series + _BERNOULLI[k - 1] * factorial(2 * k + order - 1) / factorial(2 * k))
    if order == 0:
        return np.asarray(np.log(shifted) - 0.5 * inverse - series - recurrence)
    leading = factorial(order - 1) + 0.5 * factorial(order) * inverse + series
    return np.asarray(-sign * leading * inverse**order - sign * factorial(order) * recurrence)


def _cotangent_derivative(z: Complexes, order: int) -> Complexes:
    """Compute the ``order``-th derivative of pi cot(pi z)."""
    below = z.imag < 0
    phase = np.exp(2j * np.pi * np.where(below, z.conj(), z))  # at most 1 in size
    upper = -1j * (1.0 + phase) / (1.0 - phase)
    cot = np.where(below, upper.conj(), upper)
    inverse_sine = -4.0 * phase / (1.0 - phase) ** 2  # squared: 1 + cot^2 without cancellation
    one = np.where(below, inverse_sine.conj(), inverse_sine)
    return np.asarray(
        (
            lambda: np.pi * cot,
            lambda: -(np.pi**2) * one,
            lambda: 2 * np.pi**3 * cot * one,
            lambda: -2 * np.pi**4 * one * (1.0 + 3.0 * cot**2),
            lambda: 8 * np.pi**5 * cot * one * (2.0 + 3.0 * cot**2),
        )[order]()
    )
