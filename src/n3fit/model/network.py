"""The neural networks of all replicas as one model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from n3fit.backends import (
    NN_LAYER_ALL_REPLICAS,
    Input,
    MetaLayer,
    MetaModel,
    base_layer_selector,
    regularizer_selector,
)
from n3fit.backends import operations as op
from n3fit.model.architecture import Architecture
from n3fit.seeds import derive_seed


def build_network(architecture: Architecture, features: int, replicas: Sequence[int]) -> Any:
    """Build the networks: ``(batch, x, features)`` to ``(batch, replica, x, flavour)``.

    The initial weights of a replica depend on the seed, the replica number and the layer alone.
    """
    inputs = Input(batch_shape=(1, None, features), name="network_input")
    if architecture.layer_type == "dense_per_flavour":
        outputs = op.concatenate(
            [
                _stack(architecture, inputs, replicas, (*architecture.nodes[:-1], 1), f"{flavour}_")
                for flavour in architecture.flavours
            ],
            axis=-1,
        )
    else:
        outputs = _stack(architecture, inputs, replicas, architecture.nodes, "")
    return MetaModel({"network_input": inputs}, outputs, name=NN_LAYER_ALL_REPLICAS)


def _stack(architecture: Architecture, tensor: Any, replicas: Sequence[int], nodes: Sequence[int], prefix: str) -> Any:
    """Build one layer after the other, with dropout before the last."""
    regularizer = regularizer_selector(architecture.regularizer, **dict(architecture.regularizer_args))
    for index, (units, activation) in enumerate(zip(nodes, architecture.activations, strict=True)):
        name = f"{prefix}layer_{index}"
        seeds = [derive_seed(architecture.seed, "network", replica, name) for replica in replicas]
        if architecture.dropout > 0 and index == len(nodes) - 1:
            dropout_seeds = [derive_seed(architecture.seed, "dropout", replica, name) for replica in replicas]
            tensor = base_layer_selector(
                "dropout", rate=architecture.dropout, replica_seeds=dropout_seeds, name=f"{prefix}dropout"
            )(tensor)
        tensor = base_layer_selector(
            "dense",
            units=units,
            activation=activation,
            kernel_initializer=MetaLayer.select_initializer(architecture.initializer, seed=0),
            replica_seeds=seeds,
            is_first_layer=index == 0,
            regularizer=regularizer,
            name=name,
        )(tensor)
    return tensor
