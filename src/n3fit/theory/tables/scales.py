"""Structure functions at the scales of a theory: the orders of the strong coupling, added up.

Coefficient functions are known at mu_R = mu_F = Q. With a = alpha_s / (4 pi) at mu_R = XIR Q, and mu_F = XIF Q,

    a(Q) = a + beta0 L_R a^2 + ...,                                                         L_R = log(XIR^2),
    f(Q) = {1 + a(Q) L_F gamma0 + a(Q)^2 [L_F gamma1 + L_F^2 (gamma0^2 - beta0 gamma0) / 2] + ...} f(mu_F),
                                                                                            L_F = log(XIF^2),

are inserted, and the sum is truncated at the order of the card: the dependence on both scales is of the next order.
Massive coefficient functions of a higher order (FONLL-B) have no logarithms.
Every term, massive or not, has the beta function and the anomalous dimensions of its own number of flavours.
The logarithms L_F are here only in a theory with ``ModSV: None``; else the evolution has the variation of mu_F.
"""

from __future__ import annotations

import numpy as np

from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.evolution.kernels.scale_variations import beta_coefficients
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.tables.coefficient_functions import Operators, OrderOperators
from n3fit.theory.tables.heavy_quarks import PartonSet
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats


def pdf_scale(card: TheoryCard, q2: float) -> float:
    """Return the scale (GeV) of the distributions on which the operators at the virtuality ``q2`` (GeV^2) act."""
    factor = card.XIF if card.ModSV == "None" else 1.0
    return factor * float(np.sqrt(q2))


def combine_orders(
    operators: OrderOperators, q2: float, *, card: TheoryCard, evolution: EvolutionOperators
) -> Operators:
    """Return the sum over orders at the scales of a theory, by parton distributions.

    Parameters
    ----------
    operators : OrderOperators
        At mu_R = mu_F = Q.
    q2 : float
        Virtuality in GeV^2.
    card : TheoryCard
    evolution : EvolutionOperators
        Of the theory.
    """
    total: Operators = {}
    for partons in dict.fromkeys(partons for partons, _order in operators):
        orders = {order: values for (found, order), values in operators.items() if found == partons}
        if card.XIF != 1.0 and card.ModSV == "None":
            orders = vary_factorisation(orders, 2 * float(np.log(card.XIF)), partons, evolution)
        coupling = evolution.coupling.reduced(card.XIR * float(np.sqrt(q2)), partons.nf)
        powers = coupling_powers(coupling, max(orders), card.PTO, nf=partons.nf, logarithm=2 * float(np.log(card.XIR)))
        total[partons] = sum_orders(orders, powers)
    return total


def coupling_powers(coupling: float, highest: int, order: int, *, nf: int, logarithm: float) -> list[float]:
    """Return a(Q)^k for k from 0 to ``highest``, expanded in a(mu_R) and truncated at a^``order`` (at most 3).

    >>> coupling_powers(0.02, 2, 2, nf=4, logarithm=0.0) == [1.0, 0.02, 0.02**2]
    True

    Parameters
    ----------
    coupling : float
        a(mu_R).
    highest, order, nf : int
    logarithm : float
        log(mu_R^2 / Q^2).
    """
    beta0, beta1 = beta_coefficients(nf)
    first, second = beta0 * logarithm, beta1 * logarithm + (beta0 * logarithm) ** 2
    series = [[1.0], [1.0, first, second], [1.0, 2 * first], [1.0]]
    return [
        coupling**power * sum(value * coupling**n for n, value in enumerate(series[power][: max(1, order - power + 1)]))
        for power in range(highest + 1)
    ]


def vary_factorisation(
    orders: dict[int, Floats], logarithm: float, partons: PartonSet, evolution: EvolutionOperators
) -> dict[int, Floats]:
    """Return the operators (14, nx) of each power of a(Q) on distributions at mu_F, for those on distributions at Q.

    Parameters
    ----------
    orders : dict of int to (14, nx)
    logarithm : float
        L_F = log(mu_F^2 / Q^2).
    partons : PartonSet
    evolution : EvolutionOperators
    """
    beta0, _beta1 = beta_coefficients(partons.nf)
    dimensions = evolution.anomalous_dimensions(partons.nf)
    size = len(EXPORT_PIDS) * len(evolution.xgrid)
    varied = dict(orders)

    def add(order: int, values: Floats) -> None:
        varied[order] = varied[order] + values if order in varied else values

    def times(values: Floats, matrix: Floats) -> Floats:
        product: Floats = (values.ravel() @ matrix.reshape(size, size)).reshape(values.shape)
        return product

    for order, values in orders.items():
        if order + 1 <= evolution.card.PTO:
            add(order + 1, logarithm * times(values, dimensions[0]))
        if order + 2 <= evolution.card.PTO:
            first, second, squared = dimensions
            add(order + 2, logarithm * times(values, second))
            add(order + 2, 0.5 * logarithm**2 * times(values, squared - beta0 * first))
    return varied


def sum_orders(orders: dict[int, Floats], powers: list[float]) -> Floats:
    """Return the sum of operators times the powers of the coupling."""
    total: Floats = np.zeros_like(next(iter(orders.values())))
    for order, values in orders.items():
        total = total + powers[order] * values
    return total
