"""Options with which JAX compiles the training for the CPU."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import jax

PRODUCTS_ONLY = {
    "xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_DOT,LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT",
}
"""YNNPACK, a library inside XLA, computes matrix products; sums over an axis, in which it is slow, XLA itself."""


def cpu_jit_options() -> dict[str, Any]:
    """Return arguments of ``jax.jit`` for programs on the CPU that train.

    They select the code that computes, not what it computes nor the precision. There are none on other devices, in
    versions of JAX that do not have the options, and where the user has set one of them in ``XLA_FLAGS``.
    """
    flags = os.environ.get("XLA_FLAGS", "")
    if jax.default_backend() != "cpu" or any(name in flags for name in PRODUCTS_ONLY):
        return {}
    return {"compiler_options": PRODUCTS_ONLY} if compiler_accepts(PRODUCTS_ONLY) else {}


def compiler_accepts(options: Mapping[str, str]) -> bool:
    """Return whether this version of JAX has some options of its compiler, by compiling a program of one number."""
    try:
        jax.jit(lambda number: number, compiler_options=dict(options)).lower(0.0).compile()
    except (jax.errors.JaxRuntimeError, TypeError):
        return False
    return True
