"""Arrays come back as they were packed, without copies; other bytes are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, boolean_dtypes, floating_dtypes, integer_dtypes

from n3fit.storage.arrays import ALIGNMENT, pack_arrays, unpack_arrays

TYPES = boolean_dtypes() | integer_dtypes() | floating_dtypes()


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(st.text(max_size=5), arrays(TYPES, array_shapes(min_dims=0, min_side=0, max_side=4)), max_size=4),
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none(), max_size=3),
)
def test_round_trip(content: dict[str, np.ndarray], header: dict[str, object]) -> None:
    again, stored = unpack_arrays(pack_arrays(header, content))
    assert again == header
    assert list(stored) == list(content)
    for name, array in content.items():
        np.testing.assert_array_equal(stored[name], array, strict=True)
        assert not stored[name].flags.writeable


def test_arrays_are_views_of_the_bytes() -> None:
    packed = pack_arrays({}, {"a": np.ones(3), "b": np.arange(24.0).reshape(2, 3, 4).T})
    _, stored = unpack_arrays(packed)
    whole = np.frombuffer(packed, dtype=np.uint8)
    for array in stored.values():
        assert np.shares_memory(array, whole)
        assert (array.ctypes.data - whole.ctypes.data) % ALIGNMENT == 0
    np.testing.assert_array_equal(stored["b"], np.arange(24.0).reshape(2, 3, 4).T)


def test_any_changed_byte_is_noticed() -> None:
    packed = pack_arrays({"key": "k"}, {"a": np.arange(5)})
    for place in range(len(packed)):
        changed = bytearray(packed)
        changed[place] ^= 16
        with pytest.raises(ValueError, match=r"checksum|does not begin"):
            unpack_arrays(bytes(changed))
    for size in range(len(packed)):
        with pytest.raises(ValueError, match=r"checksum|does not begin"):
            unpack_arrays(packed[:size])


def test_objects_are_refused() -> None:
    with pytest.raises(ValueError, match="o: expected numbers or booleans"):
        pack_arrays({}, {"o": np.array([{}])})
