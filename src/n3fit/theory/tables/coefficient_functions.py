"""Deep-inelastic structure functions as operators on parton distributions, from yadism's coefficient functions.

yadism (arXiv:2401.15187) provides the coefficient functions, their partons and couplings; here they are convolved with
all basis functions of the x-grid at once (:mod:`n3fit.theory.tables.quadrature`), combined over schemes
(:mod:`n3fit.theory.tables.heavy_quarks`), and corrected for the mass of the target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from n3fit.errors import TheoryError
from n3fit.theory.tables.collection import KernelCollection, KernelKey, is_massless
from n3fit.theory.tables.heavy_quarks import PartonSet
from n3fit.theory.tables.processes import Process
from n3fit.theory.tables.quadrature import ConvolutionRule, convolution_rule
from n3fit.theory.tables.target_mass import target_mass_terms
from n3fit.typing import Floats

Operators = dict[PartonSet, Floats]
"""Operators (14, nx) on each set of parton distributions, flavours in the order of EXPORT_PIDS."""

OrderOperators = dict[tuple[PartonSet, int], Floats]
"""Operators (14, nx) by distributions and power of a_s = alpha_s / (4 pi), at mu_R = mu_F = Q."""

MasslessRows = dict[tuple[KernelKey, float], Floats]
"""Convolutions of massless kernels at convolution points."""

_NEGLIGIBLE_TMC = 1e-8


class StructureFunctions:
    """Structure functions at one virtuality.

    Parameters
    ----------
    kernels : KernelCollection
        The kernels at this virtuality.
    massless : dict
        Convolutions of massless kernels, which do not depend on the virtuality: filled here and shared between
        instances.

    Notes
    -----
    Operators act on f (not x f) at the scale Q, on the nodes of the basis of ``kernels``. They depend neither on the
    strong coupling nor on the evolution, and serve all theories that have the masses, the scheme, the order and the
    electroweak parameters of the card.
    """

    def __init__(self, kernels: KernelCollection, *, massless: MasslessRows) -> None:
        self.card = kernels.card
        self.basis = kernels.basis
        self.q2 = kernels.q2
        self._collection = kernels
        self._massless = massless
        self._rules: dict[tuple[float, float], ConvolutionRule] = {}
        self._rows: dict[tuple[KernelKey, float], Floats] = {}
        self._operators: dict[tuple[Process, str, float], OrderOperators] = {}

    def operator(self, process: Process, observable: str, x: float) -> OrderOperators:
        """Return the operator of a structure function without target-mass corrections.

        Parameters
        ----------
        process : Process
        observable : str
            Kind and part, for instance F2_total, FL_light, F3_total, F2_charm (F3 stands for x F3).
        x : float
            Bjorken x.
        """
        key = (process, observable, x)
        if key not in self._operators:
            total: OrderOperators = {}
            for term in self._collection.terms(process, observable):
                point = x * term.stretch
                if point >= 1:
                    continue
                contribution = np.outer(term.weights, point * self._row(term.key, point))
                slot = (term.partons, term.order)
                total[slot] = total[slot] + contribution if slot in total else contribution
            self._operators[key] = total
        return self._operators[key]

    def corrected(self, process: Process, observable: str, x: float) -> OrderOperators:
        """Return the operator with the target-mass corrections of the card."""
        if self.card.TMC == 0:
            return self.operator(process, observable, x)
        kind, part = observable.split("_")
        mu = self.card.MP**2 / self.q2
        terms = target_mass_terms(kind, x, mu=mu, form=self.card.TMC)
        total = add_operators(
            [(terms.own, self.operator(process, observable, terms.xi))]
            + [(terms.f2, self.operator(process, f"F2_{part}", terms.xi))] * (terms.f2 != 0)
        )
        if mu * x**2 < _NEGLIGIBLE_TMC:
            return total
        rule = self._rule(terms.xi, 0.0)
        integral = terms.kernel(rule.z) @ rule.regular
        for node in np.flatnonzero(integral):
            if self.basis.xgrid[node] >= 1:
                continue
            nodal = self.operator(process, f"{terms.integrand}_{part}", float(self.basis.xgrid[node]))
            for slot, values in nodal.items():
                total[slot] = total.get(slot, 0.0) + integral[node] * values
        return total

    def _row(self, key: KernelKey, point: float) -> Floats:
        cache = self._massless if is_massless(key) else self._rows
        if (key, point) not in cache:
            kernel = self._collection.kernels[key]
            if np.log(1 / point) <= kernel.threshold:
                cache[key, point] = np.zeros(len(self.basis))
            else:
                cache[key, point] = kernel.convolve(self._rule(point, kernel.threshold))
        return cache[key, point]

    def _rule(self, point: float, lower: float) -> ConvolutionRule:
        if (point, lower) not in self._rules:
            self._rules[point, lower] = convolution_rule(self.basis, point, lower=lower)
        return self._rules[point, lower]


def add_operators(terms: Sequence[tuple[float, OrderOperators]]) -> OrderOperators:
    """Return the linear combination of operators."""
    total: OrderOperators = {}
    for factor, operators in terms:
        for slot, values in operators.items():
            total[slot] = total[slot] + factor * values if slot in total else factor * values
    return total


def contract_operators(operators: Operators, distributions: Mapping[PartonSet, Floats]) -> float:
    """Compute the structure function for the parton distributions on which the operators act.

    Parameters
    ----------
    operators : mapping of PartonSet to (14, nx)
    distributions : mapping of PartonSet to (14, nx)
        f, not x f, on the nodes.
    """
    absent = sorted(set(operators) - set(distributions))
    if absent:
        raise TheoryError(f"structure function: expected {sorted(operators)}, received no {absent}")
    return float(sum(np.sum(values * distributions[partons]) for partons, values in operators.items()))
