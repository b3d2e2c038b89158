"""Structure functions at the scales of a theory: the orders of the strong coupling, added up."""

from __future__ import annotations

import numpy as np

from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.theory.tables.coefficient_functions import Operators, OrderOperators
from n3fit.theory.theory_card import TheoryCard


def combine_orders(
    operators: OrderOperators, q2: float, *, card: TheoryCard, evolution: EvolutionOperators
) -> Operators:
    """Return the sum over orders at the virtuality ``q2`` (GeV^2), by parton distributions."""
    total: Operators = {}
    for (partons, order), values in operators.items():
        contribution = evolution.coupling.reduced(float(np.sqrt(q2)), partons.nf) ** order * values
        total[partons] = total[partons] + contribution if partons in total else contribution
    return total
