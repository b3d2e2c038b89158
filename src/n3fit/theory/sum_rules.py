"""The integrals that sum rules fix."""

from __future__ import annotations

VALENCE_TARGETS = (("V", 3.0), ("V3", 1.0), ("V8", 3.0))
"""Integrals of the valence combinations of the proton, arXiv:1410.8849, eq. (3.7)."""
