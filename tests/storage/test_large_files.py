"""Git-LFS pointers are recognised by their first bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from n3fit.storage.large_files import describe_pointer, is_lfs_pointer

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [(POINTER, True), (POINTER[:39], False), (b" " + POINTER, False), (b"", False), (b"version 1\n", False)],
)
def test_pointers(tmp_path: Path, content: bytes, expected: bool) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert is_lfs_pointer(path) is expected


def test_what_cannot_be_read_is_no_pointer(tmp_path: Path) -> None:
    assert not is_lfs_pointer(tmp_path)
    assert not is_lfs_pointer(tmp_path / "missing")


def test_message() -> None:
    assert describe_pointer(Path("table.pineappl.lz4")) == "table.pineappl.lz4: a Git-LFS pointer, not the file itself"
