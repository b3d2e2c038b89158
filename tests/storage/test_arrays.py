"""Arrays come back as they were written, without copies; other content is refused."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, boolean_dtypes, floating_dtypes, integer_dtypes
from safetensors.numpy import load, save

from n3fit.errors import DataError, ResourceError
from n3fit.storage import arrays as arrays_module
from n3fit.storage.arrays import arrays_from_bytes, arrays_to_bytes, read_arrays, write_arrays

TYPES = boolean_dtypes() | integer_dtypes() | floating_dtypes(sizes=(16, 32, 64))
NAMES = st.text(max_size=5)
HEADERS = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none(), max_size=3)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(NAMES, arrays(TYPES, array_shapes(min_dims=0, min_side=0, max_side=4)), max_size=4), HEADERS)
def test_round_trip(content: dict[str, np.ndarray], header: dict[str, object]) -> None:
    again, stored = arrays_from_bytes(arrays_to_bytes(content, header))
    assert again == header
    assert stored.keys() == content.keys()
    for name, array in content.items():
        native = array.astype(array.dtype.newbyteorder("="))
        np.testing.assert_array_equal(stored[name], native, strict=True)
        assert not stored[name].flags.writeable


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(NAMES, arrays(TYPES, array_shapes(min_dims=0, min_side=0, max_side=4)), max_size=4), HEADERS)
def test_safetensors_reads_the_same_arrays(content: dict[str, np.ndarray], header: dict[str, object]) -> None:
    stored = load(arrays_to_bytes(content, header))
    assert stored.keys() == content.keys()
    for name, array in content.items():
        native = array.astype(array.dtype.newbyteorder("="))
        np.testing.assert_array_equal(stored[name], native, strict=True)


def test_files_have_the_same_size_as_those_of_safetensors() -> None:
    content = {"a": np.arange(6.0).reshape(2, 3), "b": np.array([True, False]), "c": np.array(7, dtype=np.uint8)}
    packed = arrays_to_bytes(content)
    start = 8 + int.from_bytes(packed[:8], "little")
    metadata = json.loads(packed[8:start])["__metadata__"]
    assert start % 8 == 0
    assert len(packed) == len(save(content, metadata))


def test_arrays_are_views_of_the_bytes() -> None:
    packed = arrays_to_bytes({"a": np.ones(3), "b": np.arange(24.0).reshape(2, 3, 4).T, "c": np.array([True])})
    _, stored = arrays_from_bytes(packed)
    whole = np.frombuffer(packed, dtype=np.uint8)
    for array in stored.values():
        assert np.shares_memory(array, whole)
        assert array.flags.aligned
    np.testing.assert_array_equal(stored["b"], np.arange(24.0).reshape(2, 3, 4).T)


def test_the_same_content_gives_the_same_bytes() -> None:
    """The order of arrays and keys does not count."""
    first = arrays_to_bytes({"a": np.arange(3.0), "b": np.arange(2)}, {"x": 1, "y": [2]})
    for _ in range(20):
        assert arrays_to_bytes({"b": np.arange(2), "a": np.arange(3.0)}, {"y": [2], "x": 1}) == first


def test_any_changed_byte_is_noticed() -> None:
    packed = arrays_to_bytes({"a": np.arange(5)}, {"key": "k"})
    for place in range(len(packed)):
        changed = bytearray(packed)
        changed[place] ^= 16
        with pytest.raises(ValueError, match=r"checksum|not a file of arrays"):
            arrays_from_bytes(bytes(changed))
    for size in range(len(packed)):
        with pytest.raises(ValueError, match=r"checksum|not a file of arrays"):
            arrays_from_bytes(packed[:size])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense" * 20,
        pickle.dumps([1, 2, 3]),
        (2**62).to_bytes(8, "little") + b"{}",
        (20_000).to_bytes(8, "little") + b"[" * 20_000,
        (2).to_bytes(8, "little") + b"[]",
        save({"a": np.ones(3)}),
        save({"a": np.ones(3)}, {"n3fit": "{}"}),
        save({"a": np.ones(3, dtype=np.complex64)}, {"n3fit": '{"header": "{}", "checksum": "00000000"}'}),
    ],
)
def test_other_content_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="not a file of arrays"):
        arrays_from_bytes(content)


@pytest.mark.parametrize("array", [np.array([{}]), np.array(["text"]), np.array([1j]), np.array(["2026-01-01"], "M8")])
def test_only_numbers_and_booleans_are_written(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="o: expected numbers or booleans"):
        arrays_to_bytes({"o": array})


def test_reserved_name_and_header_without_json_are_refused() -> None:
    with pytest.raises(ValueError, match="reserved"):
        arrays_to_bytes({"__metadata__": np.ones(1)})
    with pytest.raises(ValueError, match="not JSON compliant"):
        arrays_to_bytes({}, {"a": float("nan")})


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "some.safetensors"
    write_arrays(path, {"a": np.arange(3.0), "b": np.array(2)}, {"key": "k"})
    for expected in ((), ({"a", "b"},), ({"a"}, {"a", "b"})):
        stored = read_arrays(path, *expected)
        np.testing.assert_array_equal(stored["a"], [0.0, 1.0, 2.0], strict=True)
        assert stored["b"] == 2
    with pytest.raises(DataError, match="missing or unknown: b, c") as caught:
        read_arrays(path, {"a", "c"})
    assert caught.value.hint == "the file is damaged; restore it or fit again"


def test_damaged_missing_and_large_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "some.safetensors"
    with pytest.raises(ResourceError, match=r"some\.safetensors: missing"):
        read_arrays(path)
    with pytest.raises(ResourceError, match="cannot be read"):
        read_arrays(tmp_path)
    write_arrays(path, {"a": np.arange(3.0)})
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"some\.safetensors: not a file of arrays") as caught:
        read_arrays(path)
    assert caught.value.hint == "the file is damaged; restore it or fit again"
    monkeypatch.setattr(arrays_module, "LARGEST_FILE", 10)
    with pytest.raises(ResourceError, match="expected at most 10"):
        read_arrays(path)
