"""What theories that are built together share: the evolution, and the structure functions at one virtuality."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import asdict
from typing import Any, TypeVar

from numpy.typing import ArrayLike

from n3fit.evolution.kernels.operators import EvolutionOperators, evolution_parameters
from n3fit.theory.tables.coefficient_functions import MasslessRows
from n3fit.theory.theory_card import TheoryCard

Value = TypeVar("Value")

_OTHER_KEYS = frozenset(
    ("ID", "Comments", "alphas", "Qref", "nfref", "ModEv", "Q0", "ev_op_iterations", "backward_inversion", "XIF", "XIR",
     "ModSV")
)  # fmt: skip
"""Keys of the card that structure functions by order of the strong coupling do not depend on."""


class SharedOperators:
    """Operators of several theories on one x-grid, each computed once.

    Parameters
    ----------
    xgrid : (nx,)

    Attributes
    ----------
    massless : dict
        Convolutions of massless kernels, which depend neither on the theory nor on the virtuality.
    """

    def __init__(self, xgrid: ArrayLike) -> None:
        self.massless: MasslessRows = {}
        self._xgrid = xgrid
        self._evolutions: dict[Hashable, EvolutionOperators] = {}
        self._q2 = 0.0
        self._values: dict[Hashable, Any] = {}

    def evolution(self, card: TheoryCard) -> EvolutionOperators:
        """Return the evolution of a theory."""
        key = tuple(evolution_parameters(card).items())
        if key not in self._evolutions:
            self._evolutions[key] = EvolutionOperators(card, self._xgrid)
        return self._evolutions[key]

    def at_virtuality(self, q2: float, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return a value of one virtuality (GeV^2), computed at the first call; those of the last one are kept."""
        if q2 != self._q2:
            self._q2, self._values = q2, {}
        if key not in self._values:
            self._values[key] = compute()
        value: Value = self._values[key]
        return value


def coefficient_key(card: TheoryCard) -> Hashable:
    """Return what the structure functions by order of the strong coupling depend on."""
    return tuple((key, value) for key, value in asdict(card).items() if key not in _OTHER_KEYS)
