"""Runcards written with a comment on every key."""

import pytest

from n3fit.runcard.commented_yaml import format_value, write_commented
from n3fit.runcard.yaml_reader import parse_yaml

MEANINGS = {
    "a": "the first",
    "b": "a mapping",
    "b.c": "an explanation that is so long that it does not fit behind the value, which is a list of two numbers",
    "d": "entries",
    "d.name": "its name",
    "d.rule": "its rule",
    "e": "last",
}
CONTENT = {"a": 1, "b": {"c": [0.5, 1e6]}, "d": [{"name": "x"}, {"name": "y", "rule": "x > 0.1"}], "e": True}


def test_every_key_has_its_comment() -> None:
    assert write_commented(CONTENT, MEANINGS, {"d": "see below"}).splitlines() == [
        "a: 1  # the first",
        "",
        "# a mapping",
        "b:",
        "  # an explanation that is so long that it does not fit behind the value, which is a list of two numbers",
        "  c: [0.5, 1e6]",
        "",
        "# entries; see below",
        "# - name: its name",
        "# - rule: its rule",
        "d:",
        "  - {name: x}",
        '  - {name: y, rule: "x > 0.1"}',
        "",
        "e: true  # last",
    ]


def test_what_is_written_is_read_again() -> None:
    assert parse_yaml(write_commented(CONTENT, MEANINGS, {}), "card").data == CONTENT


@pytest.mark.parametrize(
    "value",
    ["yes", "on", "12", "1_2", "1e3", "a: b", "a # b", "", " a",
     'say "x"', "back\\slash", "-", "~", "null", "x > 5.0e-7"],
)  # fmt: skip
def test_texts_stay_texts(value: str) -> None:
    assert parse_yaml(f"key: {format_value(value)}\n", "card").data == {"key": value}


@pytest.mark.parametrize("value", [0.1, 2.621e-3, 6.073e-6, 1e6, 1.0, 123456789.25, 3, 1e-300, False])
def test_numbers_keep_every_digit(value: float) -> None:
    assert parse_yaml(f"key: {format_value(value)}\n", "card").data == {"key": value}


def test_a_key_without_meaning_is_an_error() -> None:
    with pytest.raises(KeyError):
        write_commented({"z": 1}, MEANINGS, {})
