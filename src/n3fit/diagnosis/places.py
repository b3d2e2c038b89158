"""The folders that n3fit searches, what is in each, and whether it can write and lock where it has to."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from n3fit.diagnosis.records import ERROR, WARNING, Finding, Place
from n3fit.errors import DataError

LEAST_SPACE = 2e9
"""Free bytes below which a fit may not find room for its checkpoints and its cache."""

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


def read_theories() -> Iterator[Place]:
    """Yield the folders that are searched for theories."""
    from n3fit.theory.theory_folders import theories_in, theory_folders

    for folder in theory_folders():
        yield Place("theories", folder, folder.is_dir(), tuple(theories_in([folder])))


def read_pdf_sets() -> Iterator[Place]:
    """Yield the folders that are searched for PDF sets."""
    from n3fit.lhapdf.pdf_sets import search_folders

    for folder in search_folders():
        names = {info.stem for info in folder.glob("*/*.info") if info.stem == info.parent.name}
        yield Place("PDF sets", folder, folder.is_dir(), tuple(sorted(names)))


def read_data() -> Iterator[Place]:
    """Yield the folders of data sets of the user, and that of the data library with the number of experiments."""
    from n3fit.data.library import library_folder
    from n3fit.data.own_data import METADATA, own_folders

    library = library_folder()
    with suppress(DataError):  # a folder of the environment variable that is wrong is reported by itself
        for folder in own_folders():
            yield Place(
                "own data", folder, True, tuple(sorted(path.parent.name for path in folder.glob(f"*/{METADATA}")))
            )
    number = sum(1 for _ in library.glob(f"*/{METADATA}"))
    yield Place("data", library, library.is_dir(), (f"{number} experiments",) if number else ())


def read_nnpdf() -> Iterator[Place]:
    """Yield the profile of nnpdf, if there is one, and the folders of its fits."""
    from n3fit.data.nnpdf_profile import profile_file, read_profile

    path = profile_file()
    if path is not None:
        yield Place("profile", path, path.is_file())
    for folder in read_profile().results:
        found = [entry.name for entry in sorted(folder.iterdir()) if entry.is_dir()] if folder.is_dir() else []
        yield Place("fits", folder, folder.is_dir(), tuple(found))


def named_folder_findings() -> Iterator[Finding]:
    """Yield a warning for each folder of an environment variable that is not there."""
    from n3fit.data.own_data import DATA_PATH_VARIABLE
    from n3fit.lhapdf.pdf_sets import VARIABLES
    from n3fit.theory.theory_folders import THEORY_PATH_VARIABLE

    for variable in (THEORY_PATH_VARIABLE, DATA_PATH_VARIABLE, *VARIABLES):
        for entry in filter(None, os.environ.get(variable, "").split(os.pathsep)):
            if not Path(entry).expanduser().is_dir():
                yield Finding(WARNING, f"${variable}: there is no folder {entry}", "correct or unset the variable")


def place_findings(places: tuple[Place, ...]) -> Iterator[Finding]:
    """Yield an error where there is no theory or no data set at all, and a warning for a profile that is missing."""
    for kind, hint in (("theories", "install n3fit again"), ("data", "`pip install nnpdf-data`")):
        own = [place for place in places if place.kind == kind]
        if own and not any(place.found for place in own):
            yield Finding(ERROR, f"no {kind} found in {', '.join(str(place.path) for place in own)}", hint)
    for place in places:
        if place.kind == "profile" and not place.exists:
            yield Finding(WARNING, f"the profile {place.path} is not there", "correct or unset $NNPDF_PROFILE_PATH")


def writing_findings(folder: Path, use: str) -> Iterator[Finding]:
    """Yield what stops n3fit from writing and locking files in a folder; ``use`` names the folder in the text."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".n3fit-doctor-") as stream:
            stream.write(b"\0" * 4096)
            stream.flush()
    except OSError as error:
        text = f"{use} {folder} cannot be written to ({error.strerror or error})"
        yield Finding(WARNING, text, "check the disk space and the permissions")
        return
    with suppress(OSError):
        free = shutil.disk_usage(folder).free
        if free < LEAST_SPACE:
            text = f"{use} {folder} has {free / 1e9:.1f} GB left"
            yield Finding(WARNING, text, "remove files, such as with `n3fit cache clear`")
    yield from _lock_findings(folder, use)


def _lock_findings(folder: Path, use: str) -> Iterator[Finding]:
    """Yield a warning where a lock cannot be held, or does not keep a second holder out."""
    from filelock import FileLock, Timeout

    text = f"{use} {folder} is on a file system without locks"
    hint = "start no two processes that write the same fit or fetch the same theory there"
    path = folder / f".n3fit-doctor-{os.getpid()}.lock"
    first = FileLock(path, timeout=0, thread_local=False, fallback_to_soft=False)
    second = FileLock(path, timeout=0, thread_local=False, fallback_to_soft=False)
    try:
        with first, second:
            yield Finding(WARNING, text, hint)
    except Timeout:
        return
    except OSError as error:
        reason = "" if error.errno in _NO_LOCKS else f" ({error.strerror or error})"
        yield Finding(WARNING, f"{text}{reason}", hint)
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)
