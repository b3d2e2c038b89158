"""Requests: which addresses are opened, and which redirections are followed."""

from __future__ import annotations

import ssl
import urllib.request
from pathlib import Path
from urllib.error import URLError

import pytest
from support.http_server import File, Server

from n3fit.errors import CommandLineError
from n3fit.fetching import connection
from n3fit.fetching.connection import Patience, check_address, open_address, read_small
from n3fit.fetching.failures import AddressError, BrokenOffError, StatusError, TemporaryError


def read(address: str, patience: Patience) -> bytes:
    return read_small(address, patience, limit=1000)


@pytest.mark.parametrize(
    "address", ["http://server", "https://server:8080/a/b?c=d", "https://[::1]/x", "HTTPS://server/%20x"]
)
def test_addresses(address: str) -> None:
    check_address(address, "--url")


@pytest.mark.parametrize(
    "address",
    ["", "server/file", "file:///etc/passwd", "ftp://server/x", "data:text/plain,x", "http://", "http:///x",
     "http://server:port/", "http://[::1/", "http://server/a b", "http://server/a\nb", "/folder", "C:\\x"],
)  # fmt: skip
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(CommandLineError, match="--url: expected an address with http:// or https://, received"):
        check_address(address, "--url")


def test_a_password_is_not_printed() -> None:
    with pytest.raises(CommandLineError, match="expected an address without a password, received one for server") as e:
        check_address("https://me:secret@server/x", "--url")
    assert "secret" not in str(e.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirections_are_followed(server: Server, patience: Patience, status: int) -> None:
    server.files["/a"] = File(status=status, headers={"Location": "/folder/b"})
    server.files["/folder/b"] = File(status=status, headers={"Location": f"{server.url}/c"})
    server.files["/c"] = File(b"content")
    assert read(f"{server.url}/a", patience) == b"content"


def test_an_error_after_a_redirection_names_both_addresses(server: Server, patience: Patience) -> None:
    server.files["/a"] = File(status=302, headers={"Location": "/b"})
    with pytest.raises(StatusError, match=rf"/a \(redirected to {server.url}/b\): 404 Not Found"):
        read(f"{server.url}/a", patience)


@pytest.mark.parametrize("steps", [5, 6])
def test_at_most_five_redirections(server: Server, patience: Patience, steps: int) -> None:
    for step in range(steps):
        server.files[f"/{step}"] = File(status=302, headers={"Location": f"/{step + 1}"})
    server.files[f"/{steps}"] = File(b"content")
    if steps <= 5:
        assert read(f"{server.url}/0", patience) == b"content"
    else:
        with pytest.raises(AddressError, match="/0: more than 5 redirections"):
            read(f"{server.url}/0", patience)


def test_a_loop_of_redirections_ends(server: Server, patience: Patience) -> None:
    server.files["/a"] = File(status=302, headers={"Location": "/a"})
    with pytest.raises(AddressError, match="more than 5 redirections"):
        read(f"{server.url}/a", patience)
    assert server.count("/a") == 6


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://server/x", "data:,x", "", "http://me:you@server/"])
def test_redirections_elsewhere_are_not_followed(
    server: Server, patience: Patience, location: str, tmp_path: Path
) -> None:
    server.files["/a"] = File(status=302, headers={"Location": location})
    with pytest.raises(AddressError, match="/a: redirected, which is not followed: ") as caught:
        read(f"{server.url}/a", patience)
    assert not isinstance(caught.value, TemporaryError)


def test_no_redirection_from_https_to_http(monkeypatch: pytest.MonkeyPatch, patience: Patience) -> None:
    def answer(place: str, name: str, *rest: object) -> None:
        from email.message import Message

        headers = Message()
        headers["Location"] = place.replace("https", "http")
        raise StatusError(name, 302, "Found", headers)

    monkeypatch.setattr(connection, "_open", answer)
    with pytest.raises(AddressError, match="not followed: expected HTTPS, received 'http://server/x'"):
        read("https://server/x", patience)


def test_password_protected(server: Server, patience: Patience) -> None:
    server.files["/a"] = File(status=401, headers={"WWW-Authenticate": "Basic"})
    with pytest.raises(StatusError, match="401 Unauthorized: it requires a password, which n3fit does not send"):
        read(f"{server.url}/a", patience)


def test_no_server(server: Server, patience: Patience) -> None:
    with pytest.raises(TemporaryError, match=r"no connection \(Connection refused\)") as caught:
        read("http://127.0.0.1:1/x", patience)
    assert not isinstance(caught.value, BrokenOffError)  # not repeated


def test_a_name_that_no_server_has(patience: Patience) -> None:
    with pytest.raises(AddressError, match=r"http://a\.\.b/x: "):
        read("http://a..b/x", patience)


def test_certificate_that_is_not_accepted(monkeypatch: pytest.MonkeyPatch, patience: Patience) -> None:
    problem = ssl.SSLCertVerificationError("certificate verify failed")
    problem.verify_message = "self-signed certificate"

    class Opener:
        def open(self, *args: object, **kwargs: object) -> None:
            raise URLError(problem)

    monkeypatch.setattr(connection, "_opener", Opener)
    with pytest.raises(AddressError, match=r"the certificate is not accepted \(self-signed certificate\)") as caught:
        read("https://server/x", patience)
    assert not isinstance(caught.value, TemporaryError)


def test_small_files(server: Server, patience: Patience) -> None:
    server.files["/small"] = File(b"x" * 1000, breaks=[0])
    assert read(f"{server.url}/small", patience) == b"x" * 1000
    server.files["/large"] = File(b"x" * 1001)
    with pytest.raises(AddressError, match="expected at most 1000 bytes, received more"):
        read(f"{server.url}/large", patience)


def test_a_small_file_that_stalls(server: Server, patience: Patience) -> None:
    server.files["/small"] = File(b"content", breaks=[3] * 3, stalls=True)
    with pytest.raises(BrokenOffError, match=r"no bytes for 0.15 seconds"):
        read(f"{server.url}/small", patience)
    assert server.count("/small") == 3


def test_proxies_of_the_environment(server: Server, patience: Patience, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    server.files["http://elsewhere.invalid/x"] = File(b"by the proxy")
    assert read("http://elsewhere.invalid/x", patience) == b"by the proxy"


def test_nothing_but_http_is_opened(tmp_path: Path, patience: Patience) -> None:
    (tmp_path / "x").write_text("secret")
    assert urllib.request.urlopen((tmp_path / "x").as_uri()).read() == b"secret"
    with pytest.raises(AddressError), open_address((tmp_path / "x").as_uri(), {}, patience):
        pass
