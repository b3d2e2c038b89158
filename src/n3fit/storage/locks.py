"""Locks that let one process at a time write a folder, or use a file.

A lock is one of the operating system on a small file beside the folder: it ends with its process, so that nothing has
to be cleaned up by hand after a crash.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from n3fit.errors import ResourceError
from n3fit.storage.files import resolve_folder
from n3fit.storage.staging import is_being_replaced, remove_leftovers

logger = logging.getLogger(__name__)

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
_ATTEMPTS = 5
_POLL_SECONDS = 0.2
_LONGEST_HOLDER = 200


@contextmanager
def lock_folder(folder: Path, *, kind: str = "fit", on_wait: Callable[[str], None] | None = None) -> Iterator[Path]:
    """Yield the absolute path of ``folder``, which no other process can lock while the block runs.

    The folder need not exist. Unfinished folders of killed processes beside it are removed.

    Parameters
    ----------
    folder : Path
    kind : str
        What the folder holds, for messages.
    on_wait : callable, optional
        When given, another process that holds the lock is waited for, after one call with a message.

    Raises
    ------
    ResourceError
        Another process holds the lock and is not waited for, or the place cannot be written to.
    """
    target = resolve_folder(folder)
    path = target.parent / f".{target.name}.lock"
    lock = FileLock(path, timeout=0, thread_local=False, fallback_to_soft=False)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _acquire(lock, path, target, kind, on_wait)
    except OSError as error:
        raise _not_locked(path, error) from error
    try:
        try:
            remove_leftovers(target)
        except OSError as error:
            raise _not_locked(path, error) from error
        yield target
    finally:
        with suppress(OSError):  # Windows does not remove a file that is open
            path.unlink()  # while it is locked, so that no other process holds the same file
        lock.release()


def restore_replaced(folder: Path) -> None:
    """Restore a folder whose replacement was interrupted between its two renames; a process that replaces it goes on.

    Where nothing can be written, nothing is done.
    """
    target = resolve_folder(folder)
    if is_being_replaced(target):
        with suppress(ResourceError), lock_folder(target):
            pass


@contextmanager
def wait_for_lock(path: Path, on_wait: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock on the file ``path``, which stays, while the block runs; wait for another process to release it.

    Parameters
    ----------
    path : Path
    on_wait : callable
        Called once with the name of the process that holds the lock, before waiting.

    Raises
    ------
    ResourceError
        The place cannot be written to.
    """
    lock = FileLock(path, thread_local=False, fallback_to_soft=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            on_wait(_holder(path))
            lock.acquire(poll_interval=_POLL_SECONDS)
        _write_holder(path)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise _not_locked(path, error) from error
        logger.warning("%s: this file system has no locks; start no second process with this work", path.parent)
    try:
        yield
    finally:
        lock.release()


def _acquire(lock: FileLock, path: Path, target: Path, kind: str, on_wait: Callable[[str], None] | None = None) -> None:
    """Acquire the lock and write the name of this process into its file; file systems without locks give a warning."""
    attempts, waits = 0, False
    while attempts < _ATTEMPTS:
        try:
            lock.acquire()
            break
        except Timeout:
            if path.exists():
                if on_wait is None:
                    raise _held(path, target, kind) from None
                if not waits:
                    on_wait(f"waiting for {_holder(path)}, which writes {target}")
                waits = True
                time.sleep(_POLL_SECONDS)
                continue
            attempts += 1
            # its holder removed the file between our open and our lock
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            logger.warning(
                "%s: this file system has no locks; do not write a %s there twice at once", path.parent, kind
            )
            return
    else:
        raise _held(path, target, kind)
    _write_holder(path)


def _write_holder(path: Path) -> None:
    with suppress(OSError):  # Windows: a locked file cannot be written
        path.write_text(f"process {os.getpid()} on {socket.gethostname()}\n", encoding="utf-8")


def _holder(path: Path) -> str:
    holder = ""
    with suppress(OSError), path.open("rb") as stream:
        holder = stream.read(_LONGEST_HOLDER).decode(errors="replace").strip()
    return holder or "another process"


def _held(path: Path, target: Path, kind: str) -> ResourceError:
    return ResourceError(
        f"{target}: {_holder(path)} is writing this {kind} at the moment",
        hint="wait for it to finish, or work in another folder",
    )


def _not_locked(path: Path, error: OSError) -> ResourceError:
    return ResourceError(
        f"{path}: cannot be locked ({error.strerror or error})", hint="check the permissions of the folder"
    )
