"""The names that a runcard may use for optimisers, activations, flavours and the like.

Plain constants: nothing here imports numpy or Keras, so that a runcard is checked in a moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

OPTIMIZERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Adadelta": ("learning_rate", "clipnorm"),
        "Adagrad": ("clipnorm",),
        "Adam": ("learning_rate", "clipnorm"),
        "Adamax": ("clipnorm",),
        "Amsgrad": ("learning_rate", "amsgrad", "clipnorm"),
        "Nadam": ("learning_rate", "clipnorm"),
        "RMSprop": ("learning_rate", "clipnorm"),
        "SGD": ("learning_rate", "momentum", "nesterov", "clipnorm"),
    }
)
"""Each optimiser and the options that a runcard may give it."""

CUSTOM_ACTIVATIONS = ("square", "square_singlet", "leaky_relu", "modified_tanh")
"""Activations that n3fit defines itself."""

KERAS_ACTIVATIONS = (
    "celu",
    "elu",
    "exponential",
    "gelu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
)
"""Activations of Keras 3 that keep the number of units."""

ACTIVATIONS = (*CUSTOM_ACTIVATIONS, *KERAS_ACTIVATIONS)
INITIALIZERS = ("glorot_normal", "glorot_uniform", "random_uniform")
LAYER_TYPES = ("dense", "dense_per_flavour")
REGULARIZERS: Mapping[str, tuple[str, ...]] = MappingProxyType({"l1_l2": ("l1", "l2")})
"""Each regulariser and its arguments."""

FITTING_BASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "EVOL": ("sng", "g", "v", "v3", "v8", "t3", "t8", "t15"),
        "NN31IC": ("sng", "g", "v", "v3", "v8", "t3", "t8", "cp"),
        "FLAVOUR": ("u", "ubar", "d", "dbar", "s", "sbar", "c", "g"),
    }
)
"""Each supported fitting basis and its flavours, in the usual order."""

FITTING_BASES_LATER = (
    "NN31PC",
    "FLAVOURPC",
    "PDF4LHC20",
    "CCBAR_ASYMM",
    "CCBAR_ASYMM_FLAVOUR",
    "POLARIZED_EVOL",
    "POLARIZED_EVOL_CMP",
    "POLARIZED_FLAVOURPC",
)
"""Fitting bases that are known and not supported yet."""

SUM_RULES: Mapping[str | bool, tuple[str, ...]] = MappingProxyType(
    {
        True: ("MSR", "VSR"),
        "ALL": ("MSR", "VSR"),
        "ALLBUTCSR": ("MSR", "VSR"),
        "MSR": ("MSR",),
        "VSR": ("VSR",),
        False: (),
    }
)
"""What ``fitting.sum_rules`` may say, and the rules that it switches on: momentum (MSR) and valence (VSR).

The charm sum rule that ``ALLBUTCSR`` leaves out holds by construction in every supported basis, where V15 = V.
"""

SUM_RULES_LATER = ("TSR",)
"""Sum rules that are known and not supported yet: those of polarised fits."""

POSITIVITY_PREFIXES = ("NNPDF_POS_", "POS")
INTEGRABILITY_PREFIXES = ("NNPDF_INTEG_", "INTEG")

COMPRESSIONS = ("certified", "exact")
"""What is done to hadronic tables before a fit."""
