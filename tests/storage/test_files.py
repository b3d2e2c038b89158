import hashlib
import os
from pathlib import Path

import pytest

from n3fit.errors import ResourceError
from n3fit.storage import (
    CACHE_VARIABLE,
    atomic_path,
    cache_directory,
    files,
    sha256_of_bytes,
    sha256_of_file,
    write_atomically,
)


def test_write_makes_folders_and_replaces(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b.txt"
    write_atomically(target, "one")
    write_atomically(target, b"two")
    assert target.read_bytes() == b"two"
    assert [path.name for path in target.parent.iterdir()] == ["b.txt"]


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "b.txt"
    write_atomically(target, "one")

    def write_and_fail() -> None:
        with atomic_path(target) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and_fail()
    assert target.read_text() == "one"
    assert [path.name for path in tmp_path.iterdir()] == ["b.txt"]


def test_fault_59_unwritable_place_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ResourceError, match="cannot be written") as caught:
        write_atomically(tmp_path / "file" / "x", "text")
    assert caught.value.exit_code == 4


def test_checksums(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    (tmp_path / "x").write_bytes(content)
    expected = hashlib.sha256(content).hexdigest()
    assert sha256_of_file(tmp_path / "x") == sha256_of_bytes(content) == expected


def test_cache_directory_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    assert cache_directory() == tmp_path
    monkeypatch.delenv(CACHE_VARIABLE)
    assert cache_directory().name == "n3fit"


def test_all_files_of_a_folder_are_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("b", "a"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "inside").mkdir()
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: flushed.append(os.fstat(descriptor).st_ino))
    files.sync_files(tmp_path)
    assert flushed[:2] == [(tmp_path / name).stat().st_ino for name in ("a", "b")]
    assert [path.read_bytes() for path in (tmp_path / "a", tmp_path / "b")] == [b"a", b"b"]
    with pytest.raises(OSError, match="missing"):
        files.sync_files(tmp_path / "missing")
