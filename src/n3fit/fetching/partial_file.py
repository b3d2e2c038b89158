"""Files that are fetched in several attempts: the bytes so far, and what identifies the file on the server."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from email.message import Message
from pathlib import Path

from n3fit.errors import N3fitError, ResourceError
from n3fit.storage import write_atomically
from n3fit.storage.json_files import read_json, to_json


@dataclass(frozen=True)
class Origin:
    """The file on the server to which the bytes of a partial file belong.

    Parameters
    ----------
    address : str
    size : int or None
        Bytes that the server announced.
    etag, modified, digest : str
        The headers ``ETag``, ``Last-Modified`` and ``Repr-Digest`` or ``Digest``; empty where there are none.
    """

    address: str
    size: int | None = None
    etag: str = ""
    modified: str = ""
    digest: str = ""

    @classmethod
    def of_answer(cls, address: str, headers: Message) -> Origin:
        """Return the origin that the headers of a complete answer describe."""
        length = _header(headers, "Content-Length")
        return cls(
            address=address,
            size=int(length) if re.fullmatch(r"\d{1,18}", length) else None,
            etag=_header(headers, "ETag"),
            modified=_header(headers, "Last-Modified"),
            digest=_header(headers, "Repr-Digest") or _header(headers, "Digest"),
        )

    @property
    def validator(self) -> str:
        """What a server compares before it sends the rest, for ``If-Range``; empty if it announced nothing."""
        return self.modified if self.etag.startswith("W/") or not self.etag else self.etag


class PartialFile:
    """The bytes of a file that came so far, with their origin in a second file.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._record = path.with_name(f"{path.name}.json")

    @property
    def size(self) -> int:
        """Bytes that are there."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def read_origin(self) -> Origin | None:
        """Read the origin; None if there is none that can be read."""
        try:
            origin = Origin(**read_json(self._record))
        except (N3fitError, TypeError):
            return None
        texts = (origin.address, origin.etag, origin.modified, origin.digest)
        sound = all(isinstance(text, str) for text in texts) and isinstance(origin.size, int | None)
        return origin if sound else None

    def restart(self, origin: Origin) -> None:
        """Remove the bytes and record another origin: at no moment do bytes stand beside an origin that is not theirs.

        Raises
        ------
        ResourceError
            The folder cannot be written to.
        """
        self.remove()
        write_atomically(self._record, to_json(asdict(origin)))

    def append(self, content: bytes) -> None:
        """Append bytes.

        Raises
        ------
        ResourceError
            The folder cannot be written to, or the disk is full.
        """
        try:
            with self.path.open("ab") as stream:
                stream.write(content)
        except OSError as error:
            raise ResourceError(
                f"{self.path}: cannot be written ({error.strerror or error}); {self.size} bytes are there",
                hint="check the disk space and the permissions, and run the command again to continue",
            ) from error

    def remove(self) -> None:
        """Remove the bytes, then their origin.

        Raises
        ------
        ResourceError
            They cannot be removed.
        """
        try:
            self.path.unlink(missing_ok=True)
            self._record.unlink(missing_ok=True)
        except OSError as error:
            raise ResourceError(
                f"{self.path}: cannot be removed ({error.strerror or error})", hint="check the permissions"
            ) from error


def _header(headers: Message, name: str) -> str:
    """Return a header that can be sent back as it is; an empty string if there is none."""
    value = str(headers.get(name, ""))
    return value if value.isascii() and value.isprintable() else ""
