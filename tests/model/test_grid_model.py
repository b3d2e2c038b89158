"""The grid model: exact at its nodes and for parabolas, continuous with its derivative, constant below."""

import numpy as np
import pytest

from n3fit.backends import operations as op
from n3fit.model.grid_model import VALUES, GridModel
from n3fit.theory.integration import integration_nodes


def evaluate(model: GridModel, x: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Compute G (N, F) of one replica with the values (K, F) at the nodes."""
    tensor = model.evaluate(
        op.numpy_to_tensor(x[np.newaxis, :, np.newaxis]),
        {VALUES: op.numpy_to_tensor(values[np.newaxis])},
        [str(index) for index in range(values.shape[1])],
    )
    return op.evaluate(tensor)[0, 0]


def variable(x: np.ndarray) -> np.ndarray:
    return 5 * (1 - x) - np.log(x)


@pytest.mark.parametrize("nodes", [4, 20, 60])
def test_nodes(nodes):
    model = GridModel(nodes=nodes, smallest=1e-6)
    x = model.node_values
    assert x[0] == pytest.approx(1)
    assert x[-1] == pytest.approx(1e-6)
    np.testing.assert_allclose(np.diff(variable(x)), variable(1e-6) / (nodes - 1), rtol=1e-9)
    values = np.random.default_rng(2).normal(size=(nodes, 3))
    np.testing.assert_allclose(evaluate(model, x, values), values, atol=2e-4)


def test_parabolas_are_exact_everywhere(double_precision):
    model = GridModel(nodes=9)
    x = np.geomspace(1e-5, 1, 200)
    powers = np.arange(3)
    nodes = (variable(model.node_values) / 10)[:, np.newaxis] ** powers
    np.testing.assert_allclose(evaluate(model, x, nodes), (variable(x) / 10)[:, np.newaxis] ** powers, atol=1e-12)


def test_continuous_derivative_and_constant_below_the_first_node(double_precision):
    model = GridModel(nodes=9)
    values = np.random.default_rng(3).normal(size=(9, 1))
    step, inner = 1e-6, model.node_values[1:-1]
    below, at, above = (evaluate(model, inner * np.exp(shift), values)[:, 0] for shift in (-step, 0, step))
    # the slopes on both sides of a node differ by the second derivative times the step
    np.testing.assert_allclose((above - at) / step, (at - below) / step, atol=1e-4)
    low = evaluate(model, np.array([1e-9, 1e-7, 1e-5]), values)
    np.testing.assert_allclose(low, np.tile(values[-1], (3, 1)), rtol=1e-9)


@pytest.mark.parametrize("nodes", [10, 40, 100])
def test_integrals_between_the_nodes(nodes, double_precision):
    """Momentum and number integrals of values that jump from node to node, against ten times as many abscissae."""
    model = GridModel(nodes=nodes)
    values = np.exp(np.random.default_rng(5).normal(0, 0.5, (nodes, 1)))
    found = []
    for count in (128, 128 + 10 * nodes):
        x, weights = integration_nodes(count, breaks=model.breaks())
        pdf = x**0.4 * (1 - x) ** 2.5 * evaluate(model, x, values)[:, 0]
        found.append([weights @ pdf, weights @ (pdf / x)])
    np.testing.assert_allclose(found[0], found[1], rtol=2e-6)


def test_first_values_are_smooth_and_positive():
    values = GridModel(nodes=50).initial_values(("g", "v"), np.random.default_rng(4))[VALUES]
    assert values.shape == (50, 2)
    assert values.min() > 0
    assert np.abs(np.diff(values, n=2, axis=0)).max() < 0.05 * values.max()
