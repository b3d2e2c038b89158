"""Initial values of the variables of PDF models."""

from typing import Any

import numpy as np
import pytest

from n3fit.model.grid_model import GridModel
from n3fit.model.les_houches import LesHouches
from n3fit.pdf_models import PDFModel
from n3fit.pdf_models.initial_values import check_initial_values, initial_values, variable_shapes
from n3fit.seeds import SeededReplica

FLAVOURS = ("sng", "g", "v")


def replicas(*numbers: int, seed: int = 4) -> list[SeededReplica]:
    return [SeededReplica(number, seed) for number in numbers]


@pytest.mark.parametrize("model", [LesHouches(), GridModel()], ids=lambda model: type(model).__name__)
def test_a_replica_does_not_depend_on_the_others(model: PDFModel) -> None:
    together = initial_values(model, FLAVOURS, replicas(3, 5, 8))
    alone = initial_values(model, FLAVOURS, replicas(5))
    other_seed = initial_values(model, FLAVOURS, replicas(5, seed=5))
    for name, values in together.items():
        assert values.shape == (3, *variable_shapes(model, FLAVOURS)[name])
        assert np.array_equal(values[1:2], alone[name])
        assert not np.array_equal(values[0], values[1])
        assert not np.array_equal(other_seed[name], alone[name])


class Given(PDFModel):
    """Returns what it is given."""

    values: Any = None

    def initial_values(self, flavours: Any, random: Any) -> Any:
        return self.values(random) if callable(self.values) else self.values

    def evaluate(self, x: Any, variables: Any, flavours: Any) -> Any:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (None, "expected a mapping of names to arrays, received None"),
        ({}, "expected a mapping of names to arrays, received {}"),
        ({"a/b": [1.0]}, "expected names of ASCII letters, digits and underscores, received 'a/b'"),
        ({"β": [1.0]}, "expected names of ASCII letters, digits and underscores, received 'β'"),
        ({"a": [1j]}, "a: expected real numbers, received an array of type complex128"),
        ({"a": ["1"]}, "a: expected real numbers, received an array of type <U1"),
        ({"a": []}, r"a: expected numbers, received an array of shape \(0,\)"),
        ({"a": [np.nan]}, "a: expected finite numbers, received others"),
        (lambda random: {"a": np.zeros(random.integers(1, 1000))}, "the same names and shapes for every replica"),
    ],
)
def test_values_that_are_refused(values: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        initial_values(Given(values=values), FLAVOURS, replicas(1, 2, 3))


def test_values_that_the_generator_does_not_determine() -> None:
    check_initial_values(LesHouches(), FLAVOURS)
    other = np.random.default_rng(1)
    with pytest.raises(ValueError, match="a: expected the same values for the same generator, received others"):
        check_initial_values(Given(values=lambda random: {"a": other.normal(size=2)}), FLAVOURS)
