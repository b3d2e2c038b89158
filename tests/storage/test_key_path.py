"""Paths of values in documents."""

from __future__ import annotations

import pytest

from n3fit.storage.key_path import KeyPath, format_key, move_key


@pytest.mark.parametrize(
    ("key", "text"),
    [((), ""), (("a",), "a"), ((2,), "[2]"), (("a", 0, 1, "b", "c"), "a[0][1].b.c"), ((3, "a"), "[3].a")],
)
def test_form_in_messages(key: KeyPath, text: str) -> None:
    assert format_key(key) == text


def test_the_longest_known_beginning_is_replaced() -> None:
    places: dict[KeyPath, KeyPath] = {("sets",): ("datasets",), ("sets", 1): ("others", 0)}
    assert move_key(("sets", 1, "frac"), places) == ("others", 0, "frac")
    assert move_key(("sets", 2, "frac"), places) == ("datasets", 2, "frac")
    assert move_key(("sets",), places) == ("datasets",)
    assert move_key(("theory", "sets"), places) == ("theory", "sets")
    assert move_key((), places) == ()
