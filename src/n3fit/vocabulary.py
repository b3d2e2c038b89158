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

PARAMETRISATION_LAYER = "parametrisation"
"""Name of the layer with the variables of another PDF model than the network, also in files of weights."""

NETWORK_MODEL = "network"
"""Name of the neural network as ``parameters.model`` of a runcard."""

BUILT_IN_MODELS: Mapping[str, str] = MappingProxyType(
    {
        "les_houches": "n3fit.model.les_houches:LesHouches",
        "grid": "n3fit.model.grid_model:GridModel",
    }
)
"""The other PDF models of n3fit, each with its module and class."""

SCALE_PRESCRIPTIONS = ("3 point", "3f point", "3r point", "5 point", "5bar point", "7 point", "9 point",
                       "3pt hadronic", "3pt missing")  # fmt: skip
"""Point prescriptions that vary the factorisation and the renormalisation scale."""

INCOMPLETE_ORDER_PRESCRIPTIONS = ("dis ihou", "ad ihou", "fhmruvv ihou")
"""Prescriptions for what is known only approximately at N3LO."""

ALPHAS_PRESCRIPTIONS = (
    "alphas 0117 0119 0115", "alphas 0118 0120 0116", "alphas 0119 0121 0117", "alphas 0119 0122 0116",
    "alphas 0119 0123 0115", "alphas 0120 0122 0118", "alphas 0121 0123 0119",
)  # fmt: skip
"""Prescriptions for the uncertainty of alpha_s(M_Z); the three numbers are the central value, the upper and the lower
one, without the point."""

POWER_CORRECTIONS = "power corrections"
"""The prescription that varies power corrections to the predictions of the fitted theory."""

POINT_PRESCRIPTIONS = (
    *SCALE_PRESCRIPTIONS, *INCOMPLETE_ORDER_PRESCRIPTIONS, *ALPHAS_PRESCRIPTIONS, POWER_CORRECTIONS,
)  # fmt: skip
"""All names of ``theorycovmatconfig.point_prescriptions``."""

PROCESS_CATEGORIES = (
    "DIS NC", "DIS CC", "DY NC", "DY CC", "DY", "JETS", "DIJET", "HERAJET", "HERADIJET", "TOP", "SINGLETOP", "PHOTON",
    "SHP", "POSITIVITY", "INTEGRABILITY",
)  # fmt: skip
"""Categories of processes: within one, uncertainties from the renormalisation scale are correlated."""

POWER_CORRECTION_FUNCTIONS = ("f2p", "f2d", "dis_cc", "Hj", "H2j_ystar", "H2j_ymax", "H2j_yb")
"""Names of ``theorycovmatconfig.pc_parameters``."""

THEORY_VARIATION = (
    r"(?:(?:hadronic |missing )?(?:0\.5|1|2) (?:0\.5|1|2)|dis (?:lower|central|upper)"
    r"|splitting (?:central|(?:gg|gq|qg|qq|function) [1-9]\d*)|alphas 0\.\d{3})"
)
"""Pattern of the names of theory variations, such as ``2 0.5``: the factors of factorisation and renormalisation
scale."""
