"""Strict types of values."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from n3fit.runcard import values


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        (values.Number, 3, 3.0),
        (values.Integer, 1e6, 1_000_000),
        (values.StrictBool, True, True),
        (values.Range, [1, 2.5], (1.0, 2.5)),
        (values.Range, [1.0, 1.0], (1.0, 1.0)),
        (values.Seed, 0, 0),
        (values.Seed, 2**32 - 1, 2**32 - 1),
        (values.Name, "HERA_NC", "HERA_NC"),
        (values.SavedWeights, "weights.weights.h5", "weights.weights.h5"),
        (values.LoadedWeights, "../other fit/weights.h5", "../other fit/weights.h5"),
    ],
)
def test_accepted(kind: Any, given: object, expected: object) -> None:
    value = TypeAdapter(kind).validate_python(given)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (values.Number, "1e6"),
        (values.Number, True),
        (values.Number, None),
        (values.Integer, "12"),
        (values.Integer, 1.5),
        (values.Integer, False),
        (values.Integer, float("inf")),
        (values.StrictBool, 1),
        (values.StrictBool, "yes"),
        (values.Text, 5),
        (values.Text, False),
        (values.Name, "two words"),
        (values.Name, ""),
        (values.Range, [2, 1]),
        (values.Range, [1, 2, 3]),
        (values.Range, 1),
        (values.Seed, -1),
        (values.Seed, 2**32),
        (values.Fraction, 1.01),
        (values.Fraction, -0.01),
        (values.SavedWeights, "../weights.h5"),
        (values.SavedWeights, "a/weights.h5"),
        (values.SavedWeights, "my weights.h5"),
        (values.SavedWeights, ".h5"),
        (values.SavedWeights, "weights.pkl"),
        (values.LoadedWeights, "weights.pkl"),
        (values.LoadedWeights, "model.keras"),
    ],
)
def test_refused(kind: Any, given: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(given)


def test_keys_refuse_what_is_not_finite() -> None:
    class Point(values.RuncardSection):
        x: values.Number

    for bad in (float("nan"), float("inf")):
        with pytest.raises(ValidationError):
            Point(x=bad)
    with pytest.raises(ValidationError):
        Point(x=1.0).x = 2.0
