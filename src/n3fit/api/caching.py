"""The cache on disk: what it has, and its removal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from n3fit.errors import CommandLineError

if TYPE_CHECKING:
    from n3fit.storage.cache_contents import CacheContents


def show_cache(*, kinds: Sequence[str] = (), older: float = 0.0) -> CacheContents:
    """Return the files of the cache by kind, with their number, size and age.

    Parameters
    ----------
    kinds : sequence of str
        The kinds that count, such as ``operators`` or ``compiled``; all by default.
    older : float
        Days; only files that were not used for so long count.

    Raises
    ------
    CommandLineError
        There is no such kind, or a negative number of days.
    """
    from n3fit.storage.cache_contents import read_contents

    return read_contents(kinds, older=_check_days(older))


def clear_cache(*, kinds: Sequence[str] = (), older: float = 0.0) -> CacheContents:
    """Remove files of the cache, and return what was removed; other processes may go on using the cache.

    Parameters
    ----------
    kinds, older
        As in :func:`show_cache`.
    """
    from n3fit.storage.cache_contents import remove_contents

    return remove_contents(kinds, older=_check_days(older))


def cache_kinds() -> tuple[str, ...]:
    """Return the names of the kinds of cached files."""
    from n3fit.storage.cache_contents import known_kinds

    return known_kinds()


def _check_days(older: float) -> float:
    if not older >= 0:
        raise CommandLineError(f"older: expected days from 0, received {older!r}", hint="such as 30")
    return older
