"""The cache returns what was stored, computes again what is damaged, and stays within its limit."""

from __future__ import annotations

import logging
import multiprocessing
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from n3fit.storage import CACHE_VARIABLE, cache
from n3fit.storage.arrays import read_arrays, write_arrays
from n3fit.storage.cache import ArrayStore, content_key, drop_oldest

KEY = content_key("a key")
STORE = ArrayStore("kind", version=1)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    return tmp_path


def loaded(store: ArrayStore, key: str) -> dict[str, np.ndarray] | None:
    entry = store.load(key)
    return None if entry is None else entry.arrays


def test_the_second_call_computes_nothing_and_gives_the_same() -> None:
    calls = []

    def compute() -> dict[str, np.ndarray]:
        calls.append(1)
        return {"matrix": np.arange(6.0).reshape(2, 3), "number": np.array(2.5), "none": np.zeros((0, 3))}

    assert not STORE.contains(KEY)
    first = STORE.get_or_compute(KEY, compute)
    second = STORE.get_or_compute(KEY, compute)
    assert STORE.contains(KEY)
    assert len(calls) == 1
    for name in ("matrix", "number", "none"):
        np.testing.assert_array_equal(first[name], second[name], strict=True)
        assert not first[name].flags.writeable
        assert not second[name].flags.writeable


def test_computed_arrays_lie_in_memory_as_stored_ones() -> None:
    matrix = np.arange(24.0).reshape(2, 3, 4)
    first = STORE.get_or_compute(KEY, lambda: {"a": matrix.T, "b": matrix[:, ::2]})
    second = STORE.get_or_compute(KEY, dict)
    for name in ("a", "b"):
        assert first[name].strides == second[name].strides
        np.testing.assert_array_equal(first[name], second[name])


def test_header_is_kept_beside_the_arrays() -> None:
    saved = STORE.save(KEY, {"a": np.ones(2)}, {"operands": [["squares"], ["linear"]]})
    entry = STORE.load(KEY)
    assert entry is not None
    assert entry.header == saved.header == {"operands": [["squares"], ["linear"]]}


def test_every_store_and_version_has_entries_of_its_own(folder: Path) -> None:
    stores = [STORE, ArrayStore("kind", version=2), ArrayStore("other", version=1)]
    for number, store in enumerate(stores):
        assert store.load(KEY) is None
        store.save(KEY, {"a": np.array(number)})
    assert [store.get_or_compute(KEY, dict)["a"] for store in stores] == [0, 1, 2]
    assert all(store.path(KEY).is_relative_to(folder) for store in stores)


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "text"])
def test_damaged_entries_are_computed_again(damage: str, caplog: pytest.LogCaptureFixture) -> None:
    matrix = np.linspace(0, 1, 1000)
    STORE.save(KEY, {"matrix": matrix})
    path = STORE.path(KEY)
    content = bytearray(path.read_bytes())
    place = content.find(matrix[500].tobytes())
    assert place > 0
    content[place + 3] ^= 1
    path.write_bytes(
        {"truncated": content[: len(content) // 2], "flipped": content, "empty": b"", "text": b"nonsense"}[damage]
    )
    with caplog.at_level(logging.WARNING, "n3fit.storage.cache"):
        again = STORE.get_or_compute(KEY, lambda: {"matrix": matrix})
    assert f"{path}: damaged cache entry" in caplog.text
    np.testing.assert_array_equal(again["matrix"], matrix)
    np.testing.assert_array_equal(read_arrays(path)["matrix"], matrix)


def test_foreign_entries_are_not_used(caplog: pytest.LogCaptureFixture) -> None:
    """Neither one of another key or store that was copied, nor a file of arrays without a key."""
    other = content_key("another key")
    STORE.save(KEY, {"a": np.ones(3)})
    STORE.path(KEY).rename(STORE.path(other))
    assert STORE.load(other) is None
    ArrayStore("kind", version=2).save(other, {"a": np.ones(3)})
    ArrayStore("kind", version=2).path(other).replace(STORE.path(other))
    assert STORE.load(other) is None
    write_arrays(STORE.path(other), {"a": np.ones(3)})
    assert STORE.load(other) is None
    assert caplog.text.count("it was stored for something else") == 3


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


def test_what_was_not_used_for_longest_is_dropped_first() -> None:
    keys = {name: content_key(name) for name in ("new", "used", "old")}
    for age, key in enumerate(keys.values()):
        STORE.save(key, {"a": np.zeros(1000)})
        os.utime(STORE.path(key), (1e9 - age, 1e9 - age))
    assert loaded(STORE, keys["old"]) is not None
    drop_oldest(17_000)
    assert [name for name, key in keys.items() if STORE.contains(key)] == ["new", "old"]


def test_one_limit_for_all_stores_and_what_earlier_versions_left(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Operators, data sets and arrays of earlier versions, and unfinished files of killed processes."""
    earlier = ["arrays/products/k.arrays", "operators/0123/nf4_q1.npz", "commondata/SET-0123.arrays",
               "arrays/kind-1/.0123.unfinished.safetensors"]  # fmt: skip
    for name in earlier:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(8000))
        os.utime(path, (1e9, 1e9))
    (folder / "jax").mkdir()
    (folder / "jax" / "program").write_bytes(bytes(100_000))
    monkeypatch.setattr(cache, "LIMIT", 17_000)
    other = ArrayStore("other", version=1)
    STORE.save(KEY, {"a": np.zeros(1000)})
    other.save(KEY, {"a": np.zeros(1000)})
    assert [name for name in earlier if (folder / name).exists()] == []
    assert STORE.contains(KEY)
    assert other.contains(KEY)
    assert (folder / "jax" / "program").is_file()


def test_a_cache_that_cannot_be_written_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file"))
    result = STORE.get_or_compute(KEY, lambda: {"a": np.ones(2)})
    np.testing.assert_array_equal(result["a"], [1, 1])
    assert "the cache cannot be used" in caplog.text
    STORE.get_or_compute(content_key("another"), lambda: {"a": np.ones(2)})
    first, second = (record.getMessage() for record in caplog.records)
    assert first == second


def _use_often(worker: int, results: Any) -> None:
    """Store, read and drop the same few entries as other processes do."""
    cache.LIMIT = 40_000
    sums = []
    for step in range(60):
        number = (worker + step) % 7
        arrays = STORE.get_or_compute(content_key(number), lambda number=number: {"a": np.full(1000, float(number))})
        sums.append(float(arrays["a"].sum()) == 1000.0 * number)
    results.put(sums)


def test_processes_share_the_cache(folder: Path) -> None:
    """With a limit below the size of all entries, so that each process drops what another one reads."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=_use_often, args=(number, results)) for number in range(2)]
    for worker in workers:
        worker.start()
    sums = [results.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join()
    assert sums == [[True] * 60] * 2
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) <= 5
    assert all(read_arrays(path, {"a"}) for path in files)
