"""What defines the PDF model, apart from the replicas."""

from __future__ import annotations

from dataclasses import dataclass

from n3fit.theory.exponents import ExponentRange
from n3fit.typing import Floats


@dataclass(frozen=True)
class Architecture:
    """The parametrisation of the PDFs at the initial scale.

    Parameters
    ----------
    fitbasis : str
        Fitting basis.
    ranges : tuple of ExponentRange
        The fitted flavours and their preprocessing, in the order of the outputs of the network.
    nodes, activations : tuple
        Units and activation of each layer.
    initializer, layer_type : str
    dropout : float
    regularizer : str or None
    regularizer_args : tuple of (name, value)
    sum_rules : tuple of str
        Any of MSR and VSR.
    seed : int
        The ``nnseed`` of the runcard.
    feature_knots : (knots, values) or None
        Feature scaling, see ``n3fit.layers.features``; with it the network's value at x = 1 is subtracted.
    """

    fitbasis: str
    ranges: tuple[ExponentRange, ...]
    nodes: tuple[int, ...]
    activations: tuple[str, ...]
    initializer: str
    layer_type: str
    dropout: float
    regularizer: str | None
    regularizer_args: tuple[tuple[str, float], ...]
    sum_rules: tuple[str, ...]
    seed: int
    feature_knots: tuple[Floats, Floats] | None = None

    @property
    def flavours(self) -> tuple[str, ...]:
        """The fitted flavours."""
        return tuple(entry.flavour for entry in self.ranges)
