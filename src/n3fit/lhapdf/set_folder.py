"""The folder of a PDF set: its name, and putting it in its place whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from n3fit.errors import CommandLineError, OutputExistsError, ResourceError
from n3fit.storage.locks import lock_folder
from n3fit.storage.staging import move_into_place, stage

_PUNCTUATION = "._+-"
_LONGEST_HEADER = 4096


@dataclass(frozen=True)
class SetFolder:
    """Where a set will be, absolute, and where it is written."""

    path: Path
    staging: Path


def check_set_name(name: str) -> None:
    """Refuse names that other codes cannot read: only letters, digits and ``. _ + -``, a letter or digit first.

    Raises
    ------
    CommandLineError
    """
    plain = name.isascii() and all(character.isalnum() or character in _PUNCTUATION for character in name)
    if not (plain and name and name[0].isalnum()):
        raise CommandLineError(
            f"the name of a PDF set may have letters, digits and {' '.join(_PUNCTUATION)} only, received {name[:80]!r}",
            hint="choose another one with --name",
        )


@contextmanager
def open_set_folder(folder: Path, *, force: bool) -> Iterator[SetFolder]:
    """Yield a place beside ``folder`` that becomes it when the block ends well; nothing is left otherwise.

    Raises
    ------
    OutputExistsError
        There is a set already and ``force`` is not given, or something that is not a PDF set.
    ResourceError
        The place cannot be written to, the disk is full, or another process writes this set.
    """
    with lock_folder(folder) as path:
        _check_free(path, force=force)
        with stage(path) as staging:
            yield SetFolder(path=path, staging=staging)
            move_into_place(staging, path)


def replicas_of_set(folder: Path) -> tuple[int, ...]:
    """Give the replicas of the fit that the members of a set are, as the files of the members tell.

    Empty for a set that has only a central member.

    Raises
    ------
    ResourceError
        The set cannot be read.
    """
    numbers = []
    try:
        for path in sorted(folder.glob(f"{folder.name}_*.dat")):
            with path.open("rb") as stream:
                header = stream.read(_LONGEST_HEADER).partition(b"---")[0].decode(errors="replace")
            numbers += [int(number) for number in re.findall(r"^FromMCReplica: (\d+)$", header, re.MULTILINE)]
    except OSError as error:
        raise ResourceError(
            f"{error.filename}: cannot be read ({error.strerror})", hint="check the permissions"
        ) from error
    return tuple(numbers)


def _check_free(target: Path, *, force: bool) -> None:
    if not target.exists():
        return
    is_set = (target / f"{target.name}.info").is_file()
    if not is_set and (not target.is_dir() or any(target.iterdir())):
        raise OutputExistsError(
            f"{target}: is there and holds no PDF set, so it is left alone, even with --force",
            hint="choose another name with --name or another folder with --output",
        )
    if is_set and not force:
        raise OutputExistsError(
            f"{target}: holds a PDF set already", hint="choose another name with --name, or replace it with --force"
        )
