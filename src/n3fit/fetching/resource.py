"""Fetching one theory or PDF set: the first address that has it gives it, complete and checked, or nothing changes."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from n3fit.errors import CommandLineError, N3fitError, ResourceError
from n3fit.fetching.archive import Limits, unpack
from n3fit.fetching.checksums import check_file, find_checksums
from n3fit.fetching.connection import Patience, is_protected
from n3fit.fetching.failures import AddressError, BrokenOffError, StatusError, TemporaryError
from n3fit.fetching.partial_file import PartialFile
from n3fit.fetching.places import IndexEntry, Place, read_index
from n3fit.fetching.transfer import transfer
from n3fit.paths import PUNCTUATION, is_plain_name
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.storage import cache_directory, sha256_of_bytes
from n3fit.storage.files import resolve_folder
from n3fit.storage.locks import lock_folder, wait_for_lock
from n3fit.storage.staging import UNFINISHED, check_replaceable, move_into_place, stage

_UNPROTECTED = "expected an address with https://, or a published checksum, since HTTP does not protect what it carries"
_ELSEWHERE = "choose another folder with --output"
_DIGITS = 12


@dataclass(frozen=True)
class Resource:
    """Something that can be fetched.

    Parameters
    ----------
    name : str
        Name in messages, such as ``theory 400``.
    kind : str
        Such as ``theory``.
    stem : str
        Name of its folder, and of its archive without the ending.
    suffix : str
        Ending of its archive where no index has its name.
    is_present : callable
        Returns whether a folder is one of this kind.
    check : callable
        Checks the unpacked folder, and raises an N3fitError if it cannot be used.
    error : type
        Class of the error for what no address gives.
    """

    name: str
    kind: str
    stem: str
    suffix: str
    is_present: Callable[[Path], bool]
    check: Callable[[Path], None]
    error: type[N3fitError]


@dataclass(frozen=True)
class Fetched:
    """What was fetched, or was there already.

    Parameters
    ----------
    name : str
        Such as ``theory 400``.
    folder : Path
    present : bool
        Whether it was there before; then nothing was fetched, and the rest is empty.
    address : str
        Where it came from.
    size : int
        Bytes of the archive.
    checksums : tuple of str
        Algorithm and origin of each published checksum that was verified.
    """

    name: str
    folder: Path
    present: bool = False
    address: str = ""
    size: int = 0
    checksums: tuple[str, ...] = ()


def fetch(
    resource: Resource,
    folder: Path,
    places: Sequence[Place],
    *,
    force: bool = False,
    progress: ProgressReporter | None = None,
    patience: Patience | None = None,
    limits: Limits | None = None,
) -> Fetched:
    """Fetch a resource into ``folder`` from the first of ``places`` that has it.

    Another process that fetches it is waited for. What is there already is replaced only if forced. Bytes that came
    before a connection broke are kept in the cache folder, and the next call continues there.

    Raises
    ------
    N3fitError
        Of the class of the resource: no place has it, or what came cannot be used; each place is named.
    ResourceError
        The same, but a server could not be reached or stopped; or the disk is full or cannot be written to.
    OutputExistsError
        The folder has something else under this name.
    """
    target = resolve_folder(folder) / resource.stem
    reporter = progress if progress is not None else NullReporter()
    downloads = cache_directory() / "downloads"
    work = _Work(resource, target, force, downloads, reporter, patience or Patience(), limits or Limits())

    def report_wait(holder: str) -> None:
        reporter.message(f"{resource.name}: {holder} fetches it, waiting")

    with wait_for_lock(downloads / f"{resource.stem}.lock", report_wait):
        if resource.is_present(target) and not force:
            return Fetched(name=resource.name, folder=target, present=True)
        with lock_folder(target, kind=resource.kind):
            work.check_target()  # before a long transfer
        failures: list[AddressError] = []
        for place in places:
            if failures:
                reporter.message(failures[-1].message)
            try:
                fetched = work.fetch_from(place)
            except AddressError as failure:
                failures.append(failure)
                continue
            work.remove_parts()
            return fetched
    raise _explain(resource, failures)


def check_name(name: str, kind: str) -> None:
    """Check that a name is one of a single file: letters, digits and ``. _ + -``, a letter or digit first.

    Raises
    ------
    CommandLineError
        It is not.
    """
    if not is_plain_name(name):
        raise CommandLineError(
            f"expected a name of letters, digits and {' '.join(PUNCTUATION)} for the {kind}, received {name[:80]!r}"
        )


@dataclass(frozen=True)
class _Work:
    """One call of :func:`fetch`."""

    resource: Resource
    target: Path
    force: bool
    downloads: Path
    progress: ProgressReporter
    patience: Patience
    limits: Limits

    def check_target(self) -> None:
        present = self.resource.is_present(self.target)
        check_replaceable(self.target, self.resource.kind, present=present, force=self.force, elsewhere=_ELSEWHERE)

    def fetch_from(self, place: Place) -> Fetched:
        """Fetch from one place.

        Raises
        ------
        AddressError
            It does not give the resource.
        """
        entry, note = self._find(place)
        address = place.url if place.is_archive else place.address_of(entry.file)
        part = PartialFile(self.downloads / f"{self.resource.stem}.{sha256_of_bytes(address.encode())[:_DIGITS]}.part")
        checksums = [*entry.checksums]
        if not is_protected(address):
            checksums = checksums or find_checksums(address, "", self.patience)
            if not checksums:
                raise AddressError(address, _UNPROTECTED)
        self.progress.phase(f"fetching {self.resource.name} from {address}")
        if part.size:
            self.progress.message(f"{part.size} bytes are there from before")
        try:
            origin = transfer(address, part, self.patience, self.progress)
        except StatusError as error:
            raise AddressError(address, f"{error.reason}{note}") from error
        checksums = checksums or find_checksums(address, origin.digest, self.patience)
        size = part.size
        try:
            if entry.size not in (None, size):
                raise AddressError(address, f"expected {entry.size} bytes as in {place.index}, received {size}")
            check_file(part.path, checksums, address)
            self.progress.phase(f"unpacking {self.resource.name}")
            self._install(part.path, address)
        except AddressError:
            part.remove()  # complete, but of no use
            raise
        verified = tuple(f"{checksum.algorithm} of {checksum.origin}" for checksum in checksums)
        return Fetched(self.resource.name, self.target, address=address, size=size, checksums=verified)

    def remove_parts(self) -> None:
        """Remove all bytes of this resource that came from any address."""
        for path in self.downloads.glob(f"{self.resource.stem}.{'[0-9a-f]' * _DIGITS}.part"):
            PartialFile(path).remove()

    def _find(self, place: Place) -> tuple[IndexEntry, str]:
        """Return the archive at a place, and a note for its absence; one that the index lacks is tried all the same."""
        index = read_index(place, self.patience)
        default = IndexEntry(f"{self.resource.stem}{self.resource.suffix}")
        if index is None or self.resource.stem in index:
            return (index or {}).get(self.resource.stem, default), ""
        return default, f", and {place.index} does not list it"

    def _install(self, archive: Path, address: str) -> None:
        """Unpack an archive beside the target, check what is in it, and move it into its place."""
        with lock_folder(self.target, kind=self.resource.kind) as target:
            self.check_target()
            with stage(target) as holder:
                content = holder / target.name
                content.mkdir()
                try:
                    unpack(archive, content, self.limits)
                    self.resource.check(content)
                except ResourceError:
                    raise
                except N3fitError as error:
                    reason = error.message.replace(f"{holder}{os.sep}", "")
                    raise AddressError(address, reason) from error
                ready = holder.with_name(f".{target.name}.{secrets.token_hex(4)}{UNFINISHED}")
                content.rename(ready)
                move_into_place(ready, target)
            shutil.rmtree(holder, ignore_errors=True)


def _explain(resource: Resource, failures: Sequence[AddressError]) -> N3fitError:
    """Return the error that names every address and what is wrong with it."""
    listed = "; ".join(failure.message for failure in failures) or "there is no address"
    message = f"{resource.name} could not be fetched: {listed}"
    if any(isinstance(failure, BrokenOffError) for failure in failures):
        return ResourceError(message, hint="run the command again to continue")
    if any(isinstance(failure, TemporaryError) for failure in failures):
        return ResourceError(message, hint="check the network and run the command again")
    return resource.error(message, hint="give another address with --url")
