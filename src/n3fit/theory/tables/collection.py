"""Coefficient functions of a structure function and their weights, in a combination of schemes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from n3fit.errors import MissingExtraError
from n3fit.evolution.kernels.interpolation import InterpolationBasis
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.tables.heavy_quarks import PartonSet, SchemePart, massive_order
from n3fit.theory.tables.kernels import DirectKernel, Kernel, TabulatedKernel
from n3fit.theory.tables.processes import Process, yadism_configs
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats

KernelKey = tuple[str, str, int, int, float, float]
"""Module and name of yadism's class, order, light flavours, squared masses of the quarks (GeV^2)."""

_LIGHT = "yadism.coefficient_functions.light"


def is_massless(key: KernelKey) -> bool:
    """Return whether a kernel is one of massless quarks, which does not depend on Q2."""
    return key[0].startswith(_LIGHT)


@dataclass(frozen=True)
class Term:
    """A kernel with its weights.

    Attributes
    ----------
    partons : PartonSet
        The distributions with which the kernel is convolved.
    key : KernelKey
    weights : (14,)
        Couplings to the bosons, flavours in the order of EXPORT_PIDS.
    stretch : float
        Ratio of the convolution point and x; massive quarks rescale it.
    """

    partons: PartonSet
    key: KernelKey
    weights: Floats
    stretch: float

    @property
    def order(self) -> int:
        """Power of a_s = alpha_s / (4 pi) that multiplies the kernel."""
        return self.key[2]


