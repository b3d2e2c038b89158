"""Integrability of PDF replicas at small x, and sum rules that could not be imposed."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from n3fit.theory.flavours import EVOLUTION_BASIS
from n3fit.theory.integration import integration_nodes
from n3fit.theory.sum_rules import MOMENTUM_SUM_RULE, VALENCE_SUM_RULES, VALENCE_TARGETS
from n3fit.typing import Booleans, Floats

PDF = Callable[[Floats], Floats]
"""x (N,) to x f(x, Q0) of every replica in EVOLUTION_BASIS, (R, N, 8)."""

INTEGRABILITY_FLAVOURS = ("V", "V3", "V8", "T3", "T8")

INTEGRABILITY_NODES = (1e-9, 1e-8, 1e-7)
"""Where x f(x) must be small for T3 and T8 and the valence to be integrable, arXiv:2109.02653, sect. 3.1.4."""

SUM_RULE_TOLERANCE = 1e-2
"""A replica whose sum rules are missed by more, relatively, had a normalisation integral that vanishes."""


def integrability(pdf: PDF) -> Floats:
    """Return the sum of |x f(x)| over the smallest nodes, for each replica and flavour.

    Returns
    -------
    (R, 5)
        For INTEGRABILITY_FLAVOURS.
    """
    columns = [EVOLUTION_BASIS.index(name) for name in INTEGRABILITY_FLAVOURS]
    values: Floats = np.abs(pdf(np.array(INTEGRABILITY_NODES))[..., columns]).sum(axis=1)
    return values


def unnormalised_replicas(pdf: PDF, sum_rules: Collection[str]) -> Booleans:
    """Return the replicas (R,) in which a normalisation integral vanishes, so that a sum rule cannot hold.

    The layer that imposes the sum rules keeps such an integral away from zero; the integral of the result then is not
    what the sum rule requires.
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
