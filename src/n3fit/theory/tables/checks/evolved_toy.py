"""The Les Houches toy PDF, evolved from the initial scale of a theory to many scales.

An evolution operator on a dense grid takes from 0.2 to 1 s, and a theory has hundreds of scales. Where these are more
than the nodes, the evolved PDF is interpolated in s = ln ln(Q2/Lambda2), in which evolution is close to exponential.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.tables.heavy_quarks import PartonSet
from n3fit.theory.toy_pdf import les_houches_toy
from n3fit.typing import Floats

_LAMBDA2 = 0.04  # GeV^2
_SPACING = 0.05  # in s; from 1.65 to 5000 GeV there are 32 nodes
_STENCIL = 8  # nodes of a local polynomial


class EvolvedToy:
    """The toy PDF at scales and in flavour numbers of a theory.

    Parameters
    ----------
    evolution : EvolutionOperators
    scales : iterable of float
        All scales at which the PDF will be needed, in GeV.
    """

    def __init__(self, evolution: EvolutionOperators, scales: Iterable[float]) -> None:
        self.evolution = evolution
        requested = set(scales)
        # no node below the lowest scale, where the coupling may diverge
        self._lowest = min((int(np.floor(_position(q))) for q in requested), default=0)
        nodes = {node for q in requested for node in self._stencil(q)}
        self._interpolated = len(nodes) < len(requested)
        self._initial = les_houches_toy(EXPORT_PIDS, evolution.xgrid) / evolution.xgrid
        self._known: dict[tuple[PartonSet, float], Floats] = {}

    def at(self, q: float, partons: PartonSet) -> Floats:
        """Return f (not x f) at ``q`` (GeV) on the nodes of the x-grid, (14, nx) in the order of EXPORT_PIDS."""
        if not self._interpolated:
            return self._evolved(q, partons)
        nodes = np.array(self._stencil(q))
        total = np.zeros_like(self._initial)
        for node in nodes:
            others = nodes[nodes != node]
            weight = float(np.prod((_position(q) - others) / (node - others)))
            if weight:
                total += weight * self._evolved(_scale(node), partons)
        return total

    def _evolved(self, q: float, partons: PartonSet) -> Floats:
        if (partons, q) not in self._known:
            self._known[partons, q] = self.evolution.evolve(self._initial, q, partons.nf, intrinsic=partons.intrinsic)
        return self._known[partons, q]

    def _stencil(self, q: float) -> range:
        """Return the nodes of the polynomial at a scale."""
        first = max(self._lowest, int(np.floor(_position(q))) - _STENCIL // 2 + 1)
        return range(first, first + _STENCIL)


def _position(q: float) -> float:
    """Return the position of a scale between the nodes, which are the integers."""
    return float(np.log(np.log(q**2 / _LAMBDA2))) / _SPACING


def _scale(node: int) -> float:
    return float(np.sqrt(_LAMBDA2 * np.exp(np.exp(node * _SPACING))))
