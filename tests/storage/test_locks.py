"""One process at a time writes a folder, refusals name it, and a killed one leaves nothing behind."""

from __future__ import annotations

import errno
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import filelock
import pytest

from n3fit.errors import ResourceError
from n3fit.storage import locks
from n3fit.storage.locks import lock_folder, restore_replaced, wait_for_lock

HOLD = """
import sys
from pathlib import Path
from n3fit.storage.locks import lock_folder
with lock_folder(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


def start_holder(folder: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "locked\n"
    return holder


def end(holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.communicate()


def test_fault_60_second_process_is_refused_with_the_name_of_the_first(tmp_path: Path) -> None:
    holder = start_holder(tmp_path / "fit")
    try:
        with (
            pytest.raises(ResourceError, match=f"process {holder.pid} on .* is writing this fit") as caught,
            lock_folder(tmp_path / "fit"),
        ):
            pass
        assert caught.value.exit_code == 4
        with lock_folder(tmp_path / "another"):
            pass
    finally:
        end(holder)


def test_fault_62_lock_of_a_killed_process_is_taken_over(tmp_path: Path) -> None:
    holder = start_holder(tmp_path / "fit")
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    assert (tmp_path / ".fit.lock").is_file()
    with lock_folder(tmp_path / "fit"):
        assert str(os.getpid()) in (tmp_path / ".fit.lock").read_text()
    assert list(tmp_path.iterdir()) == []


def test_fault_61_the_same_process_cannot_start_twice(tmp_path: Path) -> None:
    with lock_folder(tmp_path / "fit"):
        with pytest.raises(ResourceError, match="is writing this fit"), lock_folder(tmp_path / "fit"):
            pass
        assert (tmp_path / ".fit.lock").is_file()


def test_links_to_one_folder_share_its_lock(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with lock_folder(tmp_path / "real"), pytest.raises(ResourceError), lock_folder(tmp_path / "link"):
        pass


def test_fault_58_leftovers_of_a_killed_process_are_tidied(tmp_path: Path) -> None:
    (tmp_path / ".fit.1.unfinished").mkdir()
    (tmp_path / ".other.1.unfinished").mkdir()
    with lock_folder(tmp_path / "fit"):
        assert not (tmp_path / ".fit.1.unfinished").exists()
    assert (tmp_path / ".other.1.unfinished").is_dir()


def test_the_folder_of_another_process_with_a_longer_name_stays(tmp_path: Path) -> None:
    """A dot in the name of ``fit.2`` is not that between a name and the mark of an unfinished folder."""
    (tmp_path / ".fit.2.ab.unfinished").mkdir()
    with lock_folder(tmp_path / "fit"):
        pass
    assert (tmp_path / ".fit.2.ab.unfinished").is_dir()


def test_fault_58_a_fit_that_was_about_to_be_replaced_comes_back(tmp_path: Path) -> None:
    (tmp_path / ".fit.1.replaced").mkdir()
    (tmp_path / ".fit.1.replaced" / "filter.yml").write_text("old")
    with lock_folder(tmp_path / "fit"):
        assert (tmp_path / "fit" / "filter.yml").read_text() == "old"


def test_fault_58_what_another_process_replaces_at_this_moment_is_left_to_it(tmp_path: Path) -> None:
    fit, old = tmp_path / "fit", tmp_path / ".fit.1.replaced"
    with lock_folder(fit):
        old.mkdir()
        restore_replaced(fit)
        assert not fit.exists()
        old.rename(tmp_path / ".fit.2.replaced")
    restore_replaced(fit)
    assert fit.is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["fit"]
    restore_replaced(tmp_path / "absent" / "fit")
    assert not (tmp_path / "absent").exists()


def test_fault_59_place_that_cannot_be_locked(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match="cannot be locked"), lock_folder(tmp_path / "file" / "fit"):
        pass


def test_fault_84_loop_of_links(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "a")
    with pytest.raises(ResourceError, match="cannot be followed"), lock_folder(tmp_path / "a"):
        pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_file_systems_without_locks_give_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def flock(descriptor: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    with caplog.at_level(logging.WARNING), lock_folder(tmp_path / "fit") as folder:
        assert folder == tmp_path / "fit"
    assert "this file system has no locks" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_was_just_given_back_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The holder removed the file between opening and locking it: filelock reports a timeout and the file is gone."""
    refusals = []

    class FileLockThatComesLate(filelock.FileLock):
        def acquire(self, *args: object, **kwargs: object) -> object:
            if len(refusals) < 2:
                refusals.append(1)
                raise filelock.Timeout(self.lock_file)
            return super().acquire()

    monkeypatch.setattr(locks, "FileLock", FileLockThatComesLate)
    with lock_folder(tmp_path / "fit"):
        assert str(os.getpid()) in (tmp_path / ".fit.lock").read_text()
    assert len(refusals) == 2


WAIT = """
import sys
from pathlib import Path
from n3fit.storage.locks import wait_for_lock
with wait_for_lock(Path(sys.argv[1]), print):
    print("locked", flush=True)
    sys.stdin.readline()
"""


def test_waiting_for_a_lock(tmp_path: Path) -> None:
    """The second process starts when the first ends, and names it before."""
    path = tmp_path / "new" / "file.lock"
    first = subprocess.Popen(
        [sys.executable, "-c", WAIT, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    assert first.stdout.readline() == "locked\n"
    holders: list[str] = []

    def note(holder: str) -> None:
        holders.append(holder)
        first.communicate("\n")

    with wait_for_lock(path, note):
        pass
    assert [holder.partition(" on ")[0] for holder in holders] == [f"process {first.pid}"]
    with wait_for_lock(path, holders.append):
        assert str(os.getpid()) in path.read_text()
    assert len(holders) == 1


def test_waiting_where_nothing_can_be_locked(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match="cannot be locked"), wait_for_lock(tmp_path / "file" / "x.lock", print):
        pass


def test_waiting_on_file_systems_without_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def flock(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(fcntl, "flock", flock)
    with caplog.at_level(logging.WARNING), wait_for_lock(tmp_path / "x.lock", print):
        pass
    assert "this file system has no locks" in caplog.text


def test_message_names_what_is_written(tmp_path: Path) -> None:
    with (
        lock_folder(tmp_path / "x"),
        pytest.raises(ResourceError, match="is writing this theory"),
        lock_folder(tmp_path / "x", kind="theory"),
    ):
        pass


def test_a_process_can_wait_for_the_lock_of_a_folder(tmp_path: Path) -> None:
    messages: list[str] = []
    entered = threading.Event()

    def wait_for_it(text: str) -> None:
        messages.append(text)
        release.set()

    release = threading.Event()

    def hold() -> None:
        with lock_folder(tmp_path / "fit"):
            entered.set()
            release.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(60)
    with lock_folder(tmp_path / "fit", on_wait=wait_for_it) as target:
        assert target == tmp_path / "fit"
    holder.join()
    assert len(messages) == 1
    assert messages[0].startswith("waiting for process ")
    assert messages[0].endswith(f"which writes {tmp_path / 'fit'}")
