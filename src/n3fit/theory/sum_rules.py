"""The sum rules: their names and targets."""

from __future__ import annotations

MOMENTUM_SUM_RULE = "MSR"
VALENCE_SUM_RULES = "VSR"
SUM_RULES = (MOMENTUM_SUM_RULE, VALENCE_SUM_RULES)
"""Names of the sum rules that can be imposed."""

VALENCE_TARGETS = (("V", 3.0), ("V3", 1.0), ("V8", 3.0))
"""Integrals of the valence combinations of the proton, arXiv:1410.8849, eq. (3.7)."""
