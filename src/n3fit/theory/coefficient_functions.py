"""Deep-inelastic structure functions as operators on parton distributions, from yadism's coefficient functions.

yadism (arXiv:2401.15187) provides the coefficient functions, the couplings and which partons they go with; here they
are convolved with all basis functions of the x-grid at once (:mod:`n3fit.theory.building.quadrature`), combined
over schemes (:mod:`n3fit.theory.heavy_quarks`) and corrected for the target's mass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from n3fit.theory.heavy_quarks import SchemePart, scheme_parts
from n3fit.theory.interpolation import InterpolationBasis
from n3fit.theory.theory_card import TheoryCard

Floats = NDArray[np.float64]
Operators = dict[int, Floats]
"""Number of flavours of the parton distributions -> (14, nx), flavours in the order of EXPORT_PIDS."""

_LIGHT = "yadism.coefficient_functions.light"
_NEGLIGIBLE_TMC = 1e-8


@dataclass(frozen=True)
class _Term:
    """Coupling weights times a kernel at one Q2."""

    nf: int
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
                total[term.nf] = total[term.nf] + contribution if term.nf in total else contribution
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
            nf: x**2 / (xi**2 * rho**power) * values for nf, values in self.operator(process, observable, xi).items()
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
            for nf, values in nodal.items():
                total[nf] = total.get(nf, 0.0) + factor * integral[node] * values
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
            weights: dict[tuple[int, tuple[Any, ...], float], Floats] = {}
            for part in self._parts:
                for key, stretch, couplings, order in self._part_kernels(part, process, observable):
                    scale = part.sign * self._coupling.reduced(float(np.sqrt(self.q2)), part.nf) ** order
                    slot = (part.nf, key, stretch)
                    weights[slot] = weights.get(slot, 0.0) + scale * couplings
            self._terms[process, observable] = tuple(
                _Term(nf=nf, key=key, weights=values, stretch=stretch)
                for (nf, key, stretch), values in weights.items()
                if np.max(np.abs(values)) > 0
            )
        return self._terms[process, observable]

    def _part_kernels(
        self, part: SchemePart, process: Process, observable: str
    ) -> list[tuple[tuple[Any, ...], float, Floats, int]]:
        """Give (key, stretch, weights, power of a_s) of all kernels of a part, and prepare the kernels."""
        try:
            from yadism.coefficient_functions import Combiner
            from yadism.esf.esf import EvaluatedStructureFunction
            from yadism.observable_name import ObservableName
        except ImportError as error:
            raise MissingExtraError("yadism", "theory") from error

        configs = yadism_configs(self.card, process, fns=part.fns, nf=part.nf, dispatcher=self.basis.dispatcher)
        x_low = float(self.basis.xgrid[0])
        point = EvaluatedStructureFunction({"x": x_low, "Q2": self.q2}, ObservableName(observable), configs)
        active = max(part.nf, self.card.nf0)
        found = []
        for element in Combiner(point).collect_elems():
            partons = _complete_missing(element, part, point)
            couplings = np.array([partons.get(pid, 0.0) if _exists(pid, active) else 0.0 for pid in EXPORT_PIDS])
            if not np.any(couplings):
                continue
            channel = element.coeff
            stretch = float(channel.convolution_point()) / x_low
            for order in range(self.card.PTO + 1):
                if not element.has_order(order):
                    continue
                distribution = channel[order]()
                if distribution is None or distribution.reg is distribution.sing is distribution.loc is None:
                    continue
                kind = type(channel)
                key = (kind.__module__, kind.__qualname__, order, channel.nf, float(getattr(channel, "m2hq", 0.0)),
                       float(getattr(channel, "m1sq", 0.0)))  # fmt: skip
                if key not in self._kernels:
                    self._kernels[key] = self._kernel(kind.__module__, channel, distribution, stretch)
                found.append((key, stretch, couplings, order))
        return found

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


def _exists(pid: int, active: int) -> bool:
    return pid in (21, 22) or abs(pid) <= active


def _complete_missing(element: Any, part: SchemePart, point: Any) -> Mapping[int, float]:
    """Give the partons of a kernel; light quarks that radiate a heavy pair couple all of them in the limit too.

    In yadism 0.13.12 the high-virtuality limit of this class leaves out the heaviest of the light quarks, which its
    massive counterpart has; the difference of the two would then not vanish at high Q2.
    """
    from yadism.coefficient_functions import Combiner
    from yadism.coefficient_functions.kernels import Kernel as YadismKernel
    from yadism.coefficient_functions.light.kernels import nc_weights

    kind = type(element.coeff)
    if ".asy." not in kind.__module__ or not kind.__name__.endswith("NonSinglet") or point.process == "CC":
        return dict(element.partons)
    info = point.info
    weights = nc_weights(info.coupling_constants, point.Q2, part.nf, info.obs_name.is_parity_violating)["ns"]
    completed = YadismKernel(dict(weights), element.coeff)
    Combiner.apply_isospin([completed], info.target["Z"], info.target["A"])
    return dict(completed.partons)


def add_operators(terms: Sequence[tuple[float, Operators]]) -> Operators:
    """Give the linear combination of operators."""
    total: Operators = {}
    for factor, operators in terms:
        for nf, values in operators.items():
            total[nf] = total[nf] + factor * values if nf in total else factor * values
    return total


def apply(operators: Operators, distributions: Mapping[int, Floats]) -> float:
    """Give the structure function for parton distributions in the flavour numbers of the operators.

    Parameters
    ----------
    operators : mapping nf -> (14, nx)
    distributions : mapping nf -> (14, nx)
        f, not x f, on the nodes.
    """
    absent = sorted(set(operators) - set(distributions))
    if absent:
        raise TheoryError(f"distributions in {absent} flavours are needed too")
    return float(sum(np.sum(values * distributions[nf]) for nf, values in operators.items()))
