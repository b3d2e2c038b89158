"""PDF models in place of the network: sum rules, replicas, and models that are refused."""

import os
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
import pytest
from support import problems

from n3fit.backends import PREPROCESSING_LAYER_ALL_REPLICAS, Input, Lambda, MetaModel
from n3fit.backends import operations as op
from n3fit.errors import FitError
from n3fit.model.grid_model import GridModel
from n3fit.model.les_houches import LesHouches
from n3fit.model.operation_count import count_parameters, operations_of_epoch
from n3fit.model.parametrisation import build_parametrisation, check_parametrisation
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
    nodes, weights = integration_nodes(1000, breaks=architecture.breaks)
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
        return CHANGES[self.kind](values, x, variables)


def numbered(values, x, variables):
    numbers = np.arange(1.0, values.shape[1] + 1)[np.newaxis, :, np.newaxis, np.newaxis]
    return values * op.numpy_to_tensor(numbers)


CHANGES = {
    "shape": lambda values, x, variables: values[..., :3],
    "nothing": lambda values, x, variables: None,
    "infinite": lambda values, x, variables: values / (1 - op.expand_dims(x, axis=1)),
    "boolean": lambda values, x, variables: values > 0,
    "mixed": lambda values, x, variables: values - 0.1 * op.sum(values, axis=1, keepdims=True),
    "numbered": numbered,
    "normalised": lambda values, x, variables: values / op.sum(values, axis=2, keepdims=True),
    "five x": lambda values, x, variables: values[:, :, :1] * op.numpy_to_tensor(np.ones((1, 1, 5, 1))),
    "derivative": lambda values, x, variables: values + op.pow(values - values, 0.5),
    "error": lambda values, x, variables: values + variables["missing"],
    "exit": lambda values, x, variables: exit("stopped"),
}
"""Mistakes, by a name."""


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("shape", r"expected a tensor of shape \(1, 3, 5, 8\), received one of shape \(1, 3, 5, 3\)"),
        ("nothing", r"expected a tensor of shape \(1, 3, 5, 8\), received None"),
        ("infinite", "expected finite values, received others at x = 1 "),
        ("boolean", "expected real numbers, received a tensor of type bool"),
        ("mixed", "expected replicas that do not depend on each other"),
        ("numbered", "expected replicas that do not depend on each other"),
        ("normalised", "expected values at x that do not depend on other x"),
        ("five x", r"expected a tensor of shape \(1, 3, 4, 8\), received one of shape \(1, 3, 5, 8\)"),
        ("derivative", "expected finite derivatives, received others for normalisation, coefficients"),
    ],
)
def test_models_that_are_refused(kind, message):
    with pytest.raises(FitError, match=f"PDF model Changed: evaluate: {message}"):
        check_parametrisation(problems.make_architecture(model=Changed(kind=kind)))


@pytest.mark.parametrize(("kind", "message"), [("error", "KeyError: 'missing'"), ("exit", "SystemExit: stopped")])
def test_models_that_fail(kind, message):
    expected = rf"PDF model Changed: evaluate failed: {message} in test_parametrisation.py, line \d+ \(see docs"
    with pytest.raises(FitError, match=expected):
        check_parametrisation(problems.make_architecture(model=Changed(kind=kind)))


@pytest.mark.skipif(os.environ.get("KERAS_BACKEND") == "torch", reason="PyTorch computes without a compiled form")
def test_a_model_that_cannot_be_compiled(monkeypatch):
    monkeypatch.setitem(
        CHANGES, "numpy", lambda values, x, variables: values if op.evaluate(op.sum(x)) > 0 else -values
    )
    with pytest.raises(
        FitError, match=r"PDF model Changed: evaluate failed when compiled: .* in test_param.*without `if` on"
    ):
        check_parametrisation(problems.make_architecture(model=Changed(kind="numpy")))


def test_initial_values_for_other_replicas_alone():
    class Uneven(LesHouches):
        def initial_values(self, flavours: Any, random: np.random.Generator) -> Any:
            return {"normalisation": np.ones(int(random.integers(1, 1000)))}

    with pytest.raises(FitError, match="PDF model Uneven: initial_values failed: ValueError: expected the same names"):
        check_parametrisation(problems.make_architecture(model=Uneven()))


@pytest.mark.parametrize("model", [LesHouches(powers=(0.5, 2.0)), GridModel(nodes=6)], ids=["les_houches", "grid"])
def test_derivatives(model):
    """One step of gradient descent of the sum of squares, against the derivatives of the closed forms."""
    rate, x = 1e-3, np.array([1e-6, 1e-3, 0.2, 0.7, 1.0])
    layer = build_parametrisation(problems.make_architecture(model=model), [4, 9])
    x_input = Input(batch_shape=(1, None, 1), name="x")
    losses = Lambda(lambda values: op.sum(values * values, axis=[2, 3]), output_shape=(None,))(layer(x_input))
    trained = MetaModel({"x": x_input}, losses)
    before = {name: np.array(op.evaluate(weight)) for name, weight in layer.variables_of_model.items()}
    trained.compile("SGD", learning_rate=rate, clipnorm=0.0)
    trained.perform_fit({"x": x[np.newaxis, :, np.newaxis]}, epochs=1)
    steps = {name: np.array(op.evaluate(weight)) - before[name] for name, weight in layer.variables_of_model.items()}
    if isinstance(model, GridModel):
        nodes = np.eye(6)[np.newaxis, :, :]
        functions = op.evaluate(
            model.evaluate(op.numpy_to_tensor(x[np.newaxis, :, np.newaxis]), {"values": op.numpy_to_tensor(nodes)}, ())
        )[0, 0]
        values = np.einsum("xk,rkf->rxf", functions, before["values"])
        expected = {"values": np.einsum("xk,rxf->rkf", functions, values)}
    else:
        a, powers = before["normalisation"][:, np.newaxis], x[:, np.newaxis] ** np.array(model.powers)
        polynomial = 1 + np.einsum("xp,rpf->rxf", powers, before["coefficients"])
        expected = {
            "normalisation": (a * polynomial**2).sum(axis=1),
            "coefficients": np.einsum("xp,rxf->rpf", powers, a**2 * polynomial),
        }
    for name, step in steps.items():
        np.testing.assert_allclose(step, -2 * rate * expected[name], rtol=1e-3, atol=1e-6)


def test_initial_values_differ_between_replicas():
    values = evaluate_pdf(build_pdf_model(problems.make_architecture(model=GridModel()), [1, 2]), X)
    assert np.abs(values[0] - values[1]).max() > 0.01
