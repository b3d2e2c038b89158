"""Corrections to the class of diagrams in which a light quark couples to the boson and radiates a heavy pair.

Three entries of yadism 0.13.12 for this class (O(alpha_s^2), neutral current) violate a limit: at high Q2 a massive
coefficient function must approach its massless limit, and that limit must be the massless coefficient function with one
more flavour, expressed in the coupling and distributions with one flavour fewer (hep-ph/9612398).

- FL has no virtual correction, a massless quark's form factor being transverse: the local term is dropped.
- x F3 has the virtual correction of F2: helicity is conserved, and only for F2 does the Adler sum rule fix it.
- The limit of x F3 follows from that of F2 and the massless coefficient functions.

In addition the limit couples every light quark, as the massive coefficient function does; yadism omits the heaviest.
All are below 0.3 % of x F3 and 2 % of FL. This module requires yadism, and is imported only when it is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yadism.coefficient_functions import Combiner
from yadism.coefficient_functions.asy import f2_nc as f2_limit
from yadism.coefficient_functions.asy import f3_nc as f3_limit
from yadism.coefficient_functions.asy import fl_nc as fl_limit
from yadism.coefficient_functions.asy.partonic_channel import PartonicChannelAsy
from yadism.coefficient_functions.heavy import f2_nc as f2_massive
from yadism.coefficient_functions.heavy import f3_nc as f3_massive
from yadism.coefficient_functions.heavy import fl_nc as fl_massive
from yadism.coefficient_functions.kernels import Kernel
from yadism.coefficient_functions.light import f2_nc as f2_light
from yadism.coefficient_functions.light import f3_nc as f3_light
from yadism.coefficient_functions.light.kernels import nc_weights
from yadism.coefficient_functions.partonic_channel import RSL

_LIMIT_NAMES = ("AsyLLNonSinglet", "AsyNLLNonSinglet", "AsyNNLLNonSinglet")


class MassiveFL(fl_massive.NonSinglet):
    """FL of a light quark that radiates a massive pair: real emission only."""

    def NNLO(self) -> RSL:  # noqa: N802 (the name in yadism)
        """Return the coefficient function without the local term."""
        return RSL(super().NNLO().reg)


class MassiveF3(f3_massive.NonSinglet):
    """x F3 of a light quark that radiates a massive pair, with the virtual correction of F2."""

    def NNLO(self) -> RSL:  # noqa: N802 (the name in yadism)
        """Return the coefficient function with the local term of F2."""
        virtual = f2_massive.NonSinglet(self.ESF, self.nf, m2hq=self.m2hq)
        return RSL(super().NNLO().reg, loc=virtual.NNLO().loc)


class LimitF3(PartonicChannelAsy):
    """The high-virtuality limit of :class:`MassiveF3`.

    In both F2 and x F3 the limit is A_qq(L) + 2/3 L C1 + C2(nf + 1) - C2(nf) with L = log(Q^2/m^2), where A_qq is the
    matching of the light quark's distribution and C1, C2 are the massless coefficient functions.
    """

    def __init__(self, *args: Any, m2hq: float) -> None:
        self.m2hq = m2hq
        super().__init__(*args, m2hq=m2hq)

    def NNLO(self) -> RSL:  # noqa: N802 (the name in yadism)
        """Return the limit of F2 plus the difference of the massless coefficient functions."""
        terms = [(1.0, getattr(f2_limit, name)(self.ESF, self.nf, m2hq=self.m2hq)[2]()) for name in _LIMIT_NAMES]
        for sign, light in ((1.0, f3_light.NonSinglet), (-1.0, f2_light.NonSinglet)):
            terms += [
                (sign * 2 / 3 * self.L, light(self.ESF, self.nf)[1]()),
                (sign, light(self.ESF, self.nf + 1)[2]()),
                (-sign, light(self.ESF, self.nf)[2]()),
            ]
        return add_distributions(terms)


def add_distributions(terms: Sequence[tuple[float, RSL]]) -> RSL:
    """Return the linear combination of distributions."""

    def part(name: str) -> Any:
        parts = [(factor, getattr(rsl, name), rsl.args[name]) for factor, rsl in terms]
        chosen = [(factor, function, arguments) for factor, function, arguments in parts if function is not None]
        return lambda z, _arguments: sum(factor * function(z, arguments) for factor, function, arguments in chosen)

    return RSL(part("reg"), part("sing"), part("loc"))


def correct_channel(element: Kernel, nf: int, point: Any) -> Kernel | None:
    """Return the corrected kernel for one that yadism collected, None if it is omitted.

    Parameters
    ----------
    element : yadism Kernel
    nf : int
        Light flavours.
    point : yadism EvaluatedStructureFunction
    """
    channel = element.coeff
    kind = type(channel)
    if kind is fl_massive.NonSinglet:
        return Kernel(element.partons, MassiveFL(channel.ESF, channel.nf, m2hq=channel.m2hq))
    if kind is f3_massive.NonSinglet:
        return Kernel(element.partons, MassiveF3(channel.ESF, channel.nf, m2hq=channel.m2hq))
    if kind.__module__ in {f2_limit.__name__, fl_limit.__name__, f3_limit.__name__} and kind.__name__ in _LIMIT_NAMES:
        partons = _all_light_quarks(nf, point)
        if kind.__module__ != f3_limit.__name__:
            return Kernel(partons, channel)
        if kind.__name__ != _LIMIT_NAMES[0]:
            return None
        return Kernel(partons, LimitF3(channel.ESF, channel.nf, m2hq=float(point.info.m2hq[nf - 3])))
    return element


def _all_light_quarks(nf: int, point: Any) -> dict[int, float]:
    info = point.info
    weights = nc_weights(info.coupling_constants, point.Q2, nf, info.obs_name.is_parity_violating)["ns"]
    complete = Kernel(dict(weights), None)
    Combiner.apply_isospin([complete], info.target["Z"], info.target["A"])
    return dict(complete.partons)
