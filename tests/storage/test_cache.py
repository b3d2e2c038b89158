"""The cache of arrays gives back what was stored, computes again what is damaged, and stays bounded."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import numpy as np
import pytest

from n3fit.storage import CACHE_VARIABLE
from n3fit.storage.cache import cached_arrays, content_key, drop_oldest, load_arrays, store_arrays

KEY = content_key("a key")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    return tmp_path / "arrays"


def test_the_second_call_computes_nothing_and_gives_the_same(folder: Path) -> None:
    calls = []

    def compute() -> dict[str, np.ndarray]:
        calls.append(1)
        return {"matrix": np.arange(6.0).reshape(2, 3), "number": np.array(2.5), "none": np.zeros((0, 3))}

    first = cached_arrays("kind", KEY, compute)
    second = cached_arrays("kind", KEY, compute)
    assert len(calls) == 1
    for name in ("matrix", "number", "none"):
        np.testing.assert_array_equal(first[name], second[name], strict=True)
        assert not first[name].flags.writeable
        assert not second[name].flags.writeable


def test_computed_arrays_lie_in_memory_as_stored_ones(folder: Path) -> None:
    matrix = np.arange(24.0).reshape(2, 3, 4)
    first = cached_arrays("kind", KEY, lambda: {"a": matrix.T, "b": matrix[:, ::2]})
    second = cached_arrays("kind", KEY, dict)
    for name in ("a", "b"):
        assert first[name].strides == second[name].strides
        np.testing.assert_array_equal(first[name], second[name])


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "text"])
def test_damaged_entries_are_computed_again(folder: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    matrix = np.linspace(0, 1, 1000)
    store_arrays("kind", KEY, {"matrix": matrix})
    path = folder / "kind" / f"{KEY}.arrays"
    content = bytearray(path.read_bytes())
    place = content.find(matrix[500].tobytes())
    assert place > 0
    content[place + 3] ^= 1
    path.write_bytes(
        {"truncated": content[: len(content) // 2], "flipped": content, "empty": b"", "text": b"nonsense"}[damage]
    )
    with caplog.at_level(logging.WARNING, "n3fit.storage.cache"):
        again = cached_arrays("kind", KEY, lambda: {"matrix": matrix})
    assert "broken" in caplog.text
    np.testing.assert_array_equal(again["matrix"], matrix)
    stored = load_arrays("kind", KEY)
    assert stored is not None
    np.testing.assert_array_equal(stored["matrix"], matrix)


def test_an_entry_of_another_key_is_not_taken(folder: Path) -> None:
    store_arrays("kind", KEY, {"a": np.ones(3)})
    other = content_key("another key")
    (folder / "kind" / f"{KEY}.arrays").rename(folder / "kind" / f"{other}.arrays")
    assert load_arrays("kind", other) is None


def test_keys_differ_with_type_shape_order_and_content() -> None:
    values = np.arange(4.0)
    keys = [
        content_key(values),
        content_key(values.reshape(2, 2)),
        content_key(values.astype(np.float32)),
        content_key(values + 1e-16 * np.array([1, 0, 0, 0])),
        content_key(values[::-1]),
        content_key("1", "2"),
        content_key("12"),
        content_key(1, 2),
        content_key(1.0, 2),
        content_key(None),
    ]
    assert len(set(keys)) == len(keys)
    assert content_key(np.arange(8.0)[::2]) == content_key(np.array([0.0, 2.0, 4.0, 6.0]))


def test_what_was_not_used_for_longest_goes_first(folder: Path) -> None:
    for age, name in enumerate(("new", "used", "old")):
        store_arrays("kind", content_key(name), {"a": np.zeros(1000)})
        os.utime(folder / "kind" / f"{content_key(name)}.arrays", (1e9 - age, 1e9 - age))
    assert load_arrays("kind", content_key("old")) is not None
    drop_oldest(17_000)
    left = {path.stem for path in (folder / "kind").iterdir()}
    assert left == {content_key("new"), content_key("old")}


def test_a_cache_that_cannot_be_written_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file"))
    result = cached_arrays("kind", KEY, lambda: {"a": np.ones(2)})
    np.testing.assert_array_equal(result["a"], [1, 1])
    assert "cannot be used" in caplog.text
