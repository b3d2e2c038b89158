"""Penalties for negative observables and for PDFs that are not integrable, with Lagrange multipliers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from n3fit.backends import MetaLayer
from n3fit.backends import operations as op
from n3fit.layers.constant_layer import ConstantLayer
from n3fit.theory.positivity import ELU_SLOPE
from n3fit.typing import Floats


class _SetSums(ConstantLayer):
    """Sum over the rows of each set: ``(batch, replica, rows)`` to ``(batch, replica, sets)``.

    Parameters
    ----------
    sizes : sequence of int
        Number of rows of each set, in their order.
    """

    def __init__(self, sizes: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sizes = tuple(int(size) for size in sizes)

    def build(self, input_shape: Any) -> None:
        """Store the matrix that adds up rows as a constant."""
        members = np.repeat(np.eye(len(self.sizes)), self.sizes, axis=0)
        self.members = self.constant("members", members)

    def sum_sets(self, rows: Any) -> Any:
        """Compute the sum over each set."""
        return op.tensor_product(rows, self.members, axes=1)


class PositivityLosses(_SetSums):
    """Sum of elu(-T) over the points of each positivity set, without Lagrange multipliers."""

    def call(self, predictions: Any) -> Any:
        return self.sum_sets(op.elu(-predictions, alpha=ELU_SLOPE))


class IntegrabilityLosses(_SetSums):
    """Sum of T^2 over the points of each integrability set, T being x times the PDF at the smallest x."""

    def call(self, predictions: Any) -> Any:
        return self.sum_sets(predictions * predictions)


class LagrangePenalty(MetaLayer):
    """Sum of the losses of all sets times their multipliers: ``(batch, replica, sets)`` to ``(batch, replica)``.

    The only weight, ``lagMult``, has the shape of ``initial``, is not trainable, and grows during the training.

    Parameters
    ----------
    initial : (sets,) or (replica, sets)
        Multiplier of each set at the first epoch, for all replicas or for each.
    """

    def __init__(self, initial: Sequence[float] | Floats, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.initial = np.array(initial, dtype=np.float64)

    def build(self, input_shape: Any) -> None:
        """Create the multipliers."""
        self.multipliers = self.builder_helper(
            "lagMult",
            self.initial.shape,
            self.init_constant(self.initial),
            trainable=False,
            replica_axis=0 if self.initial.ndim == 2 else None,
        )

    def call(self, losses: Any) -> Any:
        return op.sum(losses * self.multipliers, axis=-1)


class LargestLoss(MetaLayer):
    """Largest loss of all sets: ``(batch, replica, sets)`` to ``(batch, replica)``."""

    def call(self, losses: Any) -> Any:
        return op.backend_function("max", losses, axis=-1)
