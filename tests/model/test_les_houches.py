"""The Les Houches form against numpy."""

import numpy as np
import pytest

from n3fit.backends import operations as op
from n3fit.model.les_houches import COEFFICIENTS, NORMALISATION, LesHouches

FLAVOURS = ("sng", "g", "v")
X = np.array([1e-9, 1e-4, 0.1, 0.5, 1.0])


@pytest.mark.parametrize("powers", [(), (0.5,), (0.5, 1.0, 1.5, 2.0)])
def test_values(powers):
    model = LesHouches(powers=powers)
    random = np.random.default_rng(1)
    own = [model.initial_values(FLAVOURS, random) for _ in range(2)]
    variables = {name: np.stack([values[name] for values in own]) for name in own[0]}
    computed = op.evaluate(
        model.evaluate(
            op.numpy_to_tensor(X[np.newaxis, :, np.newaxis]),
            {name: op.numpy_to_tensor(values) for name, values in variables.items()},
            FLAVOURS,
        )
    )
    expected = np.ones((2, len(X), 3))
    for index, power in enumerate(powers):
        expected += variables[COEFFICIENTS][:, index, np.newaxis] * X[:, np.newaxis] ** power
    expected *= variables[NORMALISATION][:, np.newaxis]
    np.testing.assert_allclose(computed, expected[np.newaxis], rtol=1e-5, atol=1e-6)


def test_at_most_seven_parameters():
    variables = LesHouches().initial_values(FLAVOURS, np.random.default_rng(1))
    exponents = 2 * len(FLAVOURS)
    assert sum(array.size for array in variables.values()) + exponents == 7 * len(FLAVOURS)
    without_spread = LesHouches(spread=0).initial_values(FLAVOURS, np.random.default_rng(1))
    assert without_spread[NORMALISATION].tolist() == [1, 1, 1]
    assert not without_spread[COEFFICIENTS].any()
