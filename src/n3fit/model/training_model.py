"""The training model: from x to the losses of every replica, in one forward pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from n3fit.backends import Lambda, MetaModel
from n3fit.backends import operations as op
from n3fit.layers.penalties import IntegrabilityLosses, LagrangePenalty, LargestLoss, PositivityLosses
from n3fit.model.data_losses import plan_data_losses
from n3fit.model.pdf_model import X_INPUT
from n3fit.model.predictions import FormCollection, ObservablePlan, join_rows, plan_observable
from n3fit.model.spec import Penalty, TrainingProblem

TRAINING = "training"
"""Output: training chi2, (1, R)."""

VALIDATION = "validation"
"""Output: validation chi2, (1, R); monitored only."""

POSITIVITY = "positivity"
"""Output: the largest positivity loss of all sets without multiplier, (1, R); monitored only."""

POSITIVITY_PENALTY = "positivity_penalty"
"""Output: positivity losses times their multipliers, (1, R)."""

INTEGRABILITY_PENALTY = "integrability_penalty"
"""Output: integrability losses times their multipliers, (1, R)."""

TRAINED_OUTPUTS = frozenset({TRAINING, POSITIVITY_PENALTY, INTEGRABILITY_PENALTY})
"""Outputs whose sum is the loss; the others are monitored only."""


def build_training_model(pdf_model: Any, problem: TrainingProblem, *, dropout: bool = False) -> Any:
    """Build the model of the losses of all replicas.

    Parameters
    ----------
    pdf_model : MetaModel
        From ``build_pdf_model``.
    problem : TrainingProblem
    dropout : bool
        Whether the network drops units in training; the validation then takes a second pass without dropout.

    Returns
    -------
    MetaModel
        Its outputs, each (1, R), have the names defined in this module; the penalties and ``positivity`` exist only if
        there are such sets.
    """
    x_input = op.numpy_to_input(problem.xgrid[:, np.newaxis], name=X_INPUT)
    inputs, pdf = pdf_model.apply_as_layer({X_INPUT: x_input})
    forms = FormCollection()
    data_losses = plan_data_losses(problem, forms)
    positivity = [plan_observable(observable, forms) for observable in problem.positivity.observables]
    integrability = [plan_observable(observable, forms) for observable in problem.integrability.observables]
    predictions = forms.evaluate(pdf)
    training, validation = data_losses.evaluate(pdf, predictions, "")
    if dropout:
        validation = _validation_without_dropout(pdf_model, inputs, problem)
    outputs = [_output(training, TRAINING), _output(validation, VALIDATION)]
    if positivity:
        rows = _penalty_rows(positivity, pdf, predictions)
        losses = PositivityLosses(_sizes(problem.positivity), name="positivity_losses")(rows)
        outputs.append(LargestLoss(name=POSITIVITY)(losses))
        outputs.append(LagrangePenalty(problem.positivity.initial, name=POSITIVITY_PENALTY)(losses))
    if integrability:
        rows = _penalty_rows(integrability, pdf, predictions)
        losses = IntegrabilityLosses(_sizes(problem.integrability), name="integrability_losses")(rows)
        outputs.append(LagrangePenalty(problem.integrability.initial, name=INTEGRABILITY_PENALTY)(losses))
    return MetaModel(inputs, outputs, name="training_model")


def _output(tensor: Any, name: str) -> Any:
    """Return a tensor under the name of an output."""
    return Lambda(lambda value: 1.0 * value, name=name)(tensor)


def _sizes(penalty: Penalty) -> list[int]:
    return [observable.ndata for observable in penalty.observables]


def _penalty_rows(plans: Sequence[ObservablePlan], pdf: Any, predictions: Sequence[Any]) -> Any:
    return join_rows([observable.evaluate(pdf, predictions, "") for observable in plans])


def _validation_without_dropout(pdf_model: Any, inputs: Any, problem: TrainingProblem) -> Any:
    forms = FormCollection(prefix="quiet_")
    data_losses = plan_data_losses(problem, forms)
    # inside a layer, because Keras passes ``training`` of the outer model on to inner models
    pdf = Lambda(lambda tensors: pdf_model(tensors, training=False), name="quiet_PDFs")(inputs)
    _, validation = data_losses.evaluate(pdf, forms.evaluate(pdf), "quiet_")
    return validation
