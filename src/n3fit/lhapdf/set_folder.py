"""The folder of a PDF set: its name, and writing it completely or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from n3fit.errors import CommandLineError, ResourceError
from n3fit.paths import PUNCTUATION, is_plain_name
from n3fit.storage.locks import lock_folder
from n3fit.storage.staging import check_replaceable, move_into_place, stage

_LONGEST_HEADER = 4096
_ELSEWHERE = "choose another name with --name or another folder with --output"


@dataclass(frozen=True)
class SetFolder:
    """Final place of a set, absolute, and the folder in which it is prepared."""

    path: Path
    staging: Path


def check_set_name(name: str) -> None:
    """Check that other codes can read a name: letters, digits and ``. _ + -`` only, a letter or digit first.

    Raises
    ------
    CommandLineError
        They cannot.
    """
    if not is_plain_name(name):
        raise CommandLineError(
            f"expected a name of letters, digits and {' '.join(PUNCTUATION)} for the PDF set, received {name[:80]!r}",
            hint="choose another one with --name",
        )


@contextmanager
def open_set_folder(folder: Path, *, force: bool) -> Iterator[SetFolder]:
    """Yield a folder beside ``folder`` that replaces it when the block ends without an error, and is removed otherwise.

    Raises
    ------
    OutputExistsError
        ``folder`` holds a set and ``force`` is false, or something that is not a PDF set.
    ResourceError
        The folder cannot be written to, the disk is full, or another process writes this set.
    """
    with lock_folder(folder) as path:
        present = (path / f"{path.name}.info").is_file()
        check_replaceable(path, "PDF set", present=present, force=force, elsewhere=_ELSEWHERE)
        with stage(path) as staging:
            yield SetFolder(path=path, staging=staging)
            move_into_place(staging, path)


def replicas_of_set(folder: Path) -> tuple[int, ...]:
    """Read the numbers of the replicas of the fit from the files of the members of a set.

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
