"""Cores and memory that this process may use: the limits of machine, affinity and control groups."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from math import ceil
from pathlib import Path, PurePosixPath

from n3fit.errors import CommandLineError

CONTROL_GROUPS = Path("/sys/fs/cgroup")

CORES_VARIABLE = "N3FIT_CORES"
"""Environment variable with the largest number of cores; workers of a cluster have their share in it."""

MEMORY_VARIABLE = "N3FIT_MEMORY"
"""Environment variable with the largest memory in MB; workers that share a machine have their share in it."""

MEMBERSHIP = Path("/proc/self/cgroup")
"""File with the control groups of this process."""

_MEMORY_LIMITS = ("memory.max", "memory.limit_in_bytes")
"""Files with the limit of a control group: version 2, version 1."""


def usable_cores(control_groups: Path = CONTROL_GROUPS, membership: Path = MEMBERSHIP) -> int:
    """Return the number of physical cores that affinity, control groups and $N3FIT_CORES allow, at least 1.

    Raises
    ------
    CommandLineError
        The value of $N3FIT_CORES is not a number of cores.
    """
    import psutil  # only now: on POSIX it imports modules that other systems lack

    limits = [psutil.cpu_count(logical=False) or os.cpu_count() or 1]
    if hasattr(os, "sched_getaffinity"):
        limits.append(len(os.sched_getaffinity(0)))
    quota = core_quota(control_groups, membership)
    if quota is not None:
        limits.append(ceil(quota))
    limits += _chosen_limits(CORES_VARIABLE, "cores")
    return max(1, min(limits))


def core_quota(control_groups: Path = CONTROL_GROUPS, membership: Path = MEMBERSHIP) -> float | None:
    """Return the number of cores that the control groups (of version 2 or 1) allow, None without a limit."""
    quotas = [_quota_of(folder) for folder in _group_folders("cpu", control_groups, membership)]
    return min((quota for quota in quotas if quota is not None), default=None)


def memory_limit_mb(control_groups: Path = CONTROL_GROUPS, membership: Path = MEMBERSHIP) -> float:
    """Return the memory of the machine, or what control groups and $N3FIT_MEMORY allow if that is less, in MB.

    Raises
    ------
    CommandLineError
        The value of $N3FIT_MEMORY is not a number of MB.
    """
    import psutil

    limits = [psutil.virtual_memory().total]
    for folder in _group_folders("memory", control_groups, membership):
        for name in _MEMORY_LIMITS:
            with suppress(OSError, ValueError):  # there is no such file, or its content is "max"
                limits.append(int((folder / name).read_text()))
    return min([min(limits) / 1e6, *_chosen_limits(MEMORY_VARIABLE, "MB")])


def return_freed_memory() -> None:
    """Return memory that was freed in this process to the system, where the C library would keep it (glibc)."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)


def _chosen_limits(variable: str, what: str) -> list[int]:
    """Return the limit in an environment variable, if it has one."""
    text = os.environ.get(variable, "")
    if not text:
        return []
    if not text.isdecimal() or int(text) < 1:
        raise CommandLineError(f"${variable}: expected a number of {what} from 1, received {text!r}")
    return [int(text)]


def _group_folders(controller: str, control_groups: Path, membership: Path) -> Iterator[Path]:
    """Yield the folders of the group of this process and of those around it, each of which limits it.

    Batch systems give a job a group below that of the machine; in a container the group is the topmost one.
    """
    groups = {"": PurePosixPath("/"), controller: PurePosixPath("/")}
    with suppress(OSError):
        for line in membership.read_text().splitlines():
            _, names, path = line.split(":", 2)
            # outside the part of the tree that a container sees, a path begins with ".."
            groups |= {name: PurePosixPath(path) for name in names.split(",") if name in groups and ".." not in path}
    for name, group in groups.items():  # version 2 has no name, version 1 that of the controller
        for folder in (group, *group.parents):
            yield control_groups / name / folder.relative_to("/")


def _quota_of(folder: Path) -> float | None:
    with suppress(OSError, ValueError):
        quota, period = (folder / "cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    with suppress(OSError, ValueError):
        quota_us = int((folder / "cpu.cfs_quota_us").read_text())
        period_us = int((folder / "cpu.cfs_period_us").read_text())
        return None if quota_us <= 0 else quota_us / period_us
    return None
