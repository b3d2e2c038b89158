"""Integrability of PDF replicas at small x, and sum rules that could not be imposed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from n3fit.ensembles.arc_length import PDF
from n3fit.theory.flavours import EVOLUTION_BASIS
from n3fit.theory.integration import integration_nodes
from n3fit.theory.sum_rules import AXIAL_CHARGES, Normalisation, number_integrals
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


def unnormalised_replicas(
    pdf: PDF,
    normalisations: Iterable[Normalisation],
    basis: tuple[str, ...] = EVOLUTION_BASIS,
    *,
    polarised: bool = False,
    charges: Floats | None = None,
) -> Booleans:
    """Return whether a normalisation integral of each replica vanishes, (R,), so that a sum rule cannot hold.

    The layer of the normalisation replaces such an integral by a small number, and the result violates the sum rule.

    Parameters
    ----------
    pdf : callable
    normalisations : iterable of Normalisation
        The sum rules that are imposed.
    basis : tuple of str
        The flavours of the PDF.
    polarised : bool
    charges : (R, 2), optional
        The axial charges of each replica, for the sum rules of polarised fits.
    """
    nodes, weights = integration_nodes()
    values = pdf(nodes)
    numbers = number_integrals(polarised)

    def integral(name: str) -> Floats:
        column = values[..., basis.index(name)]
        result: Floats = (column / nodes if name in numbers else column) @ weights
        return result

    axial = [name for name, _, _ in AXIAL_CHARGES]
    broken = np.zeros(len(values), dtype=bool)
    for rule in normalisations:
        target: Floats | float = rule.target or 0.0
        if rule.target is None and charges is not None:
            target = charges[:, axial.index(rule.integral)]
        deviation = integral(rule.integral) - target
        for name, coefficient in rule.subtracted:
            if name in basis:
                deviation = deviation + coefficient * integral(name)
        broken |= ~(np.abs(deviation) < SUM_RULE_TOLERANCE * np.abs(target))
    return broken
