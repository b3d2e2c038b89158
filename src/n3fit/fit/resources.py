"""Memory and time that a fit needs, estimated before anything is allocated.

The estimate counts the numbers in the largest arrays; factors that were measured on fits to deep-inelastic and
hadronic data turn the count into memory and time. It is good to a factor of about 1.5.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from n3fit.compression.folding import merged_xgrid
from n3fit.errors import ResourceError
from n3fit.fit.inputs import FitInputs
from n3fit.fit.settings import FitSettings
from n3fit.machine import memory_limit_mb, usable_cores
from n3fit.model.architecture import Architecture
from n3fit.model.operation_count import count_parameters, operations_of_epoch, values_at_a_node
from n3fit.theory.integration import integration_nodes

BASE_MEMORY_MB = 850.0
"""Python, the libraries and the compiled programs of a few sizes of the batch."""

COPIES = 4
"""Arrays of the size of each large one that exist at the same time."""

THEORY_COPIES = 3
"""Further arrays of the size of the covariance in a fit with a theory covariance: itself and the sums with it."""

LAYER_ARRAYS = 12
"""The same for the activations of the network, counted with their gradients."""

TYPICAL_FUNCTIONALS = 45
"""Squares of linear functionals that a hadronic row of a table is compressed to."""

POINT_VIEWS = 3
"""Products with the rows of the data in a split point by point."""

EFFICIENCY = 0.35
"""Share of the rate of large matrix products that an epoch reaches at least."""

RATE_SAMPLES = 20
"""Products of which the fastest is the rate of the machine."""

COMPILATION_SECONDS = 4.0
"""Time to build the model and to compile its program."""

EPOCH_OVERHEAD = 2e-4
"""Seconds per epoch that do not depend on its size."""


@dataclass(frozen=True)
class ResourceEstimate:
    """Free parameters of one replica, memory in MB, seconds per epoch and of the training (every epoch run)."""

    parameters: int
    memory_mb: float
    seconds_per_epoch: float
    seconds: float


def estimate_resources(
    settings: FitSettings, architecture: Architecture, inputs: FitInputs, replicas: int
) -> ResourceEstimate:
    """Estimate the resources for a fit of some replicas, with the rate of this machine measured on the spot."""
    points = len(inputs.data)
    nx = len(merged_xgrid(inputs.tables))
    columns = nx * len(architecture.ranges)
    penalties = sum(observable.ndata for observable in (*inputs.positivity, *inputs.integrability))
    views = 1 if settings.split.eigenbasis else POINT_VIEWS
    linear = penalties + views * points
    hadronic = [table for table in inputs.tables if table.hadronic]
    if settings.compressed and not inputs.polarised:
        forms = TYPICAL_FUNCTIONALS * sum(table.ndata for table in hadronic) * columns
    else:
        forms = sum(table.ndata * (len(table.xgrid) * len(architecture.ranges)) ** 2 for table in hadronic)
    parameters = count_parameters(architecture)
    activations = (nx + len(integration_nodes(breaks=architecture.breaks)[0])) * values_at_a_node(architecture)
    submatrices = 0 if settings.split.eigenbasis else points**2 // 8
    size = 8 if settings.double_precision else 4
    per_replica = LAYER_ARRAYS * activations + COPIES * (2 * parameters + 4 * points) + submatrices
    shared = COPIES * (linear * columns + forms)
    covariance = (COPIES + (THEORY_COPIES if inputs.data.theory is not None else 0)) * points**2
    operations = operations_of_epoch(architecture, nx=nx, rows=linear, forms=forms)
    seconds = replicas * operations / (EFFICIENCY * measure_matrix_rate(settings.double_precision)) + EPOCH_OVERHEAD
    return ResourceEstimate(
        parameters=parameters,
        memory_mb=BASE_MEMORY_MB + (size * (shared + replicas * per_replica) + 8 * covariance) / 1e6,
        seconds_per_epoch=seconds,
        seconds=COMPILATION_SECONDS + seconds * settings.training.epochs,
    )


def measure_matrix_rate(double_precision: bool) -> float:
    """Return the floating-point operations per second of matrix products on all cores, measured in some milliseconds.

    It is the best of several products on one core, times the cores: threads that wait for cores which other processes
    use make a product on all of them slower by orders of magnitude, and a fit by their share only.
    """
    size = 256
    matrix = np.ones((size, size), dtype=np.float64 if double_precision else np.float32)
    best = np.inf
    with threadpool_limits(limits=1, user_api="blas"):
        for _ in range(RATE_SAMPLES):
            started = time.perf_counter()
            matrix @ matrix
            best = min(best, time.perf_counter() - started)
    return usable_cores() * 2 * size**3 / best


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
        "fit fewer at a time with --replicas (--block with workers), or set `parallel_models: false`"
        if replicas > 1
        else "use a machine with more memory, fewer workers on it, or fewer data sets"
    )
    raise ResourceError(
        f"{together} about {needed_mb / 1e3:.1f} GB of memory, there are {limit / 1e3:.1f} GB", hint=hint
    )
