"""Deep-inelastic structure functions as operators on parton distributions, from yadism's coefficient functions.

yadism (arXiv:2401.15187) provides the coefficient functions, the couplings and which partons they go with; here they
are convolved with all basis functions of the x-grid at once (:mod:`n3fit.theory.building.quadrature`), combined
over schemes (:mod:`n3fit.theory.heavy_quarks`) and corrected for the target's mass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import MissingExtraError, TheoryError
from n3fit.theory.building.kernels import DirectKernel, Kernel, TabulatedKernel
from n3fit.theory.building.processes import Process, yadism_configs
from n3fit.theory.building.quadrature import ConvolutionRule, convolution_rule
from n3fit.theory.couplings import StrongCoupling
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.heavy_quarks import PartonSet, SchemePart, scheme_parts
from n3fit.theory.interpolation import InterpolationBasis
from n3fit.theory.theory_card import TheoryCard

Floats = NDArray[np.float64]
Operators = dict[PartonSet, Floats]
"""Parton distributions -> (14, nx), flavours in the order of EXPORT_PIDS."""

_LIGHT = "yadism.coefficient_functions.light"
_NEGLIGIBLE_TMC = 1e-8


@dataclass(frozen=True)
class _Term:
    """Coupling weights times a kernel at one Q2."""

    partons: PartonSet
    key: tuple[Any, ...]
    weights: Floats
    stretch: float  # convolution point over x: massive quarks rescale it


class StructureFunctions:
    """Structure functions at one virtuality.

    Parameters
    ----------
    card : TheoryCard
    basis : InterpolationBasis
    q2 : float
        Virtuality in GeV^2.
    x_min : float
        Smallest x that will be asked for.
    massless : dict
        Convolutions of massless kernels, which do not depend on ``q2``: filled here, to be handed to the next instance.
    parts : tuple of SchemePart, optional
        Replaces the combination that the card asks for.

    Notes
    -----
    Operators act on f (not x f) at the scale Q, on the nodes of ``basis``.
    """

    def __init__(
        self,
        card: TheoryCard,
        basis: InterpolationBasis,
        q2: float,
        *,
        x_min: float,
        massless: dict[tuple[Any, ...], Floats],
        coupling: StrongCoupling,
        parts: tuple[SchemePart, ...] | None = None,
    ) -> None:
        self.card = card
        self.basis = basis
        self.q2 = q2
        self._x_min = x_min
        self._massless = massless
        self._coupling = coupling
        self._parts = scheme_parts(card, q2) if parts is None else parts
        self._kernels: dict[tuple[Any, ...], Kernel] = {}
        self._terms: dict[tuple[Process, str], tuple[_Term, ...]] = {}
        self._rules: dict[tuple[float, float], ConvolutionRule] = {}
        self._rows: dict[tuple[Any, ...], Floats] = {}
        self._operators: dict[tuple[Process, str, float], Operators] = {}

    def operator(self, process: Process, observable: str, x: float) -> Operators:
        """Give the operator of a structure function without target-mass corrections.

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
            terms = self._collect(process, observable)
            total: Operators = {}
            for term in terms:
                point = x * term.stretch
                if point >= 1:
                    continue
                row = self._row(term.key, point)
                contribution = np.outer(term.weights, point * row)
                total[term.partons] = total[term.partons] + contribution if term.partons in total else contribution
            self._operators[key] = total
        return self._operators[key]

    def corrected(self, process: Process, observable: str, x: float) -> Operators:
        """Give the operator with the target-mass corrections of the card (arXiv:0709.1775, leading terms).

        With mu = M^2/Q^2, rho^2 = 1 + 4 x^2 mu and xi = 2x/(1 + rho):

            F2 -> x^2/(xi^2 rho^3) F2(xi) + 6 mu x^3/rho^4 h2,   h2 = int_xi^1 du F2(u)/u^2
            FL -> x^2/(xi^2 rho) FL(xi) + 4 mu x^3/rho^2 h2
            xF3 -> x^2/(xi^2 rho^2) xF3(xi) + 2 mu x^3/rho^3 h3, h3 = int_xi^1 du xF3(u)/u
        """
        if self.card.TMC == 0:
            return self.operator(process, observable, x)
        kind, part = observable.split("_")
        mu = self.card.MP**2 / self.q2
        rho = float(np.sqrt(1 + 4 * x**2 * mu))
        xi = 2 * x / (1 + rho)
        power, factor, integrand = {
            "F2": (3, 6 * mu * x**3 / rho**4, "F2"),
            "FL": (1, 4 * mu * x**3 / rho**2, "F2"),
            "F3": (2, 2 * mu * x**3 / rho**3, "F3"),
        }[kind]
        total = {
            partons: x**2 / (xi**2 * rho**power) * values
            for partons, values in self.operator(process, observable, xi).items()
        }
        if mu * x**2 < _NEGLIGIBLE_TMC:
            return total
        rule = self._rule(xi, 0.0)
        # h2: kernel z / xi; h3: kernel 1
        kernel = rule.z / xi if integrand == "F2" else np.ones_like(rule.z)
        integral = kernel @ rule.regular
        for node in np.flatnonzero(integral):
            if self.basis.xgrid[node] >= 1:
                continue
            nodal = self.operator(process, f"{integrand}_{part}", float(self.basis.xgrid[node]))
            for partons, values in nodal.items():
                total[partons] = total.get(partons, 0.0) + factor * integral[node] * values
        return total

    def _row(self, key: tuple[Any, ...], point: float) -> Floats:
        cache = self._massless if key[0].startswith(_LIGHT) else self._rows
        if (key, point) not in cache:
            kernel = self._kernels[key]
            if np.log(1 / point) <= kernel.threshold:
                cache[key, point] = np.zeros(len(self.basis))
            else:
                cache[key, point] = kernel.convolve(self._rule(point, kernel.threshold))
        return cache[key, point]

    def _rule(self, point: float, lower: float) -> ConvolutionRule:
        if (point, lower) not in self._rules:
            self._rules[point, lower] = convolution_rule(self.basis, point, lower=lower)
        return self._rules[point, lower]

    def _collect(self, process: Process, observable: str) -> tuple[_Term, ...]:
        """Collect the kernels of all parts of the scheme; those that cancel between parts are dropped."""
        if (process, observable) not in self._terms:
            weights: dict[tuple[PartonSet, tuple[Any, ...], float], Floats] = {}
            for part in self._parts:
                for partons, key, stretch, couplings, order in self._part_kernels(part, process, observable):
                    scale = part.sign * self._coupling.reduced(float(np.sqrt(self.q2)), partons.nf) ** order
                    slot = (partons, key, stretch)
                    weights[slot] = weights.get(slot, 0.0) + scale * couplings
            self._terms[process, observable] = tuple(
                _Term(partons=partons, key=key, weights=values, stretch=stretch)
                for (partons, key, stretch), values in weights.items()
                if np.max(np.abs(values)) > 0
            )
        return self._terms[process, observable]

    def _part_kernels(
        self, part: SchemePart, process: Process, observable: str
    ) -> Iterator[tuple[PartonSet, tuple[Any, ...], float, Floats, int]]:
        """Yield (partons, key, stretch, weights, power of a_s) of all kernels of a part, and prepare the kernels."""
        try:
            from yadism.coefficient_functions import Combiner
            from yadism.esf.esf import EvaluatedStructureFunction
            from yadism.observable_name import ObservableName

            from n3fit.theory.building.corrections import correct_channel
        except ImportError as error:
            raise MissingExtraError("yadism", "theory") from error

        configs = yadism_configs(self.card, process, fns=part.fns, nf=part.nf, dispatcher=self.basis.dispatcher)
        x_low = float(self.basis.xgrid[0])
        point = EvaluatedStructureFunction({"x": x_low, "Q2": self.q2}, ObservableName(observable), configs)
        active = max(part.nf, self.card.nf0)
        for collected in Combiner(point).collect_elems():
            element = correct_channel(collected, part.nf, point)
            if element is None:
                continue
            partons = element.partons
            couplings = np.array([partons.get(pid, 0.0) if _exists(pid, active) else 0.0 for pid in EXPORT_PIDS])
            if not np.any(couplings):
                continue
            channel = element.coeff
            orders = [order for order in range(self.card.PTO + 1) if element.has_order(order)]
            stretch = float(channel.convolution_point()) / x_low
            if _is_intrinsic(channel) and part.nf < self.card.nf0:
                partons_4 = PartonSet(part.nf + 1, intrinsic=True)
                for term in self._four_flavour_terms(channel, orders, stretch):
                    yield (partons_4, *term[:2], term[2] * couplings, term[3])
            else:
                for order in orders:
                    key = self._prepare(channel, order, stretch)
                    if key is not None:
                        yield PartonSet(part.nf), key, stretch, couplings, order

    def _four_flavour_terms(
        self, channel: Any, orders: Sequence[int], stretch: float
    ) -> Iterator[tuple[tuple[Any, ...], float, float, int]]:
        """Yield (key, stretch, factor, power of a_s) of a heavy-quark channel in the scheme where the quark is active.

        The matching of the heavy quark's distribution, whose kernel is that of the two logarithmic classes of yadism's
        massless limit, is taken off the NLO coefficient (arXiv:1510.00009, eq. 10): the massless limit keeps only the
        light coefficient function.
        """
        from yadism.coefficient_functions.asy import f2_nc

        kind = type(channel).__name__
        for order in orders:
            if kind == "AsyNLLIntrinsicMatching" or (kind == "AsyLLIntrinsic" and order > 0):
                continue
            key = self._prepare(channel, order, stretch)
            if key is not None:
                yield key, stretch, 1.0, order
        if ".intrinsic." not in type(channel).__module__ or 1 not in orders:
            return
        leading = channel[0]()
        if leading is None:
            return
        factor = float(leading.args["loc"][0])
        for logarithmic in (f2_nc.AsyLLIntrinsic, f2_nc.AsyNLLIntrinsicMatching):
            matching = logarithmic(channel.ESF, channel.nf, m2hq=channel.m1sq)
            key = self._prepare(matching, 1, stretch)
            if key is not None:
                yield key, stretch, -factor, 1

    def _prepare(self, channel: Any, order: int, stretch: float) -> tuple[Any, ...] | None:
        """Make the kernel of a channel available; None if it vanishes."""
        distribution = channel[order]()
        if distribution is None or distribution.reg is distribution.sing is distribution.loc is None:
            return None
        kind = type(channel)
        masses = (float(getattr(channel, "m2hq", 0.0)), float(getattr(channel, "m1sq", 0.0)))
        key = (kind.__module__, kind.__qualname__, order, channel.nf, *masses)
        # the same kernel may be used at points stretched differently: tabulate it for the smallest
        if key not in self._kernels:
            self._kernels[key] = self._kernel(kind.__module__, channel, distribution, min(1.0, stretch))
        return key

    def _kernel(self, module: str, channel: Any, distribution: Any, stretch: float) -> Kernel:
        from yadism.coefficient_functions.heavy.partonic_channel import NeutralCurrentBase

        if module.startswith(_LIGHT):
            return DirectKernel(distribution)
        threshold = 0.0
        if isinstance(channel, NeutralCurrentBase):
            # pair production: z < 1 / (1 + 4 m^2 / Q^2)
            threshold = float(np.log1p(4 * channel.m2hq / self.q2))
        return TabulatedKernel(
            distribution,
            z_min=0.5 * min(1.0, self._x_min * stretch),
            threshold=threshold,
            cancels_at_one="intrinsic" in module,
        )


def _is_intrinsic(channel: Any) -> bool:
    kind = type(channel)
    return ".intrinsic." in kind.__module__ or "Intrinsic" in kind.__name__


def _exists(pid: int, active: int) -> bool:
    return pid in (21, 22) or abs(pid) <= active


def add_operators(terms: Sequence[tuple[float, Operators]]) -> Operators:
    """Give the linear combination of operators."""
    total: Operators = {}
    for factor, operators in terms:
        for partons, values in operators.items():
            total[partons] = total[partons] + factor * values if partons in total else factor * values
    return total


def apply(operators: Operators, distributions: Mapping[PartonSet, Floats]) -> float:
    """Give the structure function for the parton distributions that the operators need.

    Parameters
    ----------
    operators : mapping of PartonSet to (14, nx)
    distributions : mapping of PartonSet to (14, nx)
        f, not x f, on the nodes.
    """
    absent = sorted(set(operators) - set(distributions))
    if absent:
        raise TheoryError(f"distributions {absent} are needed too")
    return float(sum(np.sum(values * distributions[partons]) for partons, values in operators.items()))
