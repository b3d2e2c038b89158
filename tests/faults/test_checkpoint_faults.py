"""Faults 53, 57, 58, 59 and 61: fits that are interrupted, killed or left without disk, and what resumes them.

In deterministic mode, every resumed fit has the files of an undisturbed one, byte by byte.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.runcards import SMALL_FIT, change

from n3fit import api
from n3fit.cli.interruption import Terminated, catch_interruptions, exit_code_of
from n3fit.errors import DataError, OutputExistsError
from n3fit.progress import NullReporter

CARD = SMALL_FIT.replace("epochs: 120", "epochs: 350") + "debug: true\n"
REPLICAS = [1]


@pytest.fixture(scope="module")
def card(place: Path) -> Path:
    path = place / "card.yml"
    path.write_text(CARD)
    return path


@pytest.fixture(scope="module")
def undisturbed(card: Path) -> dict[str, bytes]:
    """The files of the replicas of a fit that nothing disturbs."""
    return files_of(api.fit(card, replicas=REPLICAS, output=card.parent / "undisturbed").path)


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files of all replicas, without the name of the fit and its timing."""
    found = {}
    for path in sorted((folder / "nnfit").rglob("*")):
        if path.is_file():
            found[str(path.relative_to(folder)).replace(folder.name, "NAME")] = path.read_bytes()
        if path.suffix == ".json":
            content = json.loads(path.read_text())
            del content["timing"]
            found[str(path.relative_to(folder)).replace(folder.name, "NAME")] = json.dumps(content).encode()
    assert len(found) >= 4 * len(REPLICAS)
    return found


@pytest.fixture
def folder(card: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A place for a fit, without anything from a test before."""
    place = card.parent / "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    yield place
    shutil.rmtree(place, ignore_errors=True)
    shutil.rmtree(checkpoints_of(place), ignore_errors=True)


def checkpoints_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.checkpoint")


class Signals(NullReporter):
    """Reporter that sends a signal to this process in the first report of an epoch past a number."""

    def __init__(self, number: int, epoch: int) -> None:
        self.number = number
        self.at = epoch
        self.seen: list[int] = []

    def epoch(self, epoch: int, total: int, losses: object, active: int, replicas: int) -> None:
        if epoch >= self.at and not any(earlier >= self.at for earlier in self.seen):
            signal.raise_signal(self.number)
        self.seen.append(epoch)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_fault_53_57_a_fit_resumed_after_a_signal_is_the_undisturbed_one(
    card: Path, undisturbed: dict[str, bytes], folder: Path, number: int, code: int
) -> None:
    reporter = Signals(number, epoch=150)
    with pytest.raises(KeyboardInterrupt) as caught, catch_interruptions(lambda: None):
        api.fit(card, replicas=REPLICAS, output=folder, progress=reporter)
    assert exit_code_of(caught.value) == code
    assert isinstance(caught.value, Terminated) == (number == signal.SIGTERM)
    assert reporter.seen[-1] < 350
    assert not folder.exists()
    assert len(list(checkpoints_of(folder).iterdir())) == 1
    rest = Signals(number, epoch=10_000)
    fit = api.fit(card, replicas=REPLICAS, output=folder, resume=True, progress=rest)
    assert rest.seen[0] > reporter.seen[-1]  # nothing is trained twice
    assert files_of(fit.path) == undisturbed
    assert fit.manifest.status == "complete"
    assert not checkpoints_of(folder).exists()


def test_fault_53_61_a_checkpoint_is_neither_lost_nor_used_for_another_fit(card: Path, folder: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        api.fit(card, replicas=REPLICAS, output=folder, progress=Signals(signal.SIGINT, epoch=1))
    before = sorted(checkpoints_of(folder).iterdir())
    with pytest.raises(OutputExistsError, match="has the checkpoints of a fit that was interrupted") as caught:
        api.fit(card, replicas=REPLICAS, output=folder)
    assert "--resume" in caught.value.hint
    other = card.with_name("other.yml")
    other.write_text(change(CARD, ("mcseed: 3", "mcseed: 4")))
    with pytest.raises(DataError, match="was made with other inputs: .*runcard") as refused:
        api.fit(other, replicas=REPLICAS, output=folder, resume=True)
    assert "restore them to continue" in refused.value.hint
    assert sorted(checkpoints_of(folder).iterdir()) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from n3fit import api
original = Path.replace
count = 0
def replace(self, target):
    global count
    if ".checkpoint" in str(self):
        count += 1
        if count == 3:
            os.kill(os.getpid(), signal.SIGKILL)
    return original(self, target)
Path.replace = replace
api.fit(sys.argv[1], replicas=[1], output=sys.argv[2], checkpoint=0.0)
"""


@pytest.fixture(scope="module")
def killed(card: Path) -> Path:
    """A fit that was killed when its third checkpoint was written and about to be moved to its place."""
    folder = card.parent / "killed"
    command = [sys.executable, "-c", KILLED, str(card), str(folder)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    return folder


@pytest.fixture
def torn(killed: Path, folder: Path) -> Callable[..., list[Path]]:
    """Return a function that copies the checkpoints of the killed fit and damages the latest of them."""

    def copy(*damages: Callable[[bytes], bytes]) -> list[Path]:
        shutil.copytree(checkpoints_of(killed), checkpoints_of(folder))
        complete = [path for path in checkpoints_of(folder).iterdir() if not path.name.startswith(".")]
        by_number = sorted(complete, key=lambda path: int(path.name.split(".")[1]), reverse=True)
        for path, damage in zip(by_number, damages, strict=False):
            path.write_bytes(damage(path.read_bytes()))
        # the clock was set meanwhile: the latest one looks like the oldest
        for age, path in enumerate(by_number):
            os.utime(path, (1e9 - 1e6 * age, 1e9 + 1e6 * age))
        return by_number

    return copy


def truncate(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flip(content: bytes) -> bytes:
    place = len(content) - 100
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def empty(content: bytes) -> bytes:
    return b""


@pytest.mark.parametrize(
    ("damages", "first"),
    [((), 201), ((truncate,), 101), ((flip,), 101), ((empty, flip), 1)],
    ids=["complete", "truncated", "one bit", "both"],
)
def test_fault_58_63_a_kill_during_a_checkpoint_and_what_a_crash_leaves_of_it(
    card: Path,
    undisturbed: dict[str, bytes],
    folder: Path,
    torn: Callable[..., list[Path]],
    caplog: pytest.LogCaptureFixture,
    damages: tuple[Callable[[bytes], bytes], ...],
    first: int,
) -> None:
    """The latest checkpoint that is complete is used, by its number and not by the clock; else the fit starts again."""
    paths = torn(*damages)
    assert len(paths) == 2
    reporter = Signals(signal.SIGINT, epoch=10_000)
    fit = api.fit(card, replicas=REPLICAS, output=folder, resume=True, progress=reporter)
    assert reporter.seen[0] >= first
    assert reporter.seen[0] < first + 100
    assert files_of(fit.path) == undisturbed
    for path in paths[: len(damages)]:
        assert f"{path}: damaged, the checkpoint before it is used" in caplog.text
    assert not checkpoints_of(folder).exists()
    assert not list(folder.parent.glob(f".{folder.name}.*"))
