"""Requests over HTTP and HTTPS: nothing else is opened, and a redirection never leads from HTTPS to HTTP.

Proxies are those of the environment variables ``http_proxy``, ``https_proxy`` and ``no_proxy``.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from time import sleep
from typing import TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urljoin, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from n3fit import __version__
from n3fit.errors import CommandLineError
from n3fit.fetching.failures import AddressError, BrokenOffError, StatusError, TemporaryError

MOST_REDIRECTIONS = 5
SCHEMES = ("https", "http")

_REDIRECTIONS = (301, 302, 303, 307, 308)
_BUSY = (408, 425, 429, 500, 502, 503, 504)
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_UNCHANGED = "!#$%&'()*+,/:;=?@[]~"

Result = TypeVar("Result")


@dataclass(frozen=True)
class Patience:
    """How long a server may be silent, and how often a request is repeated.

    Parameters
    ----------
    stall : float
        Seconds without a byte after which a connection counts as broken.
    pauses : tuple of float
        Seconds before each repetition; the count begins again whenever bytes came.
    """

    stall: float = 30.0
    pauses: tuple[float, ...] = (1.0, 3.0, 10.0)


def check_address(address: str, source: str) -> None:
    """Check that an address is one of HTTP or HTTPS with the name of a server and without a password.

    Parameters
    ----------
    address : str
    source : str
        The option, variable or key that has it, for the message.

    Raises
    ------
    CommandLineError
        It is something else.
    """
    problem = _problem_of(address)
    if problem:
        raise CommandLineError(f"{source}: {problem}", hint="give an address such as https://server/folder/")


def is_protected(address: str) -> bool:
    """Return whether what comes cannot be changed on the way: over HTTPS, or from a server on this machine.

    >>> is_protected("https://server/a.tgz"), is_protected("http://localhost:8000/a.tgz"), is_protected("http://server/")
    (True, True, False)
    """
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.hostname or "").lower() in _THIS_MACHINE


@contextmanager
def open_address(address: str, headers: Mapping[str, str], patience: Patience) -> Iterator[HTTPResponse]:
    """Yield the answer of a server with its content still to be read; at most five redirections are followed.

    Raises
    ------
    StatusError
        The server answers with an error.
    TemporaryError
        No connection.
    BrokenOffError
        No answer in time, or the server is busy.
    AddressError
        The certificate is not accepted, or a redirection is not followed.
    """
    response = _follow(address, headers, patience)
    try:
        yield response
    finally:
        response.close()


def repeat(action: Callable[[], Result], patience: Patience) -> Result:
    """Return the result of ``action``, which is repeated while it raises BrokenOffError and there are pauses left."""
    for pause in patience.pauses:
        try:
            return action()
        except BrokenOffError:
            sleep(pause)
    return action()


def read_small(address: str, patience: Patience, *, limit: int) -> bytes:
    """Read a file of at most ``limit`` bytes, such as an index or a checksum.

    Raises
    ------
    AddressError
        As in :func:`open_address`, or the file is larger.
    """

    def read() -> bytes:
        with open_address(address, {}, patience) as response, reading(address, patience):
            content = response.read(limit + 1)
        if response.length and len(content) <= limit:  # http.client ends such an answer without an error
            raise BrokenOffError(address, "the connection ended early")
        return content

    content = repeat(read, patience)
    if len(content) > limit:
        raise AddressError(address, f"expected at most {limit} bytes, received more")
    return content


@contextmanager
def reading(address: str, patience: Patience) -> Iterator[None]:
    """Raise BrokenOffError for a connection that stalls or breaks while the block reads from it."""
    try:
        yield
    except TimeoutError as error:
        raise BrokenOffError(address, f"no bytes for {patience.stall:g} seconds") from error
    except (HTTPException, OSError) as error:
        raise BrokenOffError(address, f"the connection broke ({_describe(error)})") from error


def _follow(address: str, headers: Mapping[str, str], patience: Patience) -> HTTPResponse:
    problem = _problem_of(address)
    if problem:
        raise AddressError(address, problem)
    place = quote(address, safe=_UNCHANGED)
    name = address
    for _ in range(MOST_REDIRECTIONS + 1):
        try:
            return _open(place, name, headers, patience)
        except StatusError as error:
            if error.status in _BUSY:
                raise BrokenOffError(name, error.reason) from error
            if error.status not in _REDIRECTIONS:
                raise
            place = _redirected(name, place, error.headers.get("Location", ""))
            name = f"{address} (redirected to {place})"
    raise AddressError(address, f"more than {MOST_REDIRECTIONS} redirections")


def _open(place: str, name: str, headers: Mapping[str, str], patience: Patience) -> HTTPResponse:
    """Return the answer of an address without following redirections; ``name`` is its name in messages."""
    request = Request(place, headers={"User-Agent": f"n3fit/{__version__}", **headers})
    try:
        return _opener().open(request, timeout=patience.stall)
    except HTTPError as error:
        with error:
            raise StatusError(name, error.code, str(error.reason), error.headers) from error
    except URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            raise AddressError(name, f"the certificate is not accepted ({error.reason.verify_message})") from error
        raise TemporaryError(name, f"no connection ({_describe(error.reason)})") from error
    except TimeoutError as error:
        raise BrokenOffError(name, f"no answer for {patience.stall:g} seconds") from error
    except ValueError as error:  # a name of a server that cannot be encoded
        raise AddressError(name, f"cannot be opened ({_describe(error)})") from error
    except (HTTPException, OSError) as error:
        raise BrokenOffError(name, f"the connection broke ({_describe(error)})") from error


def _opener() -> OpenerDirector:
    """Return an opener without the handlers of files, FTP and data, and without automatic redirections."""
    opener = OpenerDirector()
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler(), HTTPDefaultErrorHandler(), HTTPErrorProcessor()):
        opener.add_handler(handler)
    return opener


def _redirected(address: str, place: str, location: str) -> str:
    """Return the address to which ``place`` is redirected, if it may be followed."""
    target = quote(urljoin(place, location), safe=_UNCHANGED)
    problem = "no address" if not location else _problem_of(target)
    if not problem and urlsplit(place).scheme == "https" and urlsplit(target).scheme == "http":
        problem = f"expected HTTPS, received {target!r}"
    if problem:
        raise AddressError(address, f"redirected, which is not followed: {problem}")
    return target


def _problem_of(address: str) -> str:
    """Return why an address is not opened, an empty string if it may be."""
    try:
        parts = urlsplit(address)
        good = parts.scheme in SCHEMES and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or not address.isprintable() or " " in address:
        return f"expected an address with http:// or https://, received {address[:200]!r}"
    if "@" in parts.netloc:
        return f"expected an address without a password, received one for {parts.hostname}"
    return ""


def _describe(error: object) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()) or type(error).__name__
