"""Dense layer of many replicas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from n3fit.backends.keras_backend.multi_initializer import MultiInitializer, validated_replica_seeds
from n3fit.backends.keras_backend.replica_assignment import assign_axis

__all__ = ["MultiDense", "MultiInitializer"]

ELEMENTWISE = frozenset(
    getattr(keras.activations, name)
    for name in (
        "elu",
        "exponential",
        "gelu",
        "linear",
        "relu",
        "selu",
        "sigmoid",
        "silu",
        "softplus",
        "softsign",
        "tanh",
    )
)
"""Activations that act on each entry separately, for any order of the axes."""


@keras.saving.register_keras_serializable(package="n3fit")
class MultiDense(keras.layers.Dense):
    """Dense layer for many replicas at the same time.

    The input of the first layer of a network is ``(batch, grid, features)``, the same for all replicas; that of the
    later ones is ``(batch, replicas, grid, features)``. The output is ``(batch, replicas, grid, units)``.

    Parameters
    ----------
    units : int
        Number of units of each replica.
    replica_seeds : sequence of int
        One seed per replica: the weights of replica ``r`` are those of a single dense layer whose initialiser has the
        seed ``base_seed + replica_seeds[r]``.
    kernel_initializer : keras initializer or str
        Initialiser of one replica.
    is_first_layer : bool
        Whether the input has no replica axis yet.
    base_seed : int
        Added to every seed.
    **kwargs
        Other arguments of ``keras.layers.Dense``.

    Raises
    ------
    ValueError
        ``replica_seeds`` is empty or None, or the input has the wrong rank or number of replicas.

    Examples
    --------
    >>> from n3fit.backends import MultiDense
    >>> first = MultiDense(4, replica_seeds=[1, 2, 3], kernel_initializer="glorot_normal", is_first_layer=True)
    >>> second = MultiDense(2, replica_seeds=[1, 2, 3], kernel_initializer="glorot_normal", base_seed=7)
    >>> second(first(np.ones((1, 10, 1)))).shape == (1, 3, 10, 2)
    True
    """

    def __init__(
        self,
        units: int,
        replica_seeds: Sequence[int] | None = None,
        kernel_initializer: Any = "glorot_uniform",
        is_first_layer: bool = False,
        base_seed: int = 0,
        **kwargs: Any,
    ) -> None:
        seeds = validated_replica_seeds(replica_seeds)
        super().__init__(int(units), kernel_initializer=kernel_initializer, **kwargs)
        self.replica_seeds = seeds
        self.replicas = len(seeds)
        self.is_first_layer = bool(is_first_layer)
        self.base_seed = int(base_seed)
        self.input_spec = keras.layers.InputSpec(ndim=3 if is_first_layer else 4)

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Create the kernel ``(replicas, features, units)`` and the bias ``(replicas, 1, units)``."""
        self._check_input_shape(input_shape)
        features = input_shape[-1]
        self._kernel = self._add_replica_weight(
            "kernel",
            (self.replicas, features, self.units),
            self.kernel_initializer,
            self.kernel_regularizer,
            self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self._add_replica_weight(
                "bias",
                (self.replicas, 1, self.units),
                self.bias_initializer,
                self.bias_regularizer,
                self.bias_constraint,
            )
        self.input_spec = keras.layers.InputSpec(ndim=len(input_shape), axes={-1: features})
        self.built = True

    def _add_replica_weight(
        self, name: str, shape: tuple[Any, ...], initializer: Any, regularizer: Any, constraint: Any
    ) -> Any:
        weight = self.add_weight(
            name=name,
            shape=shape,
            initializer=MultiInitializer(initializer, self.replica_seeds, self.base_seed),
            regularizer=regularizer,
            constraint=constraint,
        )
        assign_axis(weight, 0)
        return weight

    def _check_input_shape(self, input_shape: Sequence[int | None]) -> None:
        expected = "(batch, grid, features)" if self.is_first_layer else "(batch, replicas, grid, features)"
        if len(input_shape) != (3 if self.is_first_layer else 4):
            raise ValueError(f"{self.name} expects an input {expected}, received the shape {tuple(input_shape)}")
        if not self.is_first_layer and input_shape[1] not in (None, self.replicas):
            raise ValueError(f"{self.name} has {self.replicas} replicas, the input has the shape {tuple(input_shape)}")

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Compute the output ``(batch, replicas, grid, units)``.

        The products are of matrices with all points of a replica along the last axis: on a CPU the gradient then takes
        half the time that it takes with the points before the features.
        """
        batch, grid = ops.shape(inputs)[0], ops.shape(inputs)[-2]
        features = inputs.shape[-1]
        if self.is_first_layer:
            columns = ops.reshape(ops.transpose(inputs, (2, 0, 1)), (features, -1))
            outputs = ops.einsum("fn,rfg->rgn", columns, self.kernel)
        else:
            columns = ops.reshape(ops.transpose(inputs, (1, 3, 0, 2)), (self.replicas, features, -1))
            outputs = ops.einsum("rfn,rfg->rgn", columns, self.kernel)
        if self.bias is not None:
            outputs = ops.add(outputs, ops.transpose(self.bias, (0, 2, 1)))
        entry_by_entry = self.activation in ELEMENTWISE
        if entry_by_entry:
            outputs = self.activation(outputs)
        outputs = ops.transpose(ops.reshape(outputs, (self.replicas, self.units, batch, grid)), (2, 0, 3, 1))
        return outputs if entry_by_entry or self.activation is None else self.activation(outputs)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Return ``(batch, replicas, grid, units)``; unknown sizes are None."""
        self._check_input_shape(input_shape)
        return (input_shape[0], self.replicas, input_shape[-2], self.units)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the layer, for :meth:`from_config`."""
        config: dict[str, Any] = super().get_config()
        return {
            **config,
            "replica_seeds": list(self.replica_seeds),
            "is_first_layer": self.is_first_layer,
            "base_seed": self.base_seed,
        }
