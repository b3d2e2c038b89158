"""Values that only runcards have: sum rules, prefixes of data sets, and compressions.

Fitting bases are in :mod:`n3fit.theory.bases`, names of optimisers and activations in :mod:`n3fit.vocabulary`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from n3fit.theory.sum_rules import (
    AXIAL_SUM_RULES,
    LIGHT_VALENCE_SUM_RULES,
    MOMENTUM_SUM_RULE,
    SUM_RULES,
    VALENCE_SUM_RULES,
)

SUM_RULE_CHOICES: Mapping[str | bool, tuple[str, ...]] = MappingProxyType(
    {
        True: SUM_RULES,
        "ALL": SUM_RULES,
        "ALLBUTCSR": (MOMENTUM_SUM_RULE, LIGHT_VALENCE_SUM_RULES),
        MOMENTUM_SUM_RULE: (MOMENTUM_SUM_RULE,),
        VALENCE_SUM_RULES: (VALENCE_SUM_RULES,),
        AXIAL_SUM_RULES: (AXIAL_SUM_RULES,),
        False: (),
    }
)
"""Values of ``fitting.sum_rules``, and the rules of :mod:`n3fit.theory.sum_rules` that they impose."""

POSITIVITY_PREFIXES = ("NNPDF_POS_", "POS")
INTEGRABILITY_PREFIXES = ("NNPDF_INTEG_", "INTEG")

COMPRESSIONS = ("certified", "exact")
"""Treatments of hadronic tables before a fit."""

DATA_GROUPINGS = ("standard_report", "thcovmat_fit", "diagonal_basis")
"""Values of ``data_grouping``: the first is by experiment, the others are one group of all data."""
