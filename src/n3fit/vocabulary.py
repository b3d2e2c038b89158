"""Names, arguments and defaults that the runcard and the backends share.

Plain constants without numpy or Keras, so that a runcard is checked quickly. The backends attach the classes of Keras
to these names.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

Value = TypeVar("Value")


def _frozen(table: Mapping[str, Mapping[str, Value]]) -> Mapping[str, Mapping[str, Value]]:
    return MappingProxyType({name: MappingProxyType(dict(values)) for name, values in table.items()})


OPTIMIZERS: Mapping[str, Mapping[str, float | bool]] = _frozen(
    {
        "Adadelta": {"learning_rate": 1.0, "clipnorm": 1.0},
        "Adagrad": {"clipnorm": 1.0},
        "Adam": {"learning_rate": 0.01, "clipnorm": 1.0},
        "Adamax": {"clipnorm": 1.0},
        "Amsgrad": {"learning_rate": 0.01, "amsgrad": True, "clipnorm": 1.0},
        "Nadam": {"learning_rate": 0.001, "clipnorm": 1.0},
        "RMSprop": {"learning_rate": 0.01, "clipnorm": 1.0},
        "SGD": {"learning_rate": 0.01, "momentum": 0.0, "nesterov": False, "clipnorm": 1.0},
    }
)
"""Each optimiser with the arguments that it accepts and their defaults."""

INITIALIZERS: Mapping[str, Mapping[str, float]] = _frozen(
    {"glorot_normal": {}, "glorot_uniform": {}, "random_uniform": {"minval": -0.5, "maxval": 0.5}}
)
"""Each initialiser of weights with its arguments and their defaults."""

REGULARIZERS: Mapping[str, Mapping[str, float]] = _frozen({"l1_l2": {"l1": 0.0, "l2": 0.0}})
"""Each regulariser with its arguments and their defaults."""

_DENSE: Mapping[str, object] = {"kernel_initializer": "glorot_normal", "units": 5, "activation": "sigmoid"}

LAYERS: Mapping[str, Mapping[str, object]] = _frozen(
    {
        "dense": {
            **_DENSE,
            "replica_seeds": None,
            "base_seed": 0,
            "kernel_regularizer": None,
            "is_first_layer": False,
            "input_shape": (1,),
        },
        "single_dense": {**_DENSE, "kernel_regularizer": None, "input_shape": (1,)},
        "dense_per_flavour": {**_DENSE, "basis_size": 8},
        "LSTM": _DENSE,
        "dropout": {"rate": 0.0},
        "concatenate": {},
    }
)
"""Each layer of a network with the defaults of its arguments."""

LAYER_TYPES = ("dense", "dense_per_flavour")
"""Layers that ``parameters.layer_type`` of a runcard may name: one network for all flavours, or one for each."""

CUSTOM_ACTIVATIONS = ("square", "square_singlet", "leaky_relu", "modified_tanh")
"""Activations that n3fit defines itself."""

KERAS_ACTIVATIONS = (
    "celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh",
    "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink",
    "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "swish", "tanh",
    "tanh_shrink",
)  # fmt: skip
"""Activations of Keras 3 that leave the number of units as it is."""

ACTIVATIONS = (*CUSTOM_ACTIVATIONS, *KERAS_ACTIVATIONS)
"""All activations that a runcard may name."""

NETWORK_LAYER = "all_NNs"
"""Name of the layer with the networks of all replicas, also in files of weights."""

PREPROCESSING_LAYER = "preprocessing_factor"
"""Name of the layer with the preprocessing exponents of all replicas, also in files of weights."""
