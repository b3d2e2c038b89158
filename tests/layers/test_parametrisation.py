"""The layer of a PDF model: its variables, and their replicas."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from n3fit.backends import operations as op
from n3fit.layers.parametrisation import Parametrisation
from n3fit.pdf_models import PDFModel

FLAVOURS = ("g", "v", "t3")


class Line(PDFModel):
    """a + b x."""

    def initial_values(self, flavours: Any, random: Any) -> Mapping[str, Any]:
        raise NotImplementedError

    def evaluate(self, x: Any, variables: Mapping[str, Any], flavours: Any) -> Any:
        assert flavours == FLAVOURS
        slope = op.einsum("bxi,rf->brxf", x, variables["b"])
        return slope + op.expand_dims(op.expand_dims(variables["a"], axis=1), axis=0)


def test_values_and_variables():
    random = np.random.default_rng(5)
    initial = {"a": random.normal(size=(4, 3)), "b": random.normal(size=(4, 3))}
    layer = Parametrisation(Line(), FLAVOURS, initial, name="line")
    x = random.uniform(size=(1, 7, 1))
    expected = initial["a"][np.newaxis, :, np.newaxis] + x[:, np.newaxis] * initial["b"][np.newaxis, :, np.newaxis]
    np.testing.assert_allclose(op.evaluate(layer(op.numpy_to_tensor(x))), expected, rtol=1e-5, atol=1e-6)
    assert [weight.replica_axis for weight in layer.weights] == [0, 0]
    assert len(layer.trainable_weights) == 2
    for name, values in initial.items():
        np.testing.assert_allclose(op.evaluate(layer.get_weight_by_name(name)), values, rtol=1e-6)
    assert layer.compute_output_shape((1, None, 1)) == (1, 4, None, 3)
