"""The networks of all replicas."""

import numpy as np
import pytest
from support import problems

from n3fit.model.architecture import Architecture
from n3fit.model.network import build_network
from n3fit.model.operation_count import count_parameters

FEATURES = np.random.default_rng(3).normal(size=(1, 5, 2))


def evaluate(network):
    return np.asarray(network.predict({"network_input": FEATURES}, verbose=0))[0]


def test_plain_numpy(double_precision):
    network = build_network(
        problems.make_architecture(nodes=(4, 3, 8), activations=("tanh", "sigmoid", "linear")), 2, [1, 2]
    )
    values = evaluate(network)
    for replica in range(2):
        tensor = FEATURES[0]
        weights = [weight.numpy()[replica] for weight in network.trainable_weights]
        sigmoid = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
        for kernel, bias, activation in zip(weights[::2], weights[1::2], (np.tanh, sigmoid, np.array), strict=True):
            tensor = activation(tensor @ kernel + bias)
        np.testing.assert_allclose(values[replica], tensor, rtol=1e-12)


def test_network_per_flavour():
    architecture = problems.make_architecture(layer_type="dense_per_flavour")
    network = build_network(architecture, 2, [1, 2, 3])
    values = evaluate(network)
    assert values.shape == (3, 5, 8)
    # the weights of one flavour change that flavour alone
    (kernel,) = [
        weight
        for weight in network.trainable_weights
        if weight.path.startswith("v3_layer_1/") and "kernel" in weight.path
    ]
    kernel.assign(kernel.numpy() + 1)
    changed = np.abs(evaluate(network) - values).max(axis=(0, 1)) > 0
    assert [flavour for flavour, moved in zip(architecture.flavours, changed, strict=True) if moved] == ["v3"]


@pytest.mark.parametrize("layer_type", ["dense", "dense_per_flavour"])
def test_first_weights_do_not_depend_on_the_neighbours(layer_type):
    architecture = problems.make_architecture(layer_type=layer_type)
    together, alone = (build_network(architecture, 2, replicas).trainable_weights for replicas in ([1, 2, 5], [5]))
    for many, one in zip(together, alone, strict=True):
        np.testing.assert_array_equal(many.numpy()[2], one.numpy()[0])
        if "kernel" in many.path:
            assert not np.any(many.numpy()[1] == many.numpy()[2])


def test_layers_of_equal_shape_start_differently():
    network = build_network(problems.make_architecture(nodes=(8, 8, 8), activations=("tanh",) * 3), 2, [1])
    kernels = [weight.numpy() for weight in network.trainable_weights if "kernel" in weight.path]
    assert not np.any(kernels[1] == kernels[2])


@pytest.mark.parametrize(
    "changes", [{}, {"layer_type": "dense_per_flavour"}, {"nodes": (25, 20, 8), "activations": ("tanh",) * 3}]
)
def test_count_of_parameters(changes):
    """The estimate of the resources counts the parameters of one replica of the network."""
    architecture: Architecture = problems.make_architecture(**changes)
    network = build_network(architecture, 2, [1, 2])
    assert sum(weight.numpy().size for weight in network.trainable_weights) == 2 * count_parameters(architecture)


def test_flavours_of_an_architecture():
    assert problems.make_architecture("FLAVOUR").flavours == ("u", "ubar", "d", "dbar", "s", "sbar", "c", "g")
