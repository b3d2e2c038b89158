"""Formatting of numbers and tables."""

import math

import pytest

from n3fit.cli.formatting import align, format_number, format_range


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (1.25, ".3f", "1.250"),
        (1e-12, ".4g", "1e-12"),
        (None, ".3f", "-"),
        (math.nan, ".4g", "-"),
        (math.inf, ".2f", "-"),
    ],
)
def test_format_number(value: float | None, spec: str, text: str) -> None:
    assert format_number(value, spec) == text


def test_format_range() -> None:
    assert format_range((-0.25, 1.123456)) == "[-0.25, 1.123]"
    assert format_range(None) == "-"


def test_align() -> None:
    assert align(("name", "n"), [("a", "1"), ("long name", "100")], "<>") == [
        "name         n",
        "a            1",
        "long name  100",
    ]
