"""Preprocessing: the power-like behaviour of PDFs at small and large x."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from n3fit.backends import MetaLayer, constraints
from n3fit.backends import operations as op
from n3fit.seeds import SeededReplica, with_seeds
from n3fit.theory.exponents import ExponentRange
from n3fit.typing import Floats

LOWEST_LOG = -1e4
"""Value in place of log(0) at x = 1, with which (1 - x)^beta is zero there for every beta > 0, and not nan."""


class Preprocessing(MetaLayer):
    """Compute x^(1-alpha) (1-x)^beta: ``(batch, x, 1)`` to ``(batch, replica, x, flavour)``.

    The weights are ``alpha_<fl>`` and ``beta_<fl>``, of shape ``(replica, 1)``. Trainable ones stay inside their
    ranges.

    Parameters
    ----------
    ranges : sequence of ExponentRange
        One for each fitted flavour, in the order of the outputs of the network.
    replicas : sequence of int or SeededReplica
        Their numbers; the exponents of a replica depend on its number and its seed alone.
    seed : int
        The ``nnseed`` of the runcard, for replicas without a seed of their own.
    """

    def __init__(
        self, ranges: Sequence[ExponentRange], replicas: Sequence[int | SeededReplica], seed: int, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.ranges = tuple(ranges)
        self.replicas = tuple(replicas)
        self.seed = seed

    def build(self, input_shape: Any) -> None:
        """Create the exponents."""
        replicas = with_seeds(self.replicas, self.seed)
        drawn = np.array([[entry.draw(own.seed, own.number) for entry in self.ranges] for own in replicas])
        self.alphas = [
            self._exponent(f"alpha_{entry.flavour}", drawn[:, index, 0], entry.smallx, entry.trainable)
            for index, entry in enumerate(self.ranges)
        ]
        self.betas = [
            self._exponent(f"beta_{entry.flavour}", drawn[:, index, 1], entry.largex, entry.trainable)
            for index, entry in enumerate(self.ranges)
        ]

    def _exponent(self, name: str, values: Floats, limits: tuple[float, float] | None, trainable: bool) -> Any:
        free = trainable and limits is not None and limits[0] < limits[1]
        return self.builder_helper(
            name,
            (len(self.replicas), 1),
            self.init_constant(values[:, np.newaxis]),
            trainable=free,
            constraint=constraints.MinMaxWeight(*limits) if free and limits is not None else None,
            replica_axis=0,
        )

    def call(self, x: Any) -> Any:
        log_x = op.expand_dims(op.op_log(x), axis=1)
        log_rest = op.backend_function("maximum", op.op_log(1 - x), LOWEST_LOG)
        alpha = op.stack(self.alphas, axis=-1)
        beta = op.stack(self.betas, axis=-1)
        return op.backend_function("exp", (1 - alpha) * log_x + beta * op.expand_dims(log_rest, axis=1))
