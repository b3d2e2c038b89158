"""Transfer of one file into a partial file, which a later attempt or a later command continues."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from email.message import Message
from http.client import HTTPResponse
from pathlib import Path
from time import sleep

from n3fit.errors import ResourceError
from n3fit.fetching.connection import Patience, open_address, reading
from n3fit.fetching.failures import AddressError, BrokenOffError, StatusError
from n3fit.fetching.partial_file import Origin, PartialFile
from n3fit.progress import ProgressReporter

RESERVE = 64 * 2**20
"""Bytes of the disk that a transfer leaves free."""

_CHUNK = 2**18
_REPORTS = 200
_PARTIAL, _UNSATISFIABLE = 206, 416


def transfer(address: str, part: PartialFile, patience: Patience, progress: ProgressReporter) -> Origin:
    """Transfer the file of an address; bytes of the same file that are there already are not requested again.

    Attempts that bring bytes may follow each other without end; others are limited by ``patience``.

    Returns
    -------
    Origin
        What the server announced; all bytes of the file are in ``part``.

    Raises
    ------
    AddressError
        The server does not give the file; bytes that came remain in ``part``.
    ResourceError
        The disk is too small, or cannot be written to.
    """
    most, failures = part.size, 0
    while True:
        try:
            return _attempt(address, part, patience, progress)
        except BrokenOffError as error:
            failures = 0 if part.size > most else failures
            most = max(most, part.size)
            if failures == len(patience.pauses):
                raise BrokenOffError(address, f"{error.reason}; {_describe_progress(part)}") from error
            sleep(patience.pauses[failures])
            failures += 1


def check_space(folder: Path, needed: int, what: str) -> None:
    """Check that a disk has space for ``needed`` more bytes.

    Raises
    ------
    ResourceError
        It has not.
    """
    free = shutil.disk_usage(folder).free - RESERVE
    if needed > free:
        raise ResourceError(
            f"{folder}: {what} needs {needed / 1e6:.0f} MB more, the disk has {max(free, 0) / 1e6:.0f} MB free",
            hint="remove files, or choose a folder on another disk",
        )


def _attempt(address: str, part: PartialFile, patience: Patience, progress: ProgressReporter) -> Origin:
    """Request what is missing, and receive it."""
    origin = part.read_origin()
    if origin is None or origin.address != address or not (origin.validator and part.size):
        origin = None
    headers: Mapping[str, str] = {}
    if origin is not None:
        headers = {"Range": f"bytes={part.size}-", "If-Range": origin.validator}
    try:
        with open_address(address, headers, patience) as response:
            if origin is None or response.status != _PARTIAL:
                origin = _begin(address, part, response)
            elif not _continues(response.headers, origin, part.size):
                part.remove()
                raise BrokenOffError(address, "the file on the server has changed")
            _receive(response, origin, part, patience, progress)
    except StatusError as error:
        if error.status != _UNSATISFIABLE or origin is None:
            raise
        total = re.fullmatch(r"bytes \*/(\d{1,18})", error.headers.get("Content-Range", ""))
        if total is None or int(total[1]) != part.size or origin.size not in (None, part.size):
            part.remove()
            raise BrokenOffError(address, "the file on the server has changed") from error
    return origin


def _begin(address: str, part: PartialFile, response: HTTPResponse) -> Origin:
    """Prepare a transfer from the first byte on."""
    if response.status == _PARTIAL:
        raise AddressError(address, "expected the complete file, received a part of it")
    origin = Origin.of_answer(address, response.headers)
    part.restart(origin)
    return origin


def _continues(headers: Message, origin: Origin, position: int) -> bool:
    """Return whether a partial answer begins at ``position`` of the file that was begun."""
    found = re.fullmatch(r"bytes (\d{1,18})-\d+/(\d{1,18}|\*)", headers.get("Content-Range", ""))
    if found is None or int(found[1]) != position:
        return False
    same_size = "*" in found[2] or origin.size in (None, int(found[2]))
    return same_size and headers.get("ETag", origin.etag) == origin.etag


def _receive(
    response: HTTPResponse, origin: Origin, part: PartialFile, patience: Patience, progress: ProgressReporter
) -> None:
    """Append all bytes of an answer as they come."""
    done, total = part.size, origin.size
    reported = checked = done
    if total is not None:
        check_space(part.path.parent, total - done, origin.address)
    while True:
        with reading(origin.address, patience):
            content = response.read1(_CHUNK)
        if not content:
            break
        part.append(content)
        done += len(content)
        if total is None and done - checked >= RESERVE:
            check_space(part.path.parent, RESERVE, origin.address)
            checked = done
        if total is not None and (done == total or done - reported >= max(total // _REPORTS, _CHUNK)):
            progress.step("bytes", done, total)
            reported = done
    if total is not None and done != total:
        raise BrokenOffError(origin.address, "the connection ended early")


def _describe_progress(part: PartialFile) -> str:
    origin = part.read_origin()
    total = f" of {origin.size}" if origin is not None and origin.size is not None else ""
    return f"{part.size}{total} bytes are there"
