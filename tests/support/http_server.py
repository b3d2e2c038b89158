"""A local HTTP server whose files are sent as badly as a test needs."""

from __future__ import annotations

import io
import re
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class File:
    """A file of the server.

    Attributes
    ----------
    content : bytes
    status : int
        200 answers requests of a range with 206 if ``ranges`` is true.
    etag, modified : str
        Validators; none are sent where they are empty.
    ranges : bool
        Whether requests of a range are obeyed.
    checks_range : bool
        Whether ``If-Range`` is compared.
    announced : int or None
        Content-Length of complete answers, if it is not the right one; -1 for none.
    breaks : list of int
        Bytes after which the next answers break off, one for each; later ones are complete.
    stalls : bool
        Whether a broken answer keeps the connection open without sending.
    headers : mapping
        Additional headers.
    """

    content: bytes = b""
    status: int = 200
    etag: str = '"first"'
    modified: str = ""
    ranges: bool = True
    checks_range: bool = True
    announced: int | None = None
    breaks: list[int] = field(default_factory=list)
    stalls: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """An answer: the path, the range that was requested, the status and the bytes that were sent."""

    path: str
    range: str
    status: int
    size: int


class Server:
    """Files by their path, and a list of the answers."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self.answers: list[Sent] = []
        self.released = threading.Event()
        self.url = ""

    def bytes_of(self, path: str) -> int:
        """Return the bytes that were sent of a file."""
        return sum(answer.size for answer in self.answers if answer.path == path)

    def count(self, path: str) -> int:
        """Return the number of answers about a file."""
        return sum(answer.path == path for answer in self.answers)


@contextmanager
def open_server() -> Iterator[Server]:
    """Yield a server that runs in threads."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(server, self)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        http.shutdown()
        thread.join()
        http.server_close()


def _answer(server: Server, handler: BaseHTTPRequestHandler) -> None:
    """Send one answer and record it."""
    path, wanted = handler.path, handler.headers.get("Range", "")
    file = server.files.get(path, File(status=404))
    status, start = file.status, 0
    fresh = not file.checks_range or handler.headers.get("If-Range", "") in (file.etag, file.modified)
    if wanted and file.ranges and fresh and status == 200:
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])  # type: ignore[index]
        status = 206 if start < len(file.content) else 416
    total = len(file.content)
    body = file.content[start:] if status != 416 else b""
    headers = {"ETag": file.etag, "Last-Modified": file.modified, **file.headers}
    length = len(body) if status == 206 or file.announced is None else file.announced
    if length >= 0:
        headers["Content-Length"] = str(length)
    if status == 206:
        headers.setdefault("Content-Range", f"bytes {start}-{total - 1}/{total}")
    if status == 416:
        headers["Content-Range"] = f"bytes */{total}"
    broken = bool(file.breaks) and status in (200, 206)
    body = body[: file.breaks.pop(0)] if broken else body
    server.answers.append(Sent(path, wanted, status, len(body)))
    try:
        handler.send_response(status)
        for name, value in headers.items():
            if value:
                handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
        handler.wfile.flush()
        if broken and file.stalls:
            server.released.wait(20)
    except (BrokenPipeError, ConnectionResetError):
        pass
    handler.close_connection = True


def pack(files: Mapping[str, bytes], *members: tarfile.TarInfo, mode: str = "w:gz") -> bytes:
    """Return an archive of files, and of members without content."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as bundle:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            bundle.addfile(member, io.BytesIO(content))
        for member in members:
            bundle.addfile(member)
    return stream.getvalue()


def pack_folder(folder: Path) -> bytes:
    """Return an archive of a folder, with its name on top."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as bundle:
        bundle.add(folder, folder.name)
    return stream.getvalue()
