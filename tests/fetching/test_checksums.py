"""Published checksums: in a file beside an archive, and in headers."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from support.http_server import File, Server

from n3fit.fetching.checksums import Checksum, check_file, find_checksums, parse_checksum
from n3fit.fetching.connection import Patience
from n3fit.fetching.failures import AddressError, BrokenOffError

CONTENT = b"content"
SHA = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT).hexdigest()
HEADER = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()


@pytest.mark.parametrize(
    "text",
    [f"{SHA}\n", SHA.upper(), f"{SHA}  file.tgz\n", f"{SHA} *file.tgz\r\n", f"{'0' * 64}  other\n{SHA}  ./file.tgz\n"],
)
def test_file_beside_the_archive(server: Server, patience: Patience, text: str) -> None:
    server.files["/file.tgz.sha256"] = File(text.encode())
    found = find_checksums(f"{server.url}/file.tgz", "", patience)
    assert found == [Checksum("sha256", SHA, f"{server.url}/file.tgz.sha256")]


def test_md5_where_there_is_nothing_better(server: Server, patience: Patience) -> None:
    server.files["/file.tgz.md5"] = File(f"{MD5}  file.tgz\n".encode())
    (found,) = find_checksums(f"{server.url}/file.tgz", "", patience)
    assert (found.algorithm, found.value) == ("md5", MD5)


def test_the_name_of_the_file_comes_before_a_query(server: Server, patience: Patience) -> None:
    server.files["/a%2Bb.tgz.sha256?version=2"] = File(f"{SHA}  a+b.tgz".encode())
    (found,) = find_checksums(f"{server.url}/a%2Bb.tgz?version=2", "", patience)
    assert found.value == SHA


@pytest.mark.parametrize("text", ["<!DOCTYPE html><p>not here</p>", f"{SHA}  other.tgz\n", f"{MD5}", f"{SHA}\n{SHA}\n"])
def test_something_else_is_no_checksum(server: Server, patience: Patience, text: str) -> None:
    server.files["/file.tgz.sha256"] = File(text.encode())
    assert find_checksums(f"{server.url}/file.tgz", "", patience) == []


@pytest.mark.parametrize(
    "digest",
    [f"sha-256=:{HEADER}:", f"SHA-256={HEADER}", f"crc32c=AAAA, sha-256=:{HEADER}:", f"sha-256={HEADER}, md5=!"],
)
def test_headers(server: Server, patience: Patience, digest: str) -> None:
    found = find_checksums(f"{server.url}/file.tgz", digest, patience)
    assert found == [Checksum("sha256", SHA, "the header of the answer")]
    assert server.answers == []


def test_a_server_that_stops_leaves_it_open(server: Server, patience: Patience) -> None:
    """A checksum that may exist is not skipped."""
    server.files["/file.tgz.sha256"] = File(SHA.encode(), breaks=[0] * 3)
    with pytest.raises(BrokenOffError):
        find_checksums(f"{server.url}/file.tgz", "", patience)


@pytest.mark.parametrize("algorithm", ["sha512", "sha256", "md5"])
def test_check(tmp_path: Path, algorithm: str) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    value = hashlib.new(algorithm, CONTENT).hexdigest()
    good = parse_checksum(algorithm, value.upper(), "index")
    assert good == Checksum(algorithm, value, "index")
    check_file(tmp_path / "file", [good], "address")
    wrong = parse_checksum(algorithm, "0" * len(value), "index")
    assert wrong is not None
    expected = rf"address: expected the {algorithm} 0{{12}}\.\.\. of index, received {value[:12]}"
    with pytest.raises(AddressError, match=expected):
        check_file(tmp_path / "file", [good, wrong], "address")


@pytest.mark.parametrize(("algorithm", "value"), [("sha1", "0" * 40), ("md5", "0" * 31), ("md5", "g" * 32), ("md5", 7)])
def test_other_values_are_no_checksums(algorithm: str, value: object) -> None:
    assert parse_checksum(algorithm, value, "index") is None
