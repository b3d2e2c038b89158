"""Cores and memory that this process may use: the limits of machine, affinity and control group."""

from __future__ import annotations

import os
from contextlib import suppress
from math import ceil
from pathlib import Path

from n3fit.errors import CommandLineError

CONTROL_GROUPS = Path("/sys/fs/cgroup")

CORES_VARIABLE = "N3FIT_CORES"
"""Environment variable with the largest number of cores; workers of a cluster have their share in it."""

_MEMORY_LIMITS = ("memory.max", "memory/memory.limit_in_bytes")
"""Files with the limit of a control group: version 2, version 1."""


def usable_cores(control_groups: Path = CONTROL_GROUPS) -> int:
    """Return the number of physical cores that affinity, control group and $N3FIT_CORES allow, at least 1.

    Raises
    ------
    CommandLineError
        The value of $N3FIT_CORES is not a number of cores.
    """
    import psutil  # only now: on POSIX it imports modules that other systems lack

    limits = [psutil.cpu_count(logical=False) or os.cpu_count() or 1]
    if hasattr(os, "sched_getaffinity"):
        limits.append(len(os.sched_getaffinity(0)))
    quota = core_quota(control_groups)
    if quota is not None:
        limits.append(ceil(quota))
    chosen = os.environ.get(CORES_VARIABLE, "")
    if chosen:
        if not chosen.isdecimal() or int(chosen) < 1:
            raise CommandLineError(f"${CORES_VARIABLE}: expected a number of cores from 1, received {chosen!r}")
        limits.append(int(chosen))
    return max(1, min(limits))


def core_quota(control_groups: Path = CONTROL_GROUPS) -> float | None:
    """Return the number of cores that the control group allows (version 2, else 1), None without a limit."""
    with suppress(OSError, ValueError):
        quota, period = (control_groups / "cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    with suppress(OSError, ValueError):
        quota_us = int((control_groups / "cpu" / "cpu.cfs_quota_us").read_text())
        period_us = int((control_groups / "cpu" / "cpu.cfs_period_us").read_text())
        return None if quota_us <= 0 else quota_us / period_us
    return None


def memory_limit_mb(control_groups: Path = CONTROL_GROUPS) -> float:
    """Return the memory of the machine, or what the control group of the process allows if that is less, in MB."""
    import psutil

    limits = [psutil.virtual_memory().total]
    for name in _MEMORY_LIMITS:
        with suppress(OSError, ValueError):  # there is no such file, or its content is "max"
            limits.append(int((control_groups / name).read_text()))
    return min(limits) / 1e6
