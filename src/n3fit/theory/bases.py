"""The fitting bases and their flavours, without numpy.

The matrices to the FK basis are in :mod:`n3fit.theory.flavours`.
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
"""Fitting bases and their flavours in the canonical order; ``c`` of FLAVOUR is c = cbar, ``cp`` is c + cbar."""
