"""How much memory this process may use."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import psutil

from n3fit.errors import ResourceError

CONTROL_GROUPS = Path("/sys/fs/cgroup")

_LIMITS = ("memory.max", "memory/memory.limit_in_bytes")
"""Where a control group says its limit: version 2, version 1."""


def memory_limit_mb(control_groups: Path = CONTROL_GROUPS) -> float:
    """Return the memory of the machine, or what the control group of the process allows if that is less, in MB."""
    limits = [psutil.virtual_memory().total]
    for name in _LIMITS:
        with suppress(OSError, ValueError):  # there is no such file, or its content is "max"
            limits.append(int((control_groups / name).read_text()))
    return min(limits) / 1e6


def check_memory(needed_mb: float, replicas: int, *, limit_mb: float | None = None) -> None:
    """Check that the memory of this machine suffices for a fit.

    Parameters
    ----------
    needed_mb : float
        Memory that the fit of ``replicas`` replicas needs, in MB.
    replicas : int
    limit_mb : float, optional
        Available memory; :func:`memory_limit_mb` by default.

    Raises
    ------
    ResourceError
        It needs more.
    """
    limit = memory_limit_mb() if limit_mb is None else limit_mb
    if needed_mb <= limit:
        return
    together = f"{replicas} replicas together need" if replicas > 1 else "one replica needs"
    hint = (
        "fit fewer at a time with --replicas, or set `parallel_models: false`"
        if replicas > 1
        else "use a machine with more memory or fewer data sets"
    )
    raise ResourceError(
        f"{together} about {needed_mb / 1e3:.1f} GB of memory, there are {limit / 1e3:.1f} GB", hint=hint
    )
