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
from n3fit.seeds import SeededReplica, derive_seed, with_seeds


def build_network(architecture: Architecture, features: int, replicas: Sequence[int | SeededReplica]) -> Any:
    """Build the networks: ``(batch, x, features)`` to ``(batch, replica, x, flavour)``.

    The initial weights of a replica depend on its seed, its number and the layer alone.
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


def _stack(
    architecture: Architecture,
    tensor: Any,
    replicas: Sequence[int | SeededReplica],
    nodes: Sequence[int],
    prefix: str,
) -> Any:
    """Build one layer after the other, with dropout before the last."""
    seeded = with_seeds(replicas, architecture.seed)
    regularizer = regularizer_selector(architecture.regularizer, **dict(architecture.regularizer_args))
    for index, (units, activation) in enumerate(zip(nodes, architecture.activations, strict=True)):
        name = f"{prefix}layer_{index}"
        seeds = [derive_seed(own.seed, "network", own.number, name) for own in seeded]
        if architecture.dropout > 0 and index == len(nodes) - 1:
            dropout_seeds = [derive_seed(own.seed, "dropout", own.number, name) for own in seeded]
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
