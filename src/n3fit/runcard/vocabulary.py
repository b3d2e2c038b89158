"""The names that a runcard may use for flavours, sum rules and data sets; those of layers are in n3fit.vocabulary.

Plain constants: nothing here imports numpy or Keras, so that a runcard is checked in a moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

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
