"""Division of replicas into blocks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from n3fit.cluster.blocks import blocks_of, divide


@given(count=st.integers(1, 200), parts=st.integers(1, 50))
def test_blocks_have_all_replicas_once_and_equal_sizes(count: int, parts: int) -> None:
    blocks = divide(range(1, count + 1), parts)
    assert [number for block in blocks for number in block] == list(range(1, count + 1))
    assert len(blocks) == min(parts, count)
    assert max(map(len, blocks)) - min(map(len, blocks)) <= 1


def test_one_block_per_worker_unless_a_size_is_given() -> None:
    assert [len(block) for block in blocks_of(range(1, 101), workers=4)] == [25, 25, 25, 25]
    assert [len(block) for block in blocks_of(range(1, 11), workers=4, size=4)] == [4, 4, 2]
