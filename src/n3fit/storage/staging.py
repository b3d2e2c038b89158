"""Folders that are prepared beside their place and renamed, so that they appear completely or not at all."""

from __future__ import annotations

import logging
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from n3fit.errors import OutputExistsError, ResourceError

UNFINISHED = ".unfinished"
REPLACED = ".replaced"

logger = logging.getLogger(__name__)


def check_replaceable(target: Path, kind: str, *, present: bool, force: bool, elsewhere: str) -> None:
    """Check that a product may be written to ``target``: a product of its kind is replaced if forced, nothing else is.

    Parameters
    ----------
    target : Path
    kind : str
        Kind of the product, such as ``fit``.
    present : bool
        Whether ``target`` is a product of this kind.
    force : bool
    elsewhere : str
        Hint how to choose another place.

    Raises
    ------
    OutputExistsError
        ``target`` is such a product and ``force`` is false; or a file, or a folder with other content.
    """
    if present:
        if not force:
            raise OutputExistsError(
                f"{target}: the {kind} exists already",
                hint=f"{elsewhere}, or replace the {kind} with --force",
                ways=[["--force"]],
            )
    elif target.is_dir():
        if any(target.iterdir()):
            raise OutputExistsError(
                f"{target}: expected a {kind} or an empty folder, found other files, which are not replaced, "
                "even with --force",
                hint=elsewhere,
            )
    elif target.exists():
        raise OutputExistsError(f"{target}: expected a folder, found a file", hint=elsewhere)


@contextmanager
def stage(target: Path, *, product: Path | None = None) -> Iterator[Path]:
    """Yield a new folder beside ``target`` for its content; it is removed when the block raises an error.

    Parameters
    ----------
    target : Path
    product : Path, optional
        Path that errors name as not writable; by default ``target``.

    Raises
    ------
    ResourceError
        The folder cannot be written to.
    """
    staging = target.with_name(f".{target.name}.{secrets.token_hex(4)}{UNFINISHED}")
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
    """Rename the finished folder ``staging`` to ``target``; a folder that it replaces is removed afterwards.

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


def remove_leftovers(target: Path) -> None:
    """Remove unfinished folders of killed processes beside ``target``; restore one that was about to be replaced.

    The caller holds the lock of ``target``.
    """
    for sibling in _siblings(target):
        if sibling.suffix == REPLACED and not target.exists():
            logger.warning("%s: restored after an interrupted replacement", target)
            sibling.rename(target)
        elif sibling.suffix in (UNFINISHED, REPLACED):
            logger.warning("%s: removed, left by a process that was killed", sibling)
            shutil.rmtree(sibling)


def is_being_replaced(target: Path) -> bool:
    """Return whether ``target`` is absent because it is about to be replaced, or the process that did so was killed."""
    return (
        not target.exists()
        and target.parent.is_dir()
        and any(sibling.suffix == REPLACED for sibling in _siblings(target))
    )


def _siblings(target: Path) -> list[Path]:
    """Return the folders ``.<name>.<digits>.<mark>`` beside ``target``, not those of a longer name with dots."""
    start = f".{target.name}."
    found = [path for path in target.parent.iterdir() if path.name.startswith(start)]
    return [path for path in found if path.name.removeprefix(start).count(".") == 1 and path.is_dir()]
