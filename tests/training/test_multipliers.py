"""Growth of the Lagrange multipliers."""

from types import SimpleNamespace

import numpy as np
import pytest

from n3fit.layers.penalties import LagrangePenalty
from n3fit.training.multipliers import MultiplierGrowth


@pytest.fixture
def growth():
    layers = {"first": LagrangePenalty([1.0, 8.0]), "second": LagrangePenalty([5.0])}
    for layer in layers.values():
        layer.build((1, 1, None))
    callback = MultiplierGrowth({"first": np.array([2.0, 0.5]), "second": np.array([1.1])})
    callback.set_model(SimpleNamespace(get_layer=layers.__getitem__))
    return callback, layers


def test_every_hundredth_epoch(growth):
    callback, layers = growth
    for epoch in range(350):
        callback.on_epoch_end(epoch)
        updates = (epoch + 1) // 100
        np.testing.assert_allclose(layers["first"].multipliers.numpy(), [2.0**updates, 8 * 0.5**updates], rtol=1e-6)
    np.testing.assert_allclose(layers["second"].multipliers.numpy(), [5 * 1.1**3], rtol=1e-6)


@pytest.mark.parametrize(("epoch", "wanted"), [(0, 99), (98, 99), (99, 99), (100, 199), (16999, 16999)])
def test_asks_for_the_host_in_time(growth, epoch, wanted):
    assert growth[0].next_host_epoch(epoch) == wanted


def test_asks_for_nothing_without_penalties():
    assert MultiplierGrowth({}).next_host_epoch(0) is None
