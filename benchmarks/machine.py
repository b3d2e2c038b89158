"""The machine that a benchmark runs on, and how fast it multiplies matrices."""

from __future__ import annotations

import os
import platform
import statistics
import time
from importlib import metadata
from pathlib import Path

import numpy as np

PRODUCT = (3000, 400, 100)
"""Sizes of the matrix product that serves as unit of time: (3000 x 400) by (400 x 100)."""

PACKAGES = ("n3fit", "keras", "jax", "tensorflow", "torch", "numpy")


def describe_machine() -> dict[str, object]:
    """Return processor, cores, memory, system and the versions of what computes."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": versions,
    }


def product_ms(repeat: int = 200) -> float:
    """Return the median time of one product of the sizes ``PRODUCT`` in single precision, in ms."""
    rows, inner, columns = PRODUCT
    random = np.random.default_rng(0)
    left = random.standard_normal((rows, inner), dtype=np.float32)
    right = random.standard_normal((inner, columns), dtype=np.float32)
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        left @ right
        times.append(time.perf_counter() - started)
    return 1e3 * statistics.median(times)


def product_rate(milliseconds: float) -> float:
    """Return the floating-point operations per second of a product that takes so long."""
    rows, inner, columns = PRODUCT
    return 2 * rows * inner * columns / (1e-3 * milliseconds)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
