"""Fetching theories: folders with a card and FK tables."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from n3fit.errors import ResourceError, TheoryError
from n3fit.fetching.archive import Limits
from n3fit.fetching.connection import Patience
from n3fit.fetching.failures import AddressError, TemporaryError
from n3fit.fetching.places import read_index, theory_places
from n3fit.fetching.resource import Fetched, Resource, check_name, fetch
from n3fit.progress import ProgressReporter
from n3fit.storage import sha256_of_file
from n3fit.theory.theories import open_theory
from n3fit.theory.theory_folders import available_theories, user_theories_folder

logger = logging.getLogger(__name__)

_PREFIX = "theory_"


def fetch_theory(
    theoryid: int | str,
    *,
    output: Path | None = None,
    urls: Sequence[str] = (),
    force: bool = False,
    progress: ProgressReporter | None = None,
    patience: Patience | None = None,
    limits: Limits | None = None,
) -> Fetched:
    """Fetch a theory, unless it is found already.

    Parameters
    ----------
    theoryid : int or str
        As in the runcard.
    output : Path, optional
        Folder for ``theory_<id>``; by default that of the user's theories, and all folders are searched before.
    urls : sequence of str
        Addresses instead of those of the environment and of the profile of nnpdf; see :func:`theory_places`.
    force : bool
        Replace the theory that is in the folder.
    progress, patience, limits
        As in :func:`n3fit.fetching.resource.fetch`.

    Raises
    ------
    CommandLineError
        The identifier is not one, or an address is not.
    TheoryError
        No address has it, what came cannot be used, or what is there already is broken.
    ResourceError
        A server cannot be reached or stopped, or the disk is full or cannot be written to.
    """
    identifier = str(theoryid)
    check_name(identifier, "theory")
    places = theory_places(urls)
    found = available_theories().get(identifier) if output is None else output / f"{_PREFIX}{identifier}"
    if not force and found is not None and _is_theory(found):
        _check_present(found, identifier)
        return Fetched(name=f"theory {identifier}", folder=found, present=True)
    resource = Resource(
        name=f"theory {identifier}",
        kind="theory",
        stem=f"{_PREFIX}{identifier}",
        suffix=".tgz",
        is_present=_is_theory,
        check=partial(check_theory_folder, identifier=identifier),
        error=TheoryError,
    )
    folder = output if output is not None else user_theories_folder()
    fetched = fetch(resource, folder, places, force=force, progress=progress, patience=patience, limits=limits)
    first = available_theories().get(identifier)
    if output is None and first is not None and first.resolve() != fetched.folder:
        logger.warning("theory %s: a runcard finds the one in %s before the one that was fetched", identifier, first)
    return fetched


def list_remote_theories(urls: Sequence[str] = (), *, patience: Patience | None = None) -> dict[str, str]:
    """Return the address of every theory that the indices of the servers list, by its identifier.

    Parameters
    ----------
    urls, patience
        As in :func:`fetch_theory`.

    Raises
    ------
    TheoryError
        No server has an index that can be read; each is named.
    """
    found: dict[str, str] = {}
    problems, temporary = [], False
    for place in theory_places(urls):
        try:
            index = read_index(place, patience or Patience())
        except AddressError as error:
            problems.append(error.message)
            temporary |= isinstance(error, TemporaryError)
            continue
        if index is None:
            problems.append(f"{place.url}: there is no index {place.index!r} that can be read")
        for name, entry in (index or {}).items():
            if name.startswith(_PREFIX):
                found.setdefault(name.removeprefix(_PREFIX), place.address_of(entry.file))
    if not found and problems:
        message = f"theories on servers: {'; '.join(problems)}"
        if temporary:
            raise ResourceError(message, hint="check the network and run the command again")
        raise TheoryError(message, hint="set other addresses in N3FIT_THEORY_URLS")
    for problem in problems:
        logger.warning("%s", problem)
    return found


def check_theory_folder(folder: Path, *, identifier: str) -> None:
    """Check that a theory opens: its card, the names of its tables, their checksums, and the smallest table.

    Raises
    ------
    TheoryError
        It does not.
    """
    if not _is_theory(folder):
        raise TheoryError(f"{folder.name}: there is no folder fastkernel")
    theory = open_theory(identifier, path=folder.parent)
    names = theory.table_names()
    if not names:
        raise TheoryError(f"{folder / 'fastkernel'}: there are no tables")
    for name, expected in theory.checksums.items():
        path = theory.table_path(name)
        if sha256_of_file(path) != expected:
            raise TheoryError(f"{path}: expected the checksum {expected[:12]}... of the manifest, received another one")
    theory.load_table(min(names, key=lambda name: theory.table_path(name).stat().st_size))


def _is_theory(folder: Path) -> bool:
    return (folder / "fastkernel").is_dir()


def _check_present(folder: Path, identifier: str) -> None:
    try:
        check_theory_folder(folder, identifier=identifier)
    except TheoryError as error:
        raise TheoryError(
            f"{folder}: theory {identifier} is there, but cannot be used: {error.message}",
            hint="fetch it again with --force",
            ways=[["--force"]],
        ) from error
