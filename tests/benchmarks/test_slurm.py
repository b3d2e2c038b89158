"""The configuration of a local Slurm, its output, and the job array."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

SHOWN = """\
JobId=3 ArrayJobId=1 ArrayTaskId=2 JobState=TIMEOUT Restarts=1 ExitCode=0:15 RunTime=00:01:10
JobId=1 ArrayJobId=1 ArrayTaskId=1 JobState=COMPLETED Restarts=0 ExitCode=0:0 RunTime=1-00:00:05
JobId=4 ArrayJobId=1 ArrayTaskId=3-4 JobState=PENDING Restarts=0 ExitCode=0:0 RunTime=00:00:00
"""


def test_tasks_of_an_array_are_read_from_the_output_of_slurm(load) -> None:
    slurm_files = load("slurm_files")
    tasks = slurm_files.read_tasks(SHOWN)
    assert tasks == {
        1: slurm_files.Task("1", 1, "COMPLETED", "0:0", 86405, 0),
        2: slurm_files.Task("3", 2, "TIMEOUT", "0:15", 70, 1),
    }


def test_slurm_listens_to_the_loopback_interface_below_one_folder(load) -> None:
    text = load("slurm_files").configuration(Path("/tmp/place"), "host", 2, 8000, (4001, 4002))
    settings = dict(line.split("=", 1) for line in text.splitlines())
    assert settings["SlurmctldHost"] == "localhost(127.0.0.1)"
    assert settings["CommunicationParameters"] == "NoCtldInAddrAny,NoInAddrAny"
    assert settings["NodeName"].split()[:4] == ["host", "NodeAddr=127.0.0.1", "CPUs=2", "RealMemory=8000"]
    assert (settings["SlurmctldPort"], settings["SlurmdPort"]) == ("4001", "4002")
    paths = [value for value in settings.values() if value.startswith("/") and value != "/bin/true"]
    assert len(paths) == 6
    assert all(value.startswith("/tmp/place/") for value in paths)


def test_ports_are_free_and_differ(load) -> None:
    ports = load("local_slurm").free_ports(2)
    assert len(set(ports)) == 2


class RecordedSlurm:
    """A cluster whose jobs go through given states."""

    def __init__(self, ends: list[dict[int, object]]) -> None:
        self.ends, self.commands, self.submitted = ends, [], []

    def submit(self, script, *options):
        self.submitted.append(options)
        return str(len(self.submitted))

    def command(self, *words):
        self.commands.append(words)

    def wait(self, jobs, count, seconds, report):
        tasks = self.ends.pop(0)
        for task in tasks.values():
            report(task)
        return tasks


def test_jobs_that_their_limit_ended_are_queued_again(load) -> None:
    slurm, slurm_files = load("slurm"), load("slurm_files")

    def task(index: int, state: str, restarts: int = 0) -> object:
        return slurm_files.Task(f"4{index}", index, state, "0:0", 60, restarts)

    cluster = RecordedSlurm([
        {1: task(1, "COMPLETED", 2), 2: task(2, "TIMEOUT")},
        {1: task(1, "COMPLETED", 2), 2: task(2, "COMPLETED", 1)},
    ])  # fmt: skip
    history = slurm.run_array(cluster, Path("/w/job.sh"), 2, lambda text: None)
    assert cluster.commands == [("scontrol", "requeue", "42")]
    assert [options[0] for options in cluster.submitted] == ["--array=2-2:2", "--array=1-2:2"]
    assert [(task.state, task.restarts) for task in history[2]] == [("TIMEOUT", 0), ("COMPLETED", 1)]
    with pytest.raises(sys.modules["local_slurm"].SlurmError, match="job 1: FAILED"):
        slurm.run_array(RecordedSlurm([{1: task(1, "FAILED")}]), Path("/w/job.sh"), 1, lambda text: None)


def test_an_array_without_a_limit_that_was_reached_shows_nothing(load, tmp_path, capsys, monkeypatch) -> None:
    slurm, slurm_files = load("slurm"), load("slurm_files")
    single, array = (tmp_path / name / "fit" for name in ("single", "array"))
    for folder in (single, array):
        folder.mkdir(parents=True)
        (folder / "fit.txt").write_text("1")
    monkeypatch.setattr(slurm, "fault_of", lambda folder, replicas: "")
    completed, limited = (slurm_files.Task("1", 1, "COMPLETED", "0:0", 30, restarts) for restarts in (0, 1))
    assert slurm.judge({1: [completed]}, single, array, 2) == 1
    assert slurm.judge({1: [limited]}, single, array, 2) == 0
    assert "1 times submitted again; 1 files equal, 0 not" in capsys.readouterr().out
    (array / "fit.txt").write_text("2")
    assert slurm.judge({1: [limited]}, single, array, 2) == 1
    (array / "fit.txt").write_text("1")
    (array.parent / "fit.parts").mkdir()
    assert slurm.judge({1: [limited]}, single, array, 2) == 1
