"""Numbers of parameters and of floating-point operations of a model."""

from __future__ import annotations

from itertools import pairwise
from math import prod

from n3fit.compression.forms import BilinearForms, LinearForms, SumsOfSquares
from n3fit.model.architecture import Architecture
from n3fit.model.chi2_forms import ReducedChi2
from n3fit.model.spec import TrainingProblem
from n3fit.pdf_models.initial_values import variable_shapes
from n3fit.theory.integration import integration_nodes

PASSES = 3.0
"""Operations of a forward and a backward pass, in units of a forward pass."""


def count_parameters(architecture: Architecture) -> int:
    """Return the number of trainable parameters of one replica."""
    outputs = len(architecture.ranges)
    exponents = sum((1 if entry.largex is None else 2) for entry in architecture.ranges if entry.trainable)
    if architecture.model is not None:
        shapes = variable_shapes(architecture.model, architecture.flavours)
        return sum(map(prod, shapes.values())) + (exponents if architecture.preprocessing else 0)
    inputs = 2 if architecture.feature_knots is None else 1
    per_flavour = architecture.layer_type == "dense_per_flavour"
    widths = [inputs, *architecture.nodes[:-1], 1 if per_flavour else outputs]
    network = sum((before + 1) * after for before, after in pairwise(widths))
    return network * (outputs if per_flavour else 1) + exponents


def operations_of_epoch(architecture: Architecture, *, nx: int, rows: int, forms: int) -> float:
    """Return the number of floating-point operations of one replica in one epoch.

    Parameters
    ----------
    nx : int
        Nodes of the merged grid.
    rows : int
        Rows linear in the PDF, including functionals that are squared.
    forms : int
        Entries of the quadratic forms.
    """
    nodes = nx + len(integration_nodes(breaks=architecture.breaks)[0])
    products = count_parameters(architecture) * nodes + rows * nx * len(architecture.ranges) + forms
    return PASSES * (2 * products + 40 * nodes * values_at_a_node(architecture))


def values_at_a_node(architecture: Architecture) -> int:
    """Return how many values are computed for each x of one replica: the units of all layers, or the variables."""
    if architecture.model is None:
        return sum(architecture.nodes)
    return sum(map(prod, variable_shapes(architecture.model, architecture.flavours).values()))


def operations_of_problem(architecture: Architecture, problem: TrainingProblem) -> float:
    """Return the number of floating-point operations of one replica in one epoch of a problem with folded theory."""
    data, rows, forms = problem.observables, 0, 0
    if isinstance(problem.chi2, ReducedChi2):
        data = tuple(problem.observables[index] for index in problem.chi2.nonlinear)
        rows = problem.chi2.basis.shape[1]
        forms = problem.chi2.training.roots[0].size  # the halves of two matrices
    everything = (*data, *problem.positivity.observables, *problem.integrability.observables)
    blocks = [block for observable in everything for operand in observable.operands for block in operand]
    for block in blocks:
        if isinstance(block, SumsOfSquares):
            rows += len(block.functionals)
        elif isinstance(block, LinearForms):
            rows += len(block.matrix)
    forms += sum(block.forms.size for block in blocks if isinstance(block, BilinearForms))
    return operations_of_epoch(architecture, nx=len(problem.xgrid), rows=rows, forms=forms)
