"""Texts of numpy as numbers and lists; any other text stays."""

from __future__ import annotations

from typing import Any

import pytest

from n3fit.results import numpy_text
from n3fit.results.numpy_text import plain_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        (" -2.5e-3 ", -2.5e-3),
        ("np.float64(1.5)", 1.5),
        ("numpy.int32(7)", 7),
        ("array([[1., 2.],\n       [3., 4.]], dtype=float32)", [[1.0, 2.0], [3.0, 4.0]]),
        ("[]", []),
        ("[ ['tanh' 'linear'] ['relu'] ]", [["tanh", "linear"], ["relu"]]),
        ('["a"]', ["a"]),
    ],
)
def test_texts_of_numpy(text: str, value: Any) -> None:
    assert plain_value(text) == value


@pytest.mark.parametrize(
    "text", ["", "tanh", "1_000", "[1 2", "[1] [2]", "1]", "[1 ... 9]", "[a]", "f(1)", "['a]", "[" * 9 + "]" * 9]
)
def test_other_texts_stay(text: str) -> None:
    assert plain_value(text) == text


def test_other_values_stay_and_mappings_and_lists_are_read_inside() -> None:
    assert plain_value({"a": ["1", None, True, 2.5], "b": {"c": "[1]"}}) == {"a": [1, None, True, 2.5], "b": {"c": [1]}}


def test_what_lies_deeper_stays() -> None:
    assert plain_value({"a": {"b": "1"}}, levels=1) == {"a": {"b": "1"}}
    assert plain_value({"a": {"b": "1"}}, levels=2) == {"a": {"b": 1}}


def test_a_text_that_is_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numpy_text, "_LONGEST", 5)
    assert plain_value(["[1 2]", "[1 22]"]) == [[1, 2], "[1 22]"]
