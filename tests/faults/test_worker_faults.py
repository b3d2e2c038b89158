"""Fits divided over workers: the same folder as that of one process, whatever happens to workers and client."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest
from support.fits_in_parts import assert_same_fit, block_settings, write_card
from support.progress import RecordedSteps

from n3fit import api
from n3fit.cluster.fit_block import fit_block
from n3fit.errors import DataError


class KillsAWorker(RecordedSteps):
    """Kills one worker process at the first epoch that is reported."""

    def __init__(self) -> None:
        super().__init__()
        self.killed: int | None = None

    def epoch(self, epoch: int, total: int, losses: Mapping[str, float], active: int, replicas: int) -> None:
        if self.killed is None:
            self.killed = workers_of(os.getpid())[0]
            os.kill(self.killed, signal.SIGKILL)


def workers_of(process: int) -> list[int]:
    """Return the processes that multiprocessing has started."""
    children = psutil.Process(process).children(recursive=True)
    return [child.pid for child in children if "spawn_main" in " ".join(child.cmdline())]


@pytest.fixture(scope="module")
def card(place: Path) -> Path:
    return write_card(place)


@pytest.fixture(scope="module")
def alone(place: Path, card: Path, toy_pdf_sets: Path) -> Path:
    """The fit of three replicas in one process."""
    return api.fit(card, replicas=range(1, 4), output=place / "alone" / "small", pdf_path=toy_pdf_sets).path


def test_fault_69_76_the_folder_does_not_depend_on_the_workers(
    place: Path, card: Path, alone: Path, toy_pdf_sets: Path
) -> None:
    """A worker is killed while it trains, so that the blocks end in another order."""
    progress = KillsAWorker()
    fit = api.fit(
        card, replicas=range(1, 4), output=place / "workers" / "small", pdf_path=toy_pdf_sets, workers=2, block=1,
        checkpoint=0, progress=progress,
    )  # fmt: skip
    assert progress.killed is not None
    assert [text for text in progress.messages if "its worker was lost" in text]
    assert progress.steps[-1] == ("blocks", 3, 3)
    assert_same_fit(alone, fit.path)
    manifest = json.loads((fit.path / "manifest.json").read_text())
    assert manifest["replicas"] == [1, 2, 3]
    assert [part["replicas"] for part in manifest["environment"]["parts"]] == ["1", "2", "3"]
    assert not (place / "workers" / "small.parts").exists()
    assert sorted(path.name for path in (place / "workers").iterdir()) == ["small"]


def test_fault_70_a_killed_client_is_no_loss(place: Path, card: Path, alone: Path, toy_pdf_sets: Path) -> None:
    folder = place / "client" / "small"
    words = [card, "-r", "1-3", "-o", folder, "--pdf-path", toy_pdf_sets, "--workers", "1", "--block", "1"]
    client = subprocess.Popen([sys.executable, "-m", "n3fit", "fit", *words], stderr=subprocess.DEVNULL)
    finished = folder.with_name("small.parts") / "replicas-1-1" / "manifest.json"
    while not finished.exists():
        assert client.poll() is None
    children = workers_of(client.pid)
    client.kill()
    client.wait()
    psutil.wait_procs([psutil.Process(child) for child in children if psutil.pid_exists(child)], timeout=60)
    progress = RecordedSteps()
    fit = api.fit(card, replicas=range(1, 4), output=folder, pdf_path=toy_pdf_sets, workers=1, progress=progress)
    assert [text for text in progress.messages if text.endswith("replicas are finished already")]
    assert progress.steps[-1][2] < 3
    assert_same_fit(alone, fit.path)
    api.fit(card, replicas=range(1, 4), output=folder, pdf_path=toy_pdf_sets, workers=1, progress=progress)
    assert progress.messages[-1] == f"{folder}: has all of these replicas already, nothing to do"


@pytest.mark.slow
def test_fault_57_an_interrupted_client_stops_its_workers(place: Path, toy_pdf_sets: Path) -> None:
    folder = place / "interrupted" / "small"
    folder.parent.mkdir()
    card = write_card(folder.parent, epochs=100_000)
    words = [card, "-r", "1-2", "-o", folder, "--pdf-path", toy_pdf_sets, "--workers", "2"]
    client = subprocess.Popen(
        [sys.executable, "-m", "n3fit", "fit", *words], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert client.stderr is not None
    lines = []
    for line in client.stderr:
        lines.append(line)
        if "  epoch " in line:
            break
    children = workers_of(client.pid)
    os.killpg(client.pid, signal.SIGINT)  # as Ctrl-C does
    _, rest = client.communicate(timeout=120)
    assert client.returncode == 130, "".join(lines) + rest
    line, again = rest.splitlines()[-2:]
    assert line.startswith("n3fit: interrupted while training, epoch ")
    assert again.endswith("--workers 2 --resume")
    assert len(children) == 2
    assert not any(psutil.pid_exists(child) for child in children)
    assert len(list(folder.with_name("small.parts").glob("*.checkpoint/*"))) >= 1


def test_fault_72_other_inputs_are_refused(place: Path, card: Path, toy_pdf_sets: Path) -> None:
    settings = block_settings(place, card, toy_pdf_sets)
    settings["hashes"] = {**settings["hashes"], "PDF set toy: member 0": "0" * 64}
    with pytest.raises(DataError, match=r"worker \d+ on .*: has other inputs than the client: PDF set toy: member 0"):
        fit_block(str(card), [1], str(place / "part"), settings)
    assert not (place / "part").exists()