class KernelCollection:
    """Kernels and terms at one virtuality; they do not depend on the strong coupling.

    Parameters
    ----------
    card : TheoryCard
    basis : InterpolationBasis
    q2 : float
        Virtuality in GeV^2.
    x_min : float
        Smallest x of the convolutions.
    parts : tuple of SchemePart

    Attributes
    ----------
    kernels : dict of KernelKey to Kernel
        Those of the terms returned so far.
    """

    def __init__(
        self,
        card: TheoryCard,
        basis: InterpolationBasis,
        q2: float,
        *,
        x_min: float,
        parts: tuple[SchemePart, ...],
    ) -> None:
        self.card = card
        self.basis = basis
        self.q2 = q2
        self.kernels: dict[KernelKey, Kernel] = {}
        self._x_min = x_min
        self._parts = parts
        self._terms: dict[tuple[Process, str], tuple[Term, ...]] = {}

    def terms(self, process: Process, observable: str) -> tuple[Term, ...]:
        """Return the terms of a structure function, without those that cancel between parts of the scheme."""
        if (process, observable) not in self._terms:
            weights: dict[tuple[PartonSet, KernelKey, float], Floats] = {}
            for part in self._parts:
                for partons, key, stretch, couplings in self._part_kernels(part, process, observable):
                    slot = (partons, key, stretch)
                    weights[slot] = weights.get(slot, 0.0) + part.weight * couplings
            self._terms[process, observable] = tuple(
                Term(partons=partons, key=key, weights=values, stretch=stretch)
                for (partons, key, stretch), values in weights.items()
                if np.max(np.abs(values)) > 0
            )
        return self._terms[process, observable]

    def _part_kernels(
        self, part: SchemePart, process: Process, observable: str
    ) -> Iterator[tuple[PartonSet, KernelKey, float, Floats]]:
        """Yield (partons, key, stretch, weights) of all kernels of a part, and construct the kernels."""
        try:
            from yadism.coefficient_functions import Combiner
            from yadism.esf.esf import EvaluatedStructureFunction
            from yadism.observable_name import ObservableName

            from n3fit.theory.tables.corrections import correct_channel
        except ImportError as error:
            raise MissingExtraError("yadism", "theory") from error

        configs = yadism_configs(
            self.card,
            process,
            fns=part.fns,
            nf=part.nf,
            logarithms=self.card.PTO if part.logarithms is None else part.logarithms,
            dispatcher=self.basis.dispatcher,
        )
        x_low = float(self.basis.xgrid[0])
        point = EvaluatedStructureFunction({"x": x_low, "Q2": self.q2}, ObservableName(observable), configs)
        active = max(part.nf, self.card.initial_flavours)
        highest = {True: massive_order(self.card), False: self.card.PTO}
        for collected in Combiner(point).collect_elems():
            element = correct_channel(collected, part.nf, point)
            if element is None:
                continue
            partons = element.partons
            couplings = np.array([partons.get(pid, 0.0) if _exists(pid, active) else 0.0 for pid in EXPORT_PIDS])
            if not np.any(couplings):
                continue
            channel = element.coeff
            orders = [order for order in range(highest[_couples_to_heavy(channel)] + 1) if element.has_order(order)]
            stretch = float(channel.convolution_point()) / x_low
            if _is_intrinsic(channel) and part.nf < self.card.pdf_flavours(self.q2):
                partons_4 = PartonSet(part.nf + 1, intrinsic=True)
                for key, factor in self._four_flavour_terms(channel, orders, stretch):
                    yield partons_4, key, stretch, factor * couplings
            else:
                for order in orders:
                    prepared = self._prepare(channel, order, stretch)
                    if prepared is not None:
                        yield PartonSet(part.nf), prepared, stretch, couplings

    def _four_flavour_terms(
        self, channel: Any, orders: Sequence[int], stretch: float
    ) -> Iterator[tuple[KernelKey, float]]:
        """Yield key and factor of a heavy-quark channel in the scheme where the quark is active.

        The matching of the heavy quark's distribution, whose kernel is that of the two logarithmic classes of yadism's
        massless limit, is subtracted from the NLO coefficient (arXiv:1510.00009, eq. 10): the massless limit then
        contains only the light coefficient function.
        """
        from yadism.coefficient_functions.asy import f2_nc

        kind = type(channel).__name__
        for order in orders:
            if kind == "AsyNLLIntrinsicMatching" or (kind == "AsyLLIntrinsic" and order > 0):
                continue
            key = self._prepare(channel, order, stretch)
            if key is not None:
                yield key, 1.0
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
                yield key, -factor

    def _prepare(self, channel: Any, order: int, stretch: float) -> KernelKey | None:
        """Return the key of the kernel of a channel, constructed if necessary; None if the kernel vanishes."""
        distribution = channel[order]()
        if distribution is None or distribution.reg is distribution.sing is distribution.loc is None:
            return None
        kind = type(channel)
        masses = (float(getattr(channel, "m2hq", 0.0)), float(getattr(channel, "m1sq", 0.0)))
        key = (kind.__module__, kind.__qualname__, order, channel.nf, *masses)
        if self._pair_threshold(channel) >= np.log(2 / self._x_min):
            return None
        # the same kernel may be used with different stretches: tabulated for the smallest
        if key not in self.kernels:
            self.kernels[key] = self._kernel(kind.__module__, channel, distribution, min(1.0, stretch))
        return key

    def _pair_threshold(self, channel: Any) -> float:
        """Return the lower limit of log(1/z): pairs of massive quarks need z < 1 / (1 + 4 m^2 / Q^2)."""
        from yadism.coefficient_functions.heavy.partonic_channel import NeutralCurrentBase

        return float(np.log1p(4 * channel.m2hq / self.q2)) if isinstance(channel, NeutralCurrentBase) else 0.0

    def _kernel(self, module: str, channel: Any, distribution: Any, stretch: float) -> Kernel:
        if module.startswith(_LIGHT):
            return DirectKernel(distribution)
        return TabulatedKernel(
            distribution,
            z_min=0.5 * min(1.0, self._x_min * stretch),
            threshold=self._pair_threshold(channel),
            cancels_at_one="intrinsic" in module,
        )


def _is_intrinsic(channel: Any) -> bool:
    kind = type(channel)
    return ".intrinsic." in kind.__module__ or "Intrinsic" in kind.__name__


def _couples_to_heavy(channel: Any) -> bool:
    """Return whether the boson couples to a massive quark: not massless, and no light quark that radiates a pair."""
    kind = type(channel)
    radiates = "NonSinglet" in kind.__name__ or kind.__module__.endswith(".corrections")
    return not kind.__module__.startswith(_LIGHT) and (kind.__module__.endswith("_cc") or not radiates)


def _exists(pid: int, active: int) -> bool:
    return pid in (21, 22) or abs(pid) <= active
