"""The origin of the bytes of a partial file."""

from __future__ import annotations

import json
from email.message import Message
from pathlib import Path

import pytest

from n3fit.errors import ResourceError
from n3fit.fetching.partial_file import Origin, PartialFile


def headers(**entries: str) -> Message:
    message = Message()
    for name, value in entries.items():
        message[name.replace("_", "-")] = value
    return message


def test_bytes_and_origin(tmp_path: Path) -> None:
    part = PartialFile(tmp_path / "new" / "x.part")
    assert (part.size, part.read_origin()) == (0, None)
    part.restart(Origin("address", 5, '"tag"'))
    part.append(b"abc")
    part.append(b"de")
    assert part.path.read_bytes() == b"abcde"
    assert PartialFile(part.path).read_origin() == Origin("address", 5, '"tag"')
    part.restart(Origin("other"))
    assert (part.size, part.read_origin()) == (0, Origin("other"))
    part.remove()
    part.remove()
    assert list(part.path.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("length", "size"), [("7", 7), ("", None), ("-1", None), ("7, 7", None), ("9" * 5000, None), ("\u0663", None)]
)
def test_announced_size(length: str, size: int | None) -> None:
    assert Origin.of_answer("address", headers(Content_Length=length)).size == size


@pytest.mark.parametrize(
    ("etag", "modified", "validator"),
    [
        ('"tag"', "yesterday", '"tag"'),
        ('W/"tag"', "yesterday", "yesterday"),
        ("", "yesterday", "yesterday"),
        ('W/"tag"', "", ""),
        ('"t\xe4g"', "", ""),
        ('"a"\r\n b', "yesterday", "yesterday"),
    ],
)
def test_validator(etag: str, modified: str, validator: str) -> None:
    """A header that cannot be sent back is none."""
    message = headers(Last_Modified=modified)
    message._headers.append(("ETag", etag))  # type: ignore[attr-defined]
    assert Origin.of_answer("address", message).validator == validator


def test_digest() -> None:
    assert Origin.of_answer("address", headers(Digest="old", Repr_Digest="new")).digest == "new"
    assert Origin.of_answer("address", headers(Digest="old")).digest == "old"


@pytest.mark.parametrize("change", [{"etag": 7}, {"size": "5"}, {"address": None}, {"more": 1}])
def test_damaged_record(tmp_path: Path, change: dict[str, object]) -> None:
    part = PartialFile(tmp_path / "x.part")
    part.restart(Origin("address"))
    record = tmp_path / "x.part.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | change))
    assert part.read_origin() is None


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    part = PartialFile(tmp_path / "file" / "x.part")
    with pytest.raises(ResourceError, match="cannot be"):
        part.restart(Origin("address"))
