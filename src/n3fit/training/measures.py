"""Numbers that tell whether a PDF replica is a sensible one."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from n3fit.theory.flavours import EVOLUTION_BASIS
from n3fit.theory.integration import integration_nodes
from n3fit.theory.sum_rules import MOMENTUM_SUM_RULE, VALENCE_SUM_RULES, VALENCE_TARGETS

Floats = NDArray[np.float64]
PDF = Callable[[Floats], Floats]
"""x (N,) to x f(x, Q0) of every replica in EVOLUTION_BASIS, (R, N, 8)."""

ARC_LENGTH_FLAVOURS = ("Sigma", "g", "V", "V3", "V8")
INTEGRABILITY_FLAVOURS = ("V", "V3", "V8", "T3", "T8")

ARC_LENGTH_RANGE = (1e-7, 1.0)
INTEGRABILITY_NODES = (1e-9, 1e-8, 1e-7)
"""Where x f(x) must be small for T3 and T8 and the valence to be integrable, arXiv:2109.02653, sect. 3.1.4."""


def arc_lengths(pdf: PDF) -> Floats:
    """Give the length of the curve of x f(x) over x, for each replica and flavour.

    It is the integral from 1e-7 to 1 of sqrt(1 + (d(x f)/dx)^2) dx, arXiv:1410.8849, sect. 3.3.1, here as the length
    of a polygon with nodes even in log x below 0.1 and even in x above.

    Returns
    -------
    (R, 5)
        For Sigma, g, V, V3, V8.
    """
    x = np.concatenate([np.geomspace(ARC_LENGTH_RANGE[0], 0.1, 1001)[:-1], np.linspace(0.1, 1.0, 1001)])
    values = pdf(x)[..., [EVOLUTION_BASIS.index(name) for name in ARC_LENGTH_FLAVOURS]]
    steps = np.hypot(np.diff(x)[np.newaxis, :, np.newaxis], np.diff(values, axis=1))
    lengths: Floats = steps.sum(axis=1)
    return lengths


def integrability(pdf: PDF) -> Floats:
    """Give the sum of |x f(x)| over the smallest nodes, for each replica and flavour.

    Returns
    -------
    (R, 5)
        For V, V3, V8, T3, T8.
    """
    columns = [EVOLUTION_BASIS.index(name) for name in INTEGRABILITY_FLAVOURS]
    values: Floats = np.abs(pdf(np.array(INTEGRABILITY_NODES))[..., columns]).sum(axis=1)
    return values


SUM_RULE_TOLERANCE = 1e-2
"""A replica whose sum rules are missed by more, relatively, had a normalisation integral that vanishes."""


def guarded_replicas(pdf: PDF, sum_rules: Collection[str]) -> NDArray[np.bool_]:
    """Tell the replicas (R,) in which a normalisation integral vanishes, so that a sum rule cannot hold.

    The guard of ``n3fit.layers.sum_rules`` shows in the result: the integral is not what the sum rule says.
    """
    nodes, weights = integration_nodes()
    values = pdf(nodes)
    broken = np.zeros(len(values), dtype=bool)
    if VALENCE_SUM_RULES in sum_rules:
        for name, target in VALENCE_TARGETS:
            integral = (values[..., EVOLUTION_BASIS.index(name)] / nodes) @ weights
            broken |= ~(np.abs(integral - target) < SUM_RULE_TOLERANCE * target)
    if MOMENTUM_SUM_RULE in sum_rules:
        partons = [EVOLUTION_BASIS.index(name) for name in ("Sigma", "g")]
        momentum = values[..., partons].sum(axis=-1) @ weights
        broken |= ~(np.abs(momentum - 1) < SUM_RULE_TOLERANCE)
    return broken
