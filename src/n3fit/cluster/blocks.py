"""Division of replicas into blocks, each of which one worker trains together."""

from __future__ import annotations

from collections.abc import Sequence


def divide(replicas: Sequence[int], parts: int) -> list[list[int]]:
    """Return replicas in at most ``parts`` blocks of consecutive ones, whose sizes differ by at most one.

    >>> divide(range(1, 8), 3)
    [[1, 2, 3], [4, 5], [6, 7]]
    """
    count = min(parts, len(replicas))
    base, extra = divmod(len(replicas), count)
    blocks, start = [], 0
    for index in range(count):
        end = start + base + (index < extra)
        blocks.append(list(replicas[start:end]))
        start = end
    return blocks


def blocks_of(replicas: Sequence[int], *, workers: int, size: int | None = None) -> list[list[int]]:
    """Return the blocks of a fit: one for each worker, or with ``size`` replicas each.

    Replicas train together almost as fast as one alone, so that more blocks than workers only cost time.

    >>> blocks_of(range(1, 6), workers=2), blocks_of(range(1, 6), workers=2, size=2)
    ([[1, 2, 3], [4, 5]], [[1, 2], [3, 4], [5]])
    """
    if size is None:
        return divide(replicas, workers)
    return [list(replicas[start : start + size]) for start in range(0, len(replicas), size)]
