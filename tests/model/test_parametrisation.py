"""PDF models in place of the network: sum rules, replicas, and models that are refused."""

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
import pytest
from support import problems

from n3fit.backends import PREPROCESSING_LAYER_ALL_REPLICAS
from n3fit.backends import operations as op
from n3fit.errors import FitError
from n3fit.model.grid_model import GridModel
from n3fit.model.les_houches import LesHouches
from n3fit.model.operation_count import count_parameters, operations_of_epoch
from n3fit.model.parametrisation import check_parametrisation
from n3fit.model.pdf_model import build_pdf_model, evaluate_pdf
from n3fit.theory.integration import integration_nodes
from n3fit.vocabulary import PARAMETRISATION_LAYER

MODELS = [LesHouches(), LesHouches(powers=()), GridModel(), GridModel(nodes=5, smallest=1e-3)]
X = np.geomspace(1e-8, 1, 40)


class Own(LesHouches):
    """A model that n3fit adds nothing to."""

    sum_rules = preprocessing = positivity = False


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_replicas_and_sum_rules(model):
    architecture = problems.make_architecture(model=model, trainable=True)
    check_parametrisation(architecture)
    pdf_model = build_pdf_model(architecture, [3, 5, 8])
    together, alone = evaluate_pdf(pdf_model, X), evaluate_pdf(build_pdf_model(architecture, [5]), X)
    np.testing.assert_allclose(together[1:2], alone, rtol=2e-5, atol=1e-6 * np.abs(alone).max())
    nodes, weights = integration_nodes()
    momentum = evaluate_pdf(pdf_model, nodes)[..., :2].sum(axis=-1) @ weights
    np.testing.assert_allclose(momentum, 1, rtol=1e-4)
    sizes = sum(prod(weight.shape) for weight in pdf_model.trainable_weights)
    assert sizes == 3 * count_parameters(architecture)
    assert operations_of_epoch(architecture, nx=50, rows=100, forms=0) > 0


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_weights_of_replicas(model):
    architecture = problems.make_architecture(model=model)
    pdf_model = build_pdf_model(architecture, [3, 5, 8])
    weights = pdf_model.get_replica_weights(2)
    assert set(weights) == {PARAMETRISATION_LAYER, PREPROCESSING_LAYER_ALL_REPLICAS}
    other = build_pdf_model(architecture, [1])
    other.set_weights_of_replicas([weights])
    np.testing.assert_allclose(evaluate_pdf(other, X), evaluate_pdf(pdf_model, X)[2:], rtol=2e-5, atol=1e-6)


def test_a_model_with_its_own_preprocessing():
    architecture = problems.make_architecture(model=Own(powers=(), spread=0.1), sum_rules=())
    pdf_model = build_pdf_model(architecture, [1, 2])
    assert set(pdf_model.get_replica_weights(0)) == {PARAMETRISATION_LAYER}
    values = evaluate_pdf(pdf_model, X)
    np.testing.assert_allclose(values, np.broadcast_to(values[:, :1], values.shape), rtol=1e-6)
    assert count_parameters(architecture) == 8
    assert (architecture.preprocessing, architecture.positivity) == (False, False)


class Changed(LesHouches):
    """A model with another ``evaluate``."""

    kind: str

    def evaluate(self, x: Any, variables: Mapping[str, Any], flavours: Any) -> Any:
        values = super().evaluate(x, variables, flavours)
        if self.kind == "shape":
            return values[..., :3]
        if self.kind == "infinite":
            return values / (1 - op.expand_dims(x, axis=1))
        if self.kind == "mixed":
            return values - 0.1 * op.sum(values, axis=1, keepdims=True)
        return values + variables["missing"]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("shape", r"PDF model Changed: evaluate: expected a tensor \(1, 3, 5, 8\), received \(1, 3, 5, 3\)"),
        ("infinite", "PDF model Changed: evaluate: expected finite values, received others at x = 1"),
        ("mixed", "PDF model Changed: evaluate: expected replicas that do not depend on each other"),
        ("error", r"PDF model Changed: evaluate failed: .*missing.* in test_parametrisation.py, line \d+"),
    ],
)
def test_models_that_are_refused(kind, message):
    with pytest.raises(FitError, match=message):
        check_parametrisation(problems.make_architecture(model=Changed(kind=kind)))


def test_initial_values_differ_between_replicas():
    values = evaluate_pdf(build_pdf_model(problems.make_architecture(model=GridModel()), [1, 2]), X)
    assert np.abs(values[0] - values[1]).max() > 0.01
