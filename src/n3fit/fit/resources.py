"""What a fit will need: memory and time, estimated before anything is allocated."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from n3fit.compression.folding import BilinearRows, LinearRows, SquareRows
from n3fit.fit.inputs import FitInputs
from n3fit.model.architecture import Architecture
from n3fit.model.spec import TrainingProblem
from n3fit.runcard import Runcard
from n3fit.theory.integration import integration_nodes

BASE_MEMORY_MB = 850.0
"""Python, the libraries and the compiled programs of a few sizes of the batch."""

PASSES = 3.0
"""Arithmetic of a forward and a backward pass, in forward passes."""

EFFICIENCY = 0.35
"""Share of the rate of large matrix products that an epoch reaches at least, had it to multiply with whole tables.

It is that of 20 replicas and the embedded data; with more of either, thin products take it up to 0.9.
"""

COMPILATION_SECONDS = 4.0
"""For building the model and compiling its program."""

POINT_VIEWS = 3
"""Products with the rows of the data in a split point by point."""

FUNCTIONAL_COPIES = 4
"""Copies in double precision of what hadronic tables are compressed to, while the model is built."""

COVARIANCES = 4
"""Matrices of the size of the covariance that exist at the same time, in double precision."""

ACTIVATIONS = 12
"""Arrays of the size of all activations of the network that an epoch holds at the same time."""

TYPICAL_FUNCTIONALS = 45
"""Squares of linear functionals that a hadronic row of a table is compressed to."""

EPOCH_OVERHEAD = 2e-4
"""Seconds per epoch that do not depend on its size."""


@dataclass(frozen=True)
class ResourceEstimate:
    """Free parameters of one replica, memory in MB, seconds per epoch and of the training (every epoch run)."""

    parameters: int
    memory_mb: float
    seconds_per_epoch: float
    seconds: float


def count_parameters(architecture: Architecture) -> int:
    """Count the trainable parameters of one replica."""
    inputs = 2 if architecture.feature_knots is None else 1
    outputs = len(architecture.ranges)
    per_flavour = architecture.layer_type == "dense_per_flavour"
    widths = [inputs, *architecture.nodes[:-1], 1 if per_flavour else outputs]
    network = sum((before + 1) * after for before, after in pairwise(widths))
    exponents = sum((1 if entry.largex is None else 2) for entry in architecture.ranges if entry.trainable)
    return network * (outputs if per_flavour else 1) + exponents


def operations_of_epoch(architecture: Architecture, *, nx: int, rows: int, forms: int) -> float:
    """Count the floating-point operations of one replica in one epoch.

    Parameters
    ----------
    nx : int
        Nodes of the merged grid.
    rows : int
        Rows linear in the PDF, functionals to be squared among them.
    forms : int
        Entries of the quadratic forms.
    """
    nodes = nx + len(integration_nodes()[0])
    products = count_parameters(architecture) * nodes + rows * nx * len(architecture.ranges) + forms
    return PASSES * (2 * products + 40 * nodes * sum(architecture.nodes))


def operations_of_problem(architecture: Architecture, problem: TrainingProblem) -> float:
    """Count the floating-point operations of one replica in one epoch of a problem whose theory is folded."""
    everything = (*problem.observables, *problem.positivity.observables, *problem.integrability.observables)
    blocks = [block for observable in everything for operand in observable.operands for block in operand]
    rows = 0
    for block in blocks:
        if isinstance(block, SquareRows):
            rows += len(block.functionals)
        elif isinstance(block, LinearRows):
            rows += len(block.matrix)
    forms = sum(block.forms.size for block in blocks if isinstance(block, BilinearRows))
    return operations_of_epoch(architecture, nx=len(problem.xgrid), rows=rows, forms=forms)


def estimate_resources(
    runcard: Runcard, architecture: Architecture, inputs: FitInputs, nx: int, replicas: int
) -> ResourceEstimate:
    """Estimate what the fit of some replicas needs, with this machine's rate measured on the spot.

    Parameters
    ----------
    nx : int
        Nodes of the merged grid.
    replicas : int
    """
    points = len(inputs.data)
    flavours = len(architecture.ranges)
    nodes = nx + len(integration_nodes()[0])
    penalties = sum(observable.ndata for observable in (*inputs.positivity, *inputs.integrability))
    linear = penalties + points * (1 if runcard.diagonal_basis else POINT_VIEWS)
    hadronic = [table for table in inputs.tables if table.hadronic]
    if runcard.theory_compression == "certified":
        squares = TYPICAL_FUNCTIONALS * sum(table.ndata for table in hadronic)
        bilinear = squares * nx * flavours
        copies = 8 * FUNCTIONAL_COPIES * bilinear
    else:
        squares = copies = 0
        bilinear = sum(table.ndata * (len(table.xgrid) * flavours) ** 2 for table in hadronic)
    parameters = count_parameters(architecture)
    operations = operations_of_epoch(architecture, nx=nx, rows=linear, forms=bilinear)
    seconds = replicas * operations / (EFFICIENCY * _matrix_rate(runcard)) + EPOCH_OVERHEAD
    size = 8 if runcard.double_precision else 4
    activations = nodes * sum(architecture.nodes) * ACTIVATIONS + 6 * points
    split = 0 if runcard.diagonal_basis else 2 * (points // 4) ** 2
    per_replica = size * (activations + 6 * parameters + split + 4 * squares) + 8 * points * 4
    shared = size * (2 * linear * nx * flavours + 2 * bilinear) + copies + 8 * COVARIANCES * points**2
    return ResourceEstimate(
        parameters=parameters,
        memory_mb=BASE_MEMORY_MB + (shared + replicas * per_replica) / 1e6,
        seconds_per_epoch=seconds,
        seconds=COMPILATION_SECONDS + seconds * runcard.parameters.epochs,
    )


def _matrix_rate(runcard: Runcard) -> float:
    """Measure the floating-point operations per second of a matrix product, in a tenth of a second."""
    size = 1024
    matrix = np.ones((size, size), dtype=np.float64 if runcard.double_precision else np.float32)
    best = np.inf
    for _ in range(3):
        started = time.perf_counter()
        matrix @ matrix
        best = min(best, time.perf_counter() - started)
    return 2 * size**3 / best
