"""Files of a folder that is moved as a whole: checksums as written, flushed together, errors that name the place."""

import ctypes
import hashlib
import os
import resource
import threading
from pathlib import Path

import pytest

from n3fit.errors import ResourceError
from n3fit.storage import staged_files
from n3fit.storage.staged_files import StagedFiles


def test_files_and_their_checksums(tmp_path: Path) -> None:
    large = os.urandom(300_000)
    with StagedFiles(tmp_path) as files:
        files.write("a/b/text", "é\n")
        files.write("large", large)
        files.write("a/empty", b"")
        files.write("a/b/text", "second\n")
        files.flush()
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == set(files.written) == {"a/b/text", "large", "a/empty"}
    assert (tmp_path / "a/b/text").read_bytes() == b"second\n"
    assert (tmp_path / "large").read_bytes() == large
    for name, record in files.written.items():
        content = (tmp_path / name).read_bytes()
        assert (record.size, record.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with StagedFiles(tmp_path) as files:
        files.write("file/x", "text")
        with pytest.raises(ResourceError, match=r"file/x: cannot be written \(") as caught:
            files.flush()
    assert "disk space" in caught.value.hint


def test_fault_59_a_file_that_the_system_cuts_off_is_an_error(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with StagedFiles(tmp_path) as files:
            files.write("long", b"x" * 2000)
            with pytest.raises(ResourceError, match="long: cannot be written"):
                _ = files.written
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class _WithoutFileSystems:
    """A C library without ``syncfs``."""


class _Failing:
    """A C library whose ``syncfs`` reports an error of the disk."""

    @staticmethod
    def syncfs(descriptor: int) -> int:
        ctypes.set_errno(5)
        return -1 if os.fstat(descriptor) else 0


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_every_file_and_folder_is_flushed_where_file_systems_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    flushed: set[int] = set()
    real = os.fsync

    def note(descriptor: int) -> None:
        flushed.add(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(staged_files.sys, "platform", platform)
    monkeypatch.setattr(staged_files.ctypes, "CDLL", lambda *_args, **_options: _WithoutFileSystems())
    with StagedFiles(tmp_path) as files:
        for name in ("a/b/one", "a/two", "three"):
            files.write(name, name)
        files.flush()
    assert flushed == {path.stat().st_ino for path in [tmp_path, *tmp_path.rglob("*")]}


@pytest.mark.skipif(not os.path.exists("/proc/version"), reason="only Linux flushes file systems")  # noqa: PTH110
def test_an_error_of_the_disk_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staged_files.ctypes, "CDLL", lambda *_args, **_options: _Failing())
    with StagedFiles(tmp_path) as files, pytest.raises(ResourceError, match=r"written \(Input/output error\)"):
        files.flush()


def write_many(root: Path, *, broken: int | None = None, interrupted: bool = False) -> None:
    with StagedFiles(root) as files:
        for number in range(1000):
            files.write("file/x" if number == broken else f"{number}", b"text")
            if interrupted and number == 60:
                raise KeyboardInterrupt


def test_an_error_stops_the_files_after_it(tmp_path: Path) -> None:
    """However many files there are: the error of one comes with a later call."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match="file/x"):
        write_many(tmp_path, broken=3)
    assert len(list(tmp_path.iterdir())) < 200


def test_nothing_is_written_after_an_interruption(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_many(tmp_path, interrupted=True)
    assert not any("writing files" in thread.name for thread in threading.enumerate())
    assert len(list(tmp_path.iterdir())) <= 61
