"""Atomic writing of files, their checksums, and the folders of caches and of the user's data."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

from n3fit.errors import ResourceError

CACHE_VARIABLE = "N3FIT_CACHE_DIR"
"""Environment variable that overrides the cache folder."""

DATA_VARIABLE = "N3FIT_DATA_DIR"
"""Environment variable that overrides the data folder."""


def cache_directory() -> Path:
    """Return the folder for everything that can be computed again; it may not exist yet."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen).expanduser() if chosen else user_cache_path("n3fit")


def data_directory() -> Path:
    """Return the folder of the user's theories and PDF sets, built or fetched; it may not exist yet."""
    chosen = os.environ.get(DATA_VARIABLE)
    return Path(chosen).expanduser() if chosen else user_data_path("n3fit")


def resolve_folder(folder: Path) -> Path:
    """Return the absolute folder with all links resolved; it need not exist.

    Raises
    ------
    ResourceError
        The links form a loop.
    """
    try:
        return folder.expanduser().resolve()
    except (OSError, RuntimeError) as error:
        raise ResourceError(f"{folder}: cannot be followed ({error})", hint="choose another folder") from error


def sha256_of_bytes(content: bytes) -> str:
    """Return the SHA-256 of ``content`` as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits; the file is read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def atomic_path(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` that replaces it when the block ends without an error.

    The folder is created if needed. The temporary file keeps the suffixes of ``path``. When the block raises an error,
    or the process is killed, ``path`` is as it was before.

    Parameters
    ----------
    path : Path
    durable : bool
        Whether the file is on the disk at the end, so that it also survives a crash of the system. What carries a
        checksum and can be computed again need not be: waiting for the disk takes longer than all the rest.

    Raises
    ------
    ResourceError
        The folder cannot be written to, or the disk is full.
    """
    temporary = path.with_name(f".{secrets.token_hex(6)}.{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        if durable:
            with temporary.open("r+b") as stream:  # Windows flushes only what is open for writing
                os.fsync(stream.fileno())
        temporary.replace(path)
        if durable:
            _sync_folder(path.parent)
    except OSError as error:
        raise ResourceError(
            f"{path}: cannot be written ({error.strerror or error})", hint="check the disk space and the permissions"
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes | str, *, durable: bool = True) -> None:
    """Write ``content`` (text as UTF-8) to ``path``, completely or not at all; see :func:`atomic_path`.

    Raises
    ------
    ResourceError
        The folder cannot be written to, or the disk is full.
    """
    data = content.encode() if isinstance(content, str) else content
    with atomic_path(path, durable=durable) as temporary:
        temporary.write_bytes(data)


def sync_files(folder: Path) -> None:
    """Flush all files directly in ``folder`` to the disk, before the folder is moved to its place.

    Raises
    ------
    OSError
        The disk is full, or a file cannot be opened.
    """
    for path in sorted(folder.iterdir()):
        if path.is_file():
            with path.open("r+b") as stream:
                os.fsync(stream.fileno())
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """Flush the new name of a file to the disk where the system allows that for folders: Windows does not."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
