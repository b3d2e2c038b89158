"""Transfers from a server that stalls, breaks off, ignores ranges, changes its files and lies about sizes."""

from __future__ import annotations

import json
import shutil
from collections import namedtuple
from pathlib import Path

import pytest
from support.http_server import File, Server
from support.progress import RecordedSteps

from n3fit.errors import ResourceError
from n3fit.fetching.connection import Patience
from n3fit.fetching.failures import AddressError, BrokenOffError, StatusError
from n3fit.fetching.partial_file import Origin, PartialFile
from n3fit.fetching.transfer import transfer
from n3fit.progress import NullReporter

CONTENT = bytes(range(256)) * 400
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def part(tmp_path: Path) -> PartialFile:
    return PartialFile(tmp_path / "file.part")


def get(server: Server, part: PartialFile, patience: Patience) -> Origin:
    return transfer(f"{server.url}/file", part, patience, NullReporter())


def test_complete_file(server: Server, part: PartialFile, patience: Patience) -> None:
    server.files["/file"] = File(CONTENT, modified="Mon, 02 Nov 2026 10:00:00 GMT", headers={"Digest": "sha-256=x"})
    origin = get(server, part, patience)
    assert part.path.read_bytes() == CONTENT
    assert origin == part.read_origin()
    assert (origin.size, origin.etag, origin.digest) == (len(CONTENT), '"first"', "sha-256=x")


@pytest.mark.parametrize("stalls", [False, True])
def test_every_byte_is_requested_once(server: Server, part: PartialFile, patience: Patience, stalls: bool) -> None:
    server.files["/file"] = File(CONTENT, breaks=[10_000, 1, 5_000, 0, 20_000], stalls=stalls)
    get(server, part, patience)
    assert part.path.read_bytes() == CONTENT
    assert server.bytes_of("/file") == len(CONTENT)
    assert [answer.range for answer in server.answers] == [
        "", "bytes=10000-", "bytes=10001-", "bytes=15001-", "bytes=15001-", "bytes=35001-",
    ]  # fmt: skip


def test_by_the_date_where_the_tag_is_weak(server: Server, part: PartialFile, patience: Patience) -> None:
    date = "Mon, 02 Nov 2026 10:00:00 GMT"
    server.files["/file"] = File(CONTENT, etag='W/"1"', modified=date, breaks=[7])
    get(server, part, patience)
    assert part.path.read_bytes() == CONTENT
    assert server.bytes_of("/file") == len(CONTENT)


def test_without_validators_the_transfer_begins_again(server: Server, part: PartialFile, patience: Patience) -> None:
    server.files["/file"] = File(CONTENT, etag="", breaks=[100, 200])
    get(server, part, patience)
    assert part.path.read_bytes() == CONTENT
    assert [answer.range for answer in server.answers] == ["", "", ""]


def test_a_server_that_stops_is_named_with_the_bytes_so_far(
    server: Server, part: PartialFile, patience: Patience
) -> None:
    server.files["/file"] = File(CONTENT, breaks=[1000, 0, 0, 0, 0], stalls=True)
    expected = f"/file: no bytes for 0.15 seconds; 1000 of {len(CONTENT)} bytes are there"
    with pytest.raises(BrokenOffError, match=expected):
        get(server, part, patience)
    assert server.count("/file") == 3  # once with bytes, then as often as there are pauses
    server.files["/file"].breaks.clear()
    get(server, part, patience)
    assert part.path.read_bytes() == CONTENT
    assert server.bytes_of("/file") == len(CONTENT)


def test_a_server_without_ranges_sends_all_again(server: Server, part: PartialFile, patience: Patience) -> None:
    server.files["/file"] = File(CONTENT, ranges=False, breaks=[5000])
    get(server, part, patience)
    assert part.path.read_bytes() == CONTENT
    assert server.bytes_of("/file") == len(CONTENT) + 5000


def interrupted(server: Server, part: PartialFile, patience: Patience) -> None:
    server.files["/file"] = File(CONTENT, breaks=[5000, 0, 0, 0])
    with pytest.raises(BrokenOffError, match="the connection ended early; 5000 of"):
        get(server, part, patience)
    server.answers.clear()


@pytest.mark.parametrize("checks_range", [True, False])
@pytest.mark.parametrize("etag", ['"second"', ""])
def test_a_file_that_changed_begins_again(
    server: Server, part: PartialFile, patience: Patience, checks_range: bool, etag: str
) -> None:
    """Also where the server does not compare: another tag or another size are noticed."""
    interrupted(server, part, patience)
    other = CONTENT[::-1] + b"more"
    server.files["/file"] = File(other, etag=etag, checks_range=checks_range)
    get(server, part, patience)
    assert part.path.read_bytes() == other


