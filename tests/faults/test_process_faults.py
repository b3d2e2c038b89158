"""Faults 58 and 60 to 62: commands that are killed, or started twice, and the locks that they leave."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock
import pytest
from support import outcomes
from support.runcards import SMALL_FIT

from n3fit import api
from n3fit.errors import CommandLineError, OutputExistsError, ResourceError
from n3fit.results.evolve import evolve_fit
from n3fit.storage.locks import lock_folder

ENDLESS = SMALL_FIT.replace("epochs: 120", "epochs: 50_000_000")
SHORT = SMALL_FIT.replace("epochs: 120", "epochs: 20")

Refusal = Callable[..., str]


@contextmanager
def running_fit(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run a fit without end in ``folder``, up to its first epochs, while the block runs; then kill it."""
    (folder / "endless.yml").write_text(ENDLESS)
    command = [sys.executable, "-m", "n3fit", "fit", "endless.yml", "-r", "1-2", "-o", "fit", *options]
    environment = os.environ | {"N3FIT_CACHE_DIR": str(folder / "cache")}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        assert any("epoch" in line for line in process.stderr)
        yield process
    finally:
        process.kill()
        process.communicate()


def test_fault_60_61_62_a_second_process_is_refused_and_after_a_kill_taken_over(
    tmp_path: Path, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same replicas twice, others of the same fit, and a product of it; then the process is killed."""
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "card.yml").write_text(SHORT)
    folder = tmp_path / "fit"
    with running_fit(tmp_path) as process:
        expected = f"{folder}: process {process.pid} on {os.uname().nodename} is writing this fit at the moment"
        for replicas in ("1-2", "3-4"):
            line = refusal("fit", tmp_path / "card.yml", "-r", replicas, "-o", folder, code=4)
            assert expected in line
            assert "(wait for it to finish, or work in another folder)" in line
        assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert (tmp_path / ".fit.lock").is_file()
    # nothing has to be cleaned up by hand
    fit = api.fit(tmp_path / "card.yml", replicas=[1, 2], output=folder, force=True)
    assert fit.replicas.tolist() == [1, 2]
    assert not (tmp_path / ".fit.lock").exists()


@pytest.mark.parametrize("text", ["process 1 on node-of-another-rack\n", "process 4194305 on here\n", "", "\x00\xff"])
def test_fault_62_a_lock_file_of_a_dead_host_is_taken_over(tmp_path: Path, text: str) -> None:
    """The lock is one of the system, which ends with its process; the file only names the holder."""
    (tmp_path / ".fit.lock").write_text(text)
    with lock_folder(tmp_path / "fit"):
        assert f"process {os.getpid()} on" in (tmp_path / ".fit.lock").read_text()
    assert list(tmp_path.iterdir()) == []


def test_fault_61_a_replica_that_is_there_is_not_fitted_again(tmp_path: Path, own_cache: Path) -> None:
    (tmp_path / "card.yml").write_text(SHORT)
    fit = outcomes.write_outcome(
        outcomes.make_outcome(3, sets=outcomes.SMALL_SETS), tmp_path / "fit", runcard_text=SHORT
    )
    with pytest.raises(OutputExistsError, match="the fit exists already"):
        api.fit(tmp_path / "card.yml", replicas=[2], output=fit.path)
    with pytest.raises(CommandLineError, match="has replicas 2-3 already") as caught:
        api.fit(tmp_path / "card.yml", replicas=[2, 3, 4], output=fit.path, add=True)
    assert "--replicas 4-6" in caught.value.hint
    assert api.open_fit(fit.path).replicas.tolist() == [1, 2, 3]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["card.yml", "fit"]
    with pytest.raises(CommandLineError, match=r"replicas: expected different numbers from 1, received \[1, 1\]"):
        api.fit(tmp_path / "card.yml", replicas=[1, 1], output=tmp_path / "twice")


KILLED = """
import os, signal, sys
from n3fit import api
from n3fit.{module} import {name} as target
original = target.{method}
count = 0
def method(self, *arguments, **options):
    global count
    result = original(self, *arguments, **options)
    count += 1
    if count == {calls}:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
target.{method} = method
api.fit("card.yml", replicas=[1, 2, 3], output="fit")
"""


def kill(folder: Path, **where: object) -> None:
    """Fit three replicas in ``folder``, and kill the process from inside a method after some calls."""
    (folder / "card.yml").write_text(SHORT)
    environment = os.environ | {"N3FIT_CACHE_DIR": str(folder / "cache")}
    command = [sys.executable, "-c", KILLED.format(**where)]
    assert subprocess.run(command, cwd=folder, env=environment, check=False).returncode == -signal.SIGKILL


def test_fault_58_a_kill_while_the_grids_are_written_leaves_no_fit_that_looks_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path / "cache"))
    kill(tmp_path, module="storage.staged_files", name="StagedFiles", method="write", calls=6)
    assert not (tmp_path / "fit").exists()
    unfinished = list(tmp_path.glob(".fit.*.unfinished"))
    assert len(unfinished) == 1
    with pytest.raises(ResourceError, match="there is no fit|missing|not a fit"):
        api.open_fit(unfinished[0])
    # the same command again, without any cleaning
    fit = api.fit(tmp_path / "card.yml", replicas=[1, 2, 3], output=tmp_path / "fit", force=True)
    assert fit.replicas.tolist() == [1, 2, 3]
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "card.yml", "fit"}


KILLED_SET = """
import os, signal, sys
from n3fit.results import evolve
original = evolve.write_member
def write_member(folder, layout, number, values, *, replica):
    original(folder, layout, number, values, replica=replica)
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
evolve.write_member = write_member
evolve.evolve_fit(sys.argv[1], q_nodes=6, q_max=100.0)
"""


def test_fault_58_a_kill_while_the_members_of_a_set_are_written(tmp_path: Path, own_cache: Path) -> None:
    fit = outcomes.write_outcome(outcomes.make_outcome(3, sets=outcomes.SMALL_SETS), tmp_path / "toy")
    command = [sys.executable, "-c", KILLED_SET.replace("sys.argv[1]", "__import__('pathlib').Path(sys.argv[1])")]
    assert subprocess.run([*command, str(fit.path)], check=False).returncode == -signal.SIGKILL
    assert not (fit.path / "postfit" / "toy").exists()
    assert api.open_fit(fit.path).replicas.tolist() == [1, 2, 3]
    folder = evolve_fit(fit.path, q_nodes=6, q_max=100.0)
    assert sorted(path.name for path in folder.iterdir())[:2] == ["toy.info", "toy_0000.dat"]
    assert [path.name for path in (fit.path / "postfit").iterdir() if path.name.startswith(".")] == []


REPLACED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from support import outcomes
from n3fit.storage.locks import lock_folder
original = Path.rename
def rename(self, target):
    original(self, target)
    if str(target).endswith(".replaced"):  # the old fit has left its place, the new one is not there
        os.kill(os.getpid(), signal.SIGKILL)
Path.rename = rename
folder = Path(sys.argv[2])
with lock_folder(folder):
    outcomes.write_outcome(outcomes.make_outcome(2, sets=outcomes.SMALL_SETS), folder, force=True)
"""


def test_fault_58_a_kill_while_a_fit_is_replaced_loses_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not even between the two renames, when there is no fit of this name for a moment."""
    fit = outcomes.write_outcome(outcomes.make_outcome(3, sets=outcomes.SMALL_SETS), tmp_path / "toy")
    command = [sys.executable, "-c", REPLACED, str(Path(__file__).parents[1]), str(fit.path)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert not fit.path.exists()
    assert api.open_fit(fit.path).replicas.tolist() == [1, 2, 3]
    assert "restored after an interrupted replacement" in caplog.text
    assert [path.name for path in tmp_path.iterdir()] == ["toy"]


def test_fault_60_a_file_system_without_locks_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(filelock.FileLock, "_acquire", refuse)
    with lock_folder(tmp_path / "fit"):
        pass
    assert "this file system has no locks; do not write a fit there twice at once" in caplog.text
