"""Values that only runcards have: sum rules, prefixes of data sets, compressions, and names not supported yet.

Fitting bases are in :mod:`n3fit.theory.bases`, names of optimisers and activations in :mod:`n3fit.vocabulary`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from n3fit.theory.sum_rules import MOMENTUM_SUM_RULE, SUM_RULES, VALENCE_SUM_RULES

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

SUM_RULE_CHOICES: Mapping[str | bool, tuple[str, ...]] = MappingProxyType(
    {
        True: SUM_RULES,
        "ALL": SUM_RULES,
        "ALLBUTCSR": SUM_RULES,
        MOMENTUM_SUM_RULE: (MOMENTUM_SUM_RULE,),
        VALENCE_SUM_RULES: (VALENCE_SUM_RULES,),
        False: (),
    }
)
"""Values of ``fitting.sum_rules``, and the rules that they impose: momentum (MSR) and valence (VSR).

The charm sum rule that ``ALLBUTCSR`` omits holds by construction in every supported basis, where V15 = V.
"""

SUM_RULES_LATER = ("TSR",)
"""Sum rules that are known and not supported yet: those of polarised fits."""

POSITIVITY_PREFIXES = ("NNPDF_POS_", "POS")
INTEGRABILITY_PREFIXES = ("NNPDF_INTEG_", "INTEG")

COMPRESSIONS = ("certified", "exact")
"""Treatments of hadronic tables before a fit."""

DATA_GROUPINGS = ("standard_report", "thcovmat_fit", "diagonal_basis")
"""Values of ``data_grouping``: the first is by experiment, the others are one group of all data."""
