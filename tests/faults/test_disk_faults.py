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


FILLED = """
import logging, os, sys
from pathlib import Path
from n3fit import api
from n3fit.errors import ResourceError
from n3fit.progress import NullReporter

logging.basicConfig(level=logging.WARNING, format="warning: %(message)s", stream=sys.stdout)
folder = Path("fit.checkpoint")
ballast = Path("ballast")

def checkpoints():
    return sorted(path.name for path in folder.glob("*")) if folder.exists() else []

def fill():
    with ballast.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(bytes(4096))
        except OSError as error:
            print("filled:", error.strerror, flush=True)

class Reporter(NullReporter):
    def __init__(self, full):
        self.full = full
    def epoch(self, epoch, *rest):
        print("epoch", epoch, *checkpoints(), flush=True)
        if not ballast.exists() and epoch >= self.full[0] and epoch < self.full[1]:
            fill()
        if ballast.exists() and epoch >= self.full[1]:
            ballast.unlink()

fit = api.fit("../card.yml", replicas=[1, 2], output="fit", checkpoint=0.0, progress=Reporter((200, 400)))
print("complete", fit.manifest.status, *checkpoints(), flush=True)
try:
    api.fit("../card.yml", replicas=[1, 2], output="fit", force=True, checkpoint=0.0, progress=Reporter((300, 1000)))
except ResourceError as error:
    print("error:", error, flush=True)
print("left:", *sorted(os.listdir(".")), flush=True)
print("old:", *api.open_fit("fit").replicas.tolist(), flush=True)
print("kept:", *checkpoints(), flush=True)
ballast.unlink()
import shutil
shutil.rmtree("fit")
reporter = Reporter((1000, 1000))
fit = api.fit("../card.yml", replicas=[1, 2], output="fit", resume=True, progress=reporter)
print("resumed", fit.manifest.status, flush=True)
"""


def test_fault_59_a_disk_that_fills_up_during_the_training(mounts: None, tmp_path: Path, own_cache: Path) -> None:
    """First it is freed in time: checkpoints fail, with a warning, and the fit is complete.

    Then it is not: the fit ends with an error, the fit that it would have replaced and the checkpoint from before are
    there, and with space again the fit resumes from it.
    """
    (tmp_path / "disk").mkdir()
    (tmp_path / "card.yml").write_text(SMALL_FIT.replace("epochs: 120", "epochs: 550"))
    command = [sys.executable, "-c", FILLED]
    done = in_name_space("sh", "-c", MOUNT, "sh", "size=2m", str(tmp_path / "disk"), *command)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    assert lines.count("filled: No space left on device") == 2
    warning = "warning: no checkpoint could be written, the work goes on without: "
    assert sum(line.startswith(warning) and "No space left on device" in line for line in lines) >= 2
    (complete,) = [index for index, line in enumerate(lines) if line == "complete complete"]
    reports = [line.split() for line in lines[:complete] if line.startswith("epoch ")]
    assert int(reports[-1][1]) == 550
    # while the disk is full, the checkpoints from before stay as they are
    full = [names for _, epoch, *names in reports if 200 < int(epoch) <= 400]
    assert full
    assert all(names == full[0] != [] for names in full)
    (error,) = [line for line in lines if line.startswith("error: ")]
    assert "No space left on device" in error
    assert "--resume" in error
    (left,) = [line for line in lines if line.startswith("left: ")]
    assert left.split()[1:] == ["ballast", "fit", "fit.checkpoint"]
    assert "old: 1 2" in lines
    (kept,) = [line.split()[1:] for line in lines if line.startswith("kept:")]
    assert len(kept) >= 1
    resumed = lines.index("resumed complete")
    after = [
        line.split() for line in lines[lines.index(" ".join(["kept:", *kept])) : resumed] if line.startswith("epoch ")
    ]
    assert 300 <= int(after[0][1]) <= 500