def test_a_file_that_became_shorter_than_what_is_there(server: Server, part: PartialFile, patience: Patience) -> None:
    interrupted(server, part, patience)
    server.files["/file"] = File(b"short", checks_range=False)
    get(server, part, patience)
    assert part.path.read_bytes() == b"short"
    assert [answer.status for answer in server.answers] == [416, 200]


def test_a_complete_file_is_not_sent_again(server: Server, part: PartialFile, patience: Patience) -> None:
    server.files["/file"] = File(CONTENT)
    get(server, part, patience)
    get(server, part, patience)
    assert part.path.read_bytes() == CONTENT
    assert [(answer.status, answer.size) for answer in server.answers] == [(200, len(CONTENT)), (416, 0)]


def test_another_address_begins_again(server: Server, part: PartialFile, patience: Patience) -> None:
    interrupted(server, part, patience)
    server.files["/other"] = File(b"other")
    transfer(f"{server.url}/other", part, patience, NullReporter())
    assert part.path.read_bytes() == b"other"


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"address": "x", "extra": 1}', None])
def test_bytes_without_a_record_are_not_used(
    server: Server, part: PartialFile, patience: Patience, record: str | None
) -> None:
    interrupted(server, part, patience)
    place = part.path.with_name("file.part.json")
    place.unlink() if record is None else place.write_text(record)
    get(server, part, patience)
    assert part.path.read_bytes() == CONTENT
    assert server.answers[0].range == ""


@pytest.mark.parametrize("content_range", ["bytes 0-9/10", "bytes 5000-5001/7", "bytes */7", "5000-"])
def test_a_wrong_range_begins_again(server: Server, part: PartialFile, patience: Patience, content_range: str) -> None:
    interrupted(server, part, patience)
    server.files["/file"].headers = {"Content-Range": content_range}
    server.files["/file"].breaks.clear()
    get(server, part, patience)
    assert part.path.read_bytes() == CONTENT
    assert [answer.status for answer in server.answers] == [206, 200]


def test_part_that_was_not_requested(server: Server, part: PartialFile, patience: Patience) -> None:
    server.files["/file"] = File(CONTENT, status=206)
    with pytest.raises(AddressError, match="expected the complete file, received a part of it"):
        get(server, part, patience)
    assert part.size == 0


def test_announced_size_too_large(server: Server, part: PartialFile, patience: Patience) -> None:
    server.files["/file"] = File(CONTENT, announced=len(CONTENT) + 7, ranges=False)
    with pytest.raises(BrokenOffError, match=f"ended early; {len(CONTENT)} of {len(CONTENT) + 7} bytes"):
        get(server, part, patience)
    assert server.count("/file") == 3


def test_without_announced_size(server: Server, part: PartialFile, patience: Patience) -> None:
    server.files["/file"] = File(CONTENT, announced=-1)
    assert get(server, part, patience).size is None
    assert part.path.read_bytes() == CONTENT


@pytest.mark.parametrize(("status", "times"), [(404, 1), (403, 1), (410, 1), (503, 3), (429, 3)])
def test_errors_of_the_server(server: Server, part: PartialFile, patience: Patience, status: int, times: int) -> None:
    """Only a busy server is requested again."""
    server.files["/file"] = File(status=status)
    kind = BrokenOffError if times > 1 else StatusError
    with pytest.raises(kind, match=f"/file: {status} ") as caught:
        get(server, part, patience)
    assert isinstance(caught.value, AddressError)
    assert server.count("/file") == times


def test_disk_that_is_too_small(
    server: Server, part: PartialFile, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files["/file"] = File(CONTENT)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**9, 10**9, 2**26 + 50_000))
    with pytest.raises(ResourceError, match=r"/file needs 0 MB more, the disk has 0 MB free") as caught:
        get(server, part, patience)
    assert caught.value.exit_code == 4
    assert server.count("/file") == 1


def test_full_disk_keeps_what_came(
    server: Server, part: PartialFile, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(server, part, patience)
    server.files["/file"].breaks.clear()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full_disk)
        with pytest.raises(ResourceError, match=r"No space left on device\); 5000 bytes are there"):
            get(server, part, patience)
    get(server, part, patience)
    assert part.path.read_bytes() == CONTENT


def full_disk(path: Path, mode: str = "r", *args: object, **kwargs: object) -> object:
    if mode == "ab":
        raise OSError(28, "No space left on device")
    return open(path, mode, *args, **kwargs)  # type: ignore[call-overload] # noqa: PTH123


def test_progress_in_bytes(server: Server, part: PartialFile, patience: Patience) -> None:
    server.files["/file"] = File(CONTENT * 20)
    progress = RecordedSteps()
    transfer(f"{server.url}/file", part, patience, progress)
    steps = progress.steps
    assert steps[-1] == ("bytes", len(CONTENT) * 20, len(CONTENT) * 20)
    assert [done for _, done, _ in steps] == sorted({done for _, done, _ in steps})
    assert json.loads(part.path.with_name("file.part.json").read_text())["size"] == len(CONTENT) * 20
