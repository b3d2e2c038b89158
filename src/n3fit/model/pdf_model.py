"""The PDFs of all replicas at the initial scale as one model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from n3fit.backends import PREPROCESSING_LAYER_ALL_REPLICAS, Input, Lambda, MetaModel
from n3fit.backends import operations as op
from n3fit.layers.features import LogFeatures, ScaledFeature
from n3fit.layers.normalisation import SumRuleNormalisation
from n3fit.layers.preprocessing import Preprocessing
from n3fit.layers.rotations import FlavourRotation
from n3fit.model.architecture import Architecture
from n3fit.model.network import build_network
from n3fit.model.parametrisation import build_parametrisation
from n3fit.seeds import SeededReplica
from n3fit.theory.flavours import FK_TO_FLAVOUR, evolution_to_fk, fitting_to_evolution
from n3fit.theory.integration import integration_nodes
from n3fit.typing import Floats

X_INPUT = "pdf_input"
"""Name of the input with the values of x."""

NODES_INPUT = "integration_nodes"
"""Name of the constant input with the nodes of the sum rules."""

END_INPUT = "end_of_range"
"""Name of the constant input x = 1, at which the network is subtracted with feature scaling."""

SUM_RULES_LAYER = "sum_rules"

EVALUATION_BLOCK = 256
"""Points that are evaluated at once; grids are padded to a multiple of this, so that one size is compiled."""


def build_pdf_model(architecture: Architecture, replicas: Sequence[int | SeededReplica]) -> Any:
    """Build the model x -> x f(x, Q0) with the sum rules imposed.

    Parameters
    ----------
    architecture : Architecture
    replicas : sequence of int or SeededReplica
        Replica numbers, R of them, with the seeds of those that do not have that of the architecture.

    Returns
    -------
    MetaModel
        From ``{"pdf_input": (1, N, 1)}`` to ``(1, R, N, F)`` in ``architecture.evolution_basis``.
    """
    x_input = Input(batch_shape=(1, None, 1), name=X_INPUT)
    inputs = {X_INPUT: x_input}
    if architecture.feature_knots is not None:
        inputs[END_INPUT] = op.numpy_to_input(np.ones((1, 1)), name=END_INPUT)
    end = inputs.get(END_INPUT)
    basis = architecture.evolution_basis
    rotation = fitting_to_evolution(architecture.fitbasis, architecture.flavours, basis)
    if architecture.sum_rules:
        # one pass of the network over the nodes of the integrals and of the observables
        nodes, weights = integration_nodes(breaks=architecture.breaks)
        nodes_input = op.numpy_to_input(nodes[:, np.newaxis], name=NODES_INPUT)
        inputs[NODES_INPUT] = nodes_input
        fitted = _fitted_flavours(architecture, replicas, op.concatenate([nodes_input, x_input], axis=1), end)
        rotated = _rotate(rotation, fitted)
        count = len(nodes)
        # the length of x is free, so that Keras cannot infer the number of nodes in this slice
        shape = (len(replicas), count, rotated.shape[-1])
        pdf_on_nodes = Lambda(lambda pdf: pdf[:, :, :count], output_shape=shape, name="pdf_on_nodes")(rotated)
        pdf_on_x = Lambda(lambda pdf: pdf[:, :, count:], name="pdf_on_x")(rotated)
        normalisation = SumRuleNormalisation(
            nodes, weights, architecture.sum_rules, basis=basis, polarised=architecture.polarised,
            charges=architecture.axial_charges(replicas), name=SUM_RULES_LAYER,
        )  # fmt: skip
        output = normalisation([pdf_on_x, pdf_on_nodes])
    else:
        output = _rotate(rotation, _fitted_flavours(architecture, replicas, x_input, end))
    model = MetaModel(inputs, output, name="PDFs")
    model.single_replica_generator = lambda index=0: build_pdf_model(architecture, [replicas[index]])
    return model


def _fitted_flavours(architecture: Architecture, replicas: Sequence[int | SeededReplica], x: Any, end: Any) -> Any:
    """Build the fitted flavours on x, before any normalisation: ``(1, R, N, F)``.

    ``end`` is x = 1, None without feature scaling.
    """
    if architecture.model is not None:
        values = build_parametrisation(architecture, replicas)(x)
    elif architecture.feature_knots is None:
        values = build_network(architecture, 2, replicas)({"network_input": LogFeatures(name="features")(x)})
    else:
        # x^(1-alpha) does not vanish at x = 1, but NN(x) - NN(1) does: both in one pass, so that they round alike
        features = ScaledFeature(*architecture.feature_knots, name="features")(op.concatenate([end, x], axis=1))
        network = build_network(architecture, 1, replicas)({"network_input": features})
        values = op.op_subtract([network[:, :, 1:], network[:, :, :1]])
    if not architecture.preprocessing:
        return values
    preprocessing = Preprocessing(
        architecture.ranges, replicas, architecture.seed, name=PREPROCESSING_LAYER_ALL_REPLICAS
    )
    return op.op_multiply([values, preprocessing(x)])


def _rotate(rotation: Floats, fitted: Any) -> Any:
    """Rotate the fitted flavours to the basis of the model, unless they are in this basis."""
    if rotation.shape[0] == rotation.shape[1] and np.array_equal(rotation, np.eye(len(rotation))):
        return fitted
    return FlavourRotation(rotation, name="to_evolution_basis")(fitted)


def evaluate_pdf(pdf_model: Any, x: Floats) -> Floats:
    """Compute the PDFs of all replicas.

    Parameters
    ----------
    pdf_model : MetaModel
        From :func:`build_pdf_model`.
    x : (N,)

    Returns
    -------
    (R, N, F)
        x f(x, Q0) in the basis of the model.
    """
    points = np.asarray(x, dtype=np.float64)
    padded = np.pad(points, (0, -len(points) % EVALUATION_BLOCK), constant_values=0.5)
    blocks = padded.reshape(-1, 1, EVALUATION_BLOCK, 1)
    values = [pdf_model.predict({X_INPUT: block}, verbose=0)[0] for block in blocks]
    return np.concatenate(values, axis=1, dtype=np.float64)[:, : len(points)]


def evolution_to_flavours(pdf: Floats, basis: tuple[str, ...]) -> Floats:
    """Return PDFs ``(..., F)`` in the ``basis`` of a model as ``(..., 14)`` in the order of ``EXPORT_PIDS``."""
    rotated: Floats = pdf @ (FK_TO_FLAVOUR @ evolution_to_fk(basis)).T
    return rotated
