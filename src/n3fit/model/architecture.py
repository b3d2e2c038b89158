"""The parametrisation of the PDFs, apart from the replicas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from n3fit.pdf_models import PDFModel
from n3fit.seeds import SeededReplica
from n3fit.theory.axial_charges import axial_charges_of
from n3fit.theory.bases import FITTING_BASES
from n3fit.theory.exponents import ExponentRange
from n3fit.theory.flavours import CHARM_ASYMMETRIC_BASIS, EVOLUTION_BASIS
from n3fit.theory.sum_rules import AXIAL_SUM_RULES, LIGHT_VALENCE_SUM_RULES
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
        Any of those of :data:`n3fit.theory.sum_rules.NORMALISATIONS`.
    seed : int
        The ``nnseed`` of the runcard, for replicas without a seed of their own.
    feature_knots : (knots, values) or None
        Feature scaling, from :func:`feature_knots`; with it the value of the network at x = 1 is subtracted.
    model : PDFModel or None
        The parametrisation in place of the network, which has no layers then.
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
    model: PDFModel | None = None

    @property
    def flavours(self) -> tuple[str, ...]:
        """The fitted flavours."""
        return tuple(entry.flavour for entry in self.ranges)

    @property
    def breaks(self) -> Floats:
        """Values of x at which the fitted flavours are not smooth."""
        if self.model is not None:
            return np.asarray(self.model.breaks(), dtype=np.float64)
        return np.array([]) if self.feature_knots is None else self.feature_knots[0]

    @property
    def preprocessing(self) -> bool:
        """Whether the values of the network or model are multiplied by x^(1-alpha) (1-x)^beta."""
        return self.model is None or self.model.preprocessing

    @property
    def positivity(self) -> bool:
        """Whether the positivity sets are penalised in the training."""
        return self.model is None or self.model.positivity

    @property
    def polarised(self) -> bool:
        """Whether the PDFs are polarised."""
        return FITTING_BASES[self.fitbasis].polarised

    @property
    def evolution_basis(self) -> tuple[str, ...]:
        """The elements of the PDF model: with V15 where the fitting basis or the sum rules let it differ from V."""
        differs = FITTING_BASES[self.fitbasis].charm_asymmetric or LIGHT_VALENCE_SUM_RULES in self.sum_rules
        return CHARM_ASYMMETRIC_BASIS if differs else EVOLUTION_BASIS

    def axial_charges(self, replicas: Sequence[int | SeededReplica]) -> Floats | None:
        """Return the axial charges (R, 2) that the sum rules of replicas need, None without such rules."""
        return axial_charges_of(replicas, self.seed) if AXIAL_SUM_RULES in self.sum_rules else None


def feature_knots(xgrids: Sequence[Floats], points: int) -> tuple[Floats, Floats]:
    """Return knots of the scaled feature, such that the nodes of all tables are spread evenly over [-1, 1].

    Parameters
    ----------
    xgrids : sequence of (nx,)
        The nodes of each table; a node counts as often as it occurs.
    points : int
        Number of knots.

    Returns
    -------
    knots, values : (K,) each, K <= points
        Some values of x and the feature there, both ascending.
    """
    distinct, counts = np.unique(np.round(np.concatenate(xgrids), 15), return_counts=True)
    cumulative = np.cumsum(counts)
    scaled = 2 * (cumulative - cumulative[0]) / (cumulative[-1] - cumulative[0]) - 1
    even = np.linspace(-1, 1, min(points, distinct.size))
    chosen = np.unique([int(np.abs(scaled - value).argmin()) for value in even])
    return distinct[chosen], scaled[chosen]
