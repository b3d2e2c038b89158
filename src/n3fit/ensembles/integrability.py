"""Integrability of PDF replicas at small x, and sum rules that could not be imposed."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from n3fit.ensembles.arc_length import PDF
from n3fit.theory.flavours import EVOLUTION_BASIS
from n3fit.theory.integration import integration_nodes
from n3fit.theory.sum_rules import MOMENTUM_SUM_RULE, VALENCE_SUM_RULES, VALENCE_TARGETS
from n3fit.typing import Booleans, Floats

INTEGRABILITY_FLAVOURS = ("V", "V3", "V8", "T3", "T8")

INTEGRABILITY_NODES = (1e-9, 1e-8, 1e-7)
"""Values of x at which x f(x) of integrable T3, T8 and valence is small, arXiv:2109.02653, sect. 3.1.4."""

SUM_RULE_TOLERANCE = 1e-2
"""Relative deviation from a sum rule above which a normalisation integral has vanished."""


def integrability(pdf: PDF) -> Floats:
    """Compute the sum of |x f(x)| over the smallest nodes, for each replica and flavour.

    Returns
    -------
    (R, 5)
        For INTEGRABILITY_FLAVOURS.
    """
    columns = [EVOLUTION_BASIS.index(name) for name in INTEGRABILITY_FLAVOURS]
    values: Floats = np.abs(pdf(np.array(INTEGRABILITY_NODES))[..., columns]).sum(axis=1)
    return values


def unnormalised_replicas(pdf: PDF, sum_rules: Collection[str]) -> Booleans:
    """Return whether a normalisation integral of each replica vanishes, (R,), so that a sum rule cannot hold.

    The layer of the normalisation replaces such an integral by a small number, and the result violates the sum rule.
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
