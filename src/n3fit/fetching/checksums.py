"""Checksums of a file as a server publishes them: in its index, in a file beside it, or in a header."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from n3fit.fetching.connection import Patience, read_small
from n3fit.fetching.failures import AddressError, TemporaryError

ALGORITHMS = ("sha512", "sha256", "md5")
"""Names of the functions that are used, as in hashlib and as endings of files with checksums."""

_LARGEST = 2**20
_HEADER_NAMES = {"sha-512": "sha512", "sha-256": "sha256", "md5": "md5"}


@dataclass(frozen=True)
class Checksum:
    """A published checksum.

    Parameters
    ----------
    algorithm : str
        One of :data:`ALGORITHMS`.
    value : str
        Hexadecimal digits in lower case.
    origin : str
        Where it was published, for messages.
    """

    algorithm: str
    value: str
    origin: str


def find_checksums(address: str, digest: str, patience: Patience) -> list[Checksum]:
    """Return the checksums in the headers of an answer, or else the one in a file beside the address.

    Parameters
    ----------
    address : str
    digest : str
        The header ``Repr-Digest`` or ``Digest``; empty if there was none.
    patience : Patience

    Raises
    ------
    TemporaryError
        Whether there is one cannot be found out at the moment.
    """
    found = list(_in_header(digest))
    parts = urlsplit(address)
    name = unquote(parts.path).rpartition("/")[2]
    for algorithm in () if found else ("sha256", "md5"):
        place = parts._replace(path=f"{parts.path}.{algorithm}").geturl()
        try:
            text = read_small(place, patience, limit=_LARGEST).decode("utf-8", errors="replace")
        except TemporaryError:
            raise
        except AddressError:
            continue
        value = _in_text(text, algorithm, name)
        if value:
            return [Checksum(algorithm, value, place)]
    return found


def parse_checksum(algorithm: str, value: object, origin: str) -> Checksum | None:
    """Return the checksum with this value, None if that has not the digits of one."""
    if algorithm in ALGORITHMS and isinstance(value, str) and re.fullmatch(_digits(algorithm), value, re.IGNORECASE):
        return Checksum(algorithm, value.lower(), origin)
    return None


def check_file(path: Path, checksums: list[Checksum], address: str) -> None:
    """Check the content of a file.

    Raises
    ------
    AddressError
        A checksum is another one.
    """
    for checksum in checksums:
        with path.open("rb") as stream:
            received = hashlib.file_digest(stream, checksum.algorithm).hexdigest()
        if received != checksum.value:
            raise AddressError(
                address,
                f"expected the {checksum.algorithm} {checksum.value[:12]}... of {checksum.origin}, "
                f"received {received[:12]}...",
            )


def _digits(algorithm: str) -> str:
    return f"[0-9a-f]{{{2 * hashlib.new(algorithm, usedforsecurity=False).digest_size}}}"


def _in_text(text: str, algorithm: str, name: str) -> str:
    """Return the value in the lines ``value  name`` of a file of checksums; a single line may lack the name."""
    rows = re.findall(rf"^({_digits(algorithm)})(?:[ \t]+\*?(\S.*))?$", text.replace("\r", ""), re.M | re.I)
    named = [value for value, entry in rows if entry.strip().rpartition("/")[2] == name]
    alone = [value for value, entry in rows if not entry] if len(rows) == 1 else []
    return (named or alone or [""])[0].lower()


def _in_header(digest: str) -> Iterator[Checksum]:
    """Yield the checksums of ``sha-256=:BASE64:`` (Repr-Digest) or ``sha-256=BASE64`` (Digest)."""
    for entry in digest.split(","):
        name, _, value = entry.strip().partition("=")
        try:
            text = base64.b64decode(value.strip(":"), validate=True).hex()
        except (binascii.Error, ValueError):
            continue
        checksum = parse_checksum(_HEADER_NAMES.get(name.lower(), ""), text, "the header of the answer")
        if checksum is not None:
            yield checksum
