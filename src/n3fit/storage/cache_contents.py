"""What is in the cache folder, by kind, and its removal.

Only files whose place and name are those that n3fit gives them count: everything else in the folder stays, whatever
folder the environment variable names. Links are not followed. Other processes may use the cache at the same time: an
entry that is gone is computed again, files that are being written are recent and stay, and a file that is being fetched
stays while its lock is held.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from n3fit.errors import CommandLineError, did_you_mean
from n3fit.storage.files import cache_directory

COMPILED, DOWNLOADS, EARLIER = "compiled", "downloads", "earlier"
"""Kinds beside those of arrays, which have the names of their stores: compiled programs, and unfinished downloads."""

_ARRAYS = "arrays"
_HASH = r"[0-9a-f]{16,64}"
_TEMPORARY = r"\.[0-9a-f]{12}\."
_NAMES = {
    _ARRAYS: re.compile(rf"(?:{_TEMPORARY})?{_HASH}\.safetensors"),
    "jax": re.compile(r".+-(?:cache|atime)"),
    "downloads": re.compile(r".+\.[0-9a-f]{12}\.part(?:\.json)?"),
    "operators": re.compile(rf"(?:{_TEMPORARY})?{_HASH}\.[a-z0-9.]+"),
    "commondata": re.compile(rf"(?:{_TEMPORARY})?{_HASH}\.[a-z0-9.]+"),
}
"""The folders of the cache, and the names of the files in each."""

_KINDS = {"jax": COMPILED, "downloads": DOWNLOADS, "operators": EARLIER, "commondata": EARLIER}
_BEING_WRITTEN = 3600.0
"""Seconds during which an unfinished file may belong to a running process."""

SECONDS_PER_DAY = 86400.0


@dataclass(frozen=True)
class CacheKind:
    """The files of one kind in the cache.

    Parameters
    ----------
    name : str
        Such as ``operators``, ``fk_tables`` or ``compiled``.
    files, size : int
        Their number, and their bytes.
    oldest, newest : float
        Days since the last use (of compiled programs and downloads: since they were written) of the file that was
        used first and last.
    """

    name: str
    files: int
    size: int
    oldest: float
    newest: float


@dataclass(frozen=True)
class CacheContents:
    """The cache folder, or what was removed from it.

    Parameters
    ----------
    folder : Path
        It may not exist.
    kinds : tuple of CacheKind
        Sorted by name; those without files are left out.
    """

    folder: Path
    kinds: tuple[CacheKind, ...]

    @property
    def files(self) -> int:
        """Number of files of all kinds."""
        return sum(kind.files for kind in self.kinds)

    @property
    def size(self) -> int:
        """Bytes of all kinds."""
        return sum(kind.size for kind in self.kinds)


@dataclass(frozen=True)
class _File:
    path: Path
    kind: str
    size: int
    age: float
    """Seconds since the last use."""


def read_contents(kinds: Collection[str] = (), *, older: float = 0.0) -> CacheContents:
    """Return the files of the cache.

    Parameters
    ----------
    kinds : collection of str
        The kinds that count; all by default.
    older : float
        Days; only files that were not used for so long count.

    Raises
    ------
    CommandLineError
        There is no such kind.
    """
    return _summarise(_select(kinds, older))


def remove_contents(kinds: Collection[str] = (), *, older: float = 0.0) -> CacheContents:
    """Remove files of the cache, and return what was removed; see :func:`read_contents`.

    Files that another process is writing or fetching stay, as do those that cannot be removed.
    """
    removed = []
    for file in _select(kinds, older):
        unfinished = file.kind != DOWNLOADS and file.path.name.startswith(".") and file.age < _BEING_WRITTEN
        if not unfinished and _remove(file):
            removed.append(file)
    _remove_empty_folders()
    return _summarise(removed)


def known_kinds() -> tuple[str, ...]:
    """Return the names of the kinds that have files, and of those that always exist, sorted."""
    return tuple(sorted({COMPILED, DOWNLOADS, EARLIER, *(file.kind for file in _files())}))


def _select(kinds: Collection[str], older: float) -> list[_File]:
    known = known_kinds()
    for kind in kinds:
        if kind not in known:
            raise CommandLineError(
                f"kind of cached files: expected one of {', '.join(known)}, received {kind!r}",
                hint=did_you_mean(kind, known),
            )
    return [file for file in _files() if (not kinds or file.kind in kinds) and file.age >= older * SECONDS_PER_DAY]


def _files() -> Iterator[_File]:
    now = time.time()
    for folder, pattern in _NAMES.items():
        for entry, inside in _entries(cache_directory() / folder, depth=1 if folder == _ARRAYS else 0):
            if pattern.fullmatch(entry.name):
                with suppress(OSError):  # it was removed at this moment
                    status = entry.stat(follow_symlinks=False)
                    kind = _KINDS.get(folder) or re.sub(r"-\d+$", "", inside)
                    yield _File(Path(entry.path), kind, status.st_size, max(0.0, now - status.st_mtime))


def _entries(folder: Path, *, depth: int) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Yield the plain files ``depth`` folders below a folder, with the name of their folder; no link is followed."""
    if folder.is_symlink():
        return
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:  # it does not exist, or cannot be read
        return
    for entry in found:
        if depth == 0 and entry.is_file(follow_symlinks=False):
            yield entry, folder.name
        elif depth > 0 and entry.is_dir(follow_symlinks=False):
            yield from _entries(Path(entry.path), depth=depth - 1)


def _remove(file: _File) -> bool:
    """Remove a file, and return whether it is gone because of that."""
    if file.kind == DOWNLOADS:
        stem = re.sub(r"\.[0-9a-f]{12}\.part(?:\.json)?$", "", file.path.name)
        lock = FileLock(file.path.with_name(f"{stem}.lock"), timeout=0, thread_local=False, fallback_to_soft=False)
        try:
            with lock:
                return _unlink(file.path)
        except (Timeout, OSError):
            return False
    return _unlink(file.path)


def _unlink(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True


def _remove_empty_folders() -> None:
    arrays = cache_directory() / _ARRAYS
    if arrays.is_symlink() or not arrays.is_dir():
        return
    for folder in sorted(arrays.iterdir()):
        with suppress(OSError):  # not empty, or no folder; a link is not removed by this
            folder.rmdir()


def _summarise(files: Collection[_File]) -> CacheContents:
    kinds = []
    for name in sorted({file.kind for file in files}):
        own = [file for file in files if file.kind == name]
        ages = [file.age / SECONDS_PER_DAY for file in own]
        kinds.append(CacheKind(name, len(own), sum(file.size for file in own), max(ages), min(ages)))
    return CacheContents(cache_directory(), tuple(kinds))
