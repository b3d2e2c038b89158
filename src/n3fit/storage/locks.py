"""One process at a time writes a fit folder.

The lock is an advisory one of the operating system on a small file beside the folder: it ends with its process, so
a crash leaves nothing to clean up by hand. What a killed process left beside the folder is tidied by the next one.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from n3fit.errors import ResourceError
from n3fit.storage.files import resolve_folder

UNFINISHED = ".unfinished"
REPLACED = ".replaced"
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)

logger = logging.getLogger(__name__)


@contextmanager
def lock_folder(folder: Path) -> Iterator[Path]:
    """Keep other processes from writing the fit ``folder`` while the block runs; yield the absolute folder.

    To be taken before training. The folder itself need not exist.

    Raises
    ------
    ResourceError
        Another process holds the lock, or the place cannot be written to.
    """
    target = resolve_folder(folder)
    path = target.parent / f".{target.name}.lock"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _acquire(path, target)
    except OSError as error:
        raise ResourceError(
            f"{path}: cannot be locked ({error.strerror or error})", hint="check the permissions of the folder"
        ) from error
    try:
        _tidy(target)
        yield target
    finally:
        path.unlink(missing_ok=True)  # still locked: nobody else can hold this very file
        os.close(descriptor)


@contextmanager
def stage(target: Path, *, product: Path | None = None) -> Iterator[Path]:
    """Make the folder beside ``target`` in which its content is prepared; it stays only if the block succeeds.

    Parameters
    ----------
    target : Path
    product : Path, optional
        What errors say cannot be written; by default ``target``.

    Raises
    ------
    ResourceError
        It cannot be written to.
    """
    staging = target.with_name(f".{target.name}.{secrets.token_hex(4)}{UNFINISHED}")  # after a crash tidied by the next
    finished = False
    try:
        staging.mkdir(parents=True)
        yield staging
        finished = True
    except OSError as error:
        raise ResourceError(
            f"{product or target}: cannot be written ({error.strerror or error})",
            hint="check the disk space and the permissions",
        ) from error
    finally:
        if not finished:
            shutil.rmtree(staging, ignore_errors=True)


def move_into_place(staging: Path, target: Path) -> None:
    """Make the finished folder ``staging`` be ``target``; what is replaced goes only when the new one stands.

    Raises
    ------
    OSError
        Folders cannot be renamed.
    """
    if target.exists():
        old = staging.with_suffix(REPLACED)
        target.rename(old)
        staging.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    else:
        staging.rename(target)


def _acquire(path: Path, target: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 200).decode(errors="replace").strip() or "another process"
            os.close(descriptor)
            raise ResourceError(
                f"{target}: {holder} is writing this fit at the moment",
                hint="wait for it to finish, or work in another folder",
            ) from error
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                os.close(descriptor)
                raise
            logger.warning("%s: this file system has no locks; do not start two fits into one folder", path.parent)
        if _is_same_file(descriptor, path):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
            return descriptor
        os.close(descriptor)  # its owner removed the file between our open and our lock


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _tidy(target: Path) -> None:
    """Remove what a killed process left beside ``target``; bring back a fit that was about to be replaced."""
    siblings = [path for path in target.parent.iterdir() if path.name.startswith(f".{target.name}.") and path.is_dir()]
    for sibling in siblings:
        if sibling.suffix == REPLACED and not target.exists():
            logger.warning("%s: brought back after an interrupted replacement", target)
            sibling.rename(target)
        elif sibling.suffix in (UNFINISHED, REPLACED):
            logger.warning("%s: removed, left by a process that was killed", sibling)
            shutil.rmtree(sibling)
