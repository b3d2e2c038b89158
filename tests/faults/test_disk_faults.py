"""Fault 59: places that cannot be written to, or no longer. The disks are real: small file systems in memory.

They are mounted in a name space of the command alone, so that nothing is left when it ends in whatever way.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import outcomes
from support.runcards import SMALL_FIT

from n3fit.errors import ResourceError
from n3fit.storage import staged_files

CARD = SMALL_FIT.replace("epochs: 120", "epochs: 20")
ANOTHER_USER = 65534

MOUNT = """
mount -t tmpfs -o "$1" tmpfs "$2" || exit 99
shift
cd "$1"
shift
"$@"
code=$?
echo "files: $(find . -mindepth 1 -maxdepth 1 ! -name ballast -printf '%f ' | sort)"
exit $code
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code, lines of errors, all that it printed, and the files that are on the disk."""

    code: int
    errors: list[str]
    text: str
    files: list[str]


def in_name_space(*command: str, timeout: int = 300, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command that may mount file systems of its own."""
    return subprocess.run(
        ["unshare", "--mount", "--map-root-user", *command],
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@pytest.fixture(scope="module")
def mounts(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where no file system can be mounted."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no command unshare, so no small disk can be mounted")
    place = tmp_path_factory.mktemp("mount")
    done = in_name_space("sh", "-c", MOUNT, "sh", "size=64k", str(place), "true")
    if done.returncode != 0:
        pytest.skip(f"no small disk can be mounted: {done.stderr.strip()}")


@pytest.fixture
def on_disk(tmp_path: Path, mounts: None, own_cache: Path) -> Callable[..., Ended]:
    """Return a function that runs n3fit in a folder which is a disk of its own."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "card.yml").write_text(CARD)

    def run(options: str, *arguments: str, **environment: str) -> Ended:
        command = [sys.executable, "-m", "n3fit", *arguments]
        done = in_name_space("sh", "-c", MOUNT, "sh", options, str(tmp_path / "disk"), *command, **environment)
        text = done.stdout + done.stderr
        assert "Traceback" not in text, text
        (files,) = [line for line in done.stdout.splitlines() if line.startswith("files: ")]
        errors = [line for line in done.stderr.splitlines() if line.startswith("n3fit: error: ")]
        return Ended(done.returncode, errors, text, files.split()[1:])

    return run


def test_fault_59_a_disk_that_is_full_when_the_fit_is_written(on_disk: Callable[..., Ended]) -> None:
    ended = on_disk("size=160k", "fit", "../card.yml", "-r", "1-3", "-o", "fit")
    (line,) = ended.errors
    assert ended.code == 4, ended.text
    assert "cannot be written (No space left on device)" in line
    assert "(check the disk space and the permissions)" in line
    assert ended.files == []


def test_fault_59_a_cache_on_a_full_disk_costs_time_and_not_the_fit(
    on_disk: Callable[..., Ended], tmp_path: Path
) -> None:
    place = str(tmp_path / "disk" / "cache")
    ended = on_disk("size=32k", "fit", "../card.yml", "-r", "1-2", "-o", "../fit", N3FIT_CACHE_DIR=place)
    assert ended.code == 0, ended.text
    assert sum("the cache cannot be used: nothing can be written to" in line for line in ended.text.splitlines()) == 1
    assert (tmp_path / "fit" / "manifest.json").is_file()


@pytest.mark.parametrize(
    "arguments",
    [("fit", "../card.yml", "-r", "1-2", "-o", "fit"), ("runcard", "../card.yml")],
    ids=["fit", "other"],
)
def test_fault_59_a_file_system_that_is_read_only(on_disk: Callable[..., Ended], arguments: tuple[str, ...]) -> None:
    """Found before the training, not after it."""
    if arguments[0] == "runcard":
        arguments = ("schema", "-o", "runcards.json")
    ended = on_disk("size=1m,ro", *arguments)
    (line,) = ended.errors
    assert ended.code == 4, ended.text
    assert "Read-only file system" in line
    assert "epoch" not in ended.text
    assert ended.files == []


def test_fault_59_a_folder_of_somebody_else(tmp_path: Path, own_cache: Path) -> None:
    """Root may write anywhere, but not where the owner has no number in its name space."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    (tmp_path / "card.yml").write_text(CARD)
    command = [sys.executable, "-m", "n3fit", "fit", "card.yml", "-r", "1-2", "-o", "theirs/fit"]
    if os.geteuid() == 0:
        if shutil.which("unshare") is None:
            pytest.skip("root may write anywhere, and there is no command unshare")
        os.chown(folder, ANOTHER_USER, ANOTHER_USER)
        command = ["unshare", "--map-root-user", *command]
    folder.chmod(0o555)
    try:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    finally:
        folder.chmod(0o755)
    if "unshare failed" in done.stderr:
        pytest.skip(f"root may write anywhere, and there is no other name space: {done.stderr.strip()}")
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("n3fit: error: ")]
    assert done.returncode == 4
    assert "Permission denied" in line
    assert "epoch" not in done.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("number", [errno.EDQUOT, errno.EIO, errno.EFBIG])
def test_fault_59_a_quota_or_a_broken_disk_while_the_replicas_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The system refuses to write after the first 20 kB."""
    written = 0
    write = os.write

    def limited(descriptor: int, data: bytes) -> int:
        nonlocal written
        written += len(data)
        if written > 20_000:
            raise OSError(number, os.strerror(number))
        return write(descriptor, data)

    monkeypatch.setattr(staged_files.os, "write", limited)
    with pytest.raises(ResourceError, match=rf"cannot be written \({os.strerror(number)}\)") as caught:
        outcomes.write_outcome(outcomes.make_outcome(3, sets=outcomes.SMALL_SETS), tmp_path / "toy")
    assert caught.value.exit_code == 4
    assert list(tmp_path.iterdir()) == []
