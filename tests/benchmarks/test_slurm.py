"""The configuration of a local Slurm, its output, and the job array."""

from __future__ import annotations

from pathlib import Path

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
    text = load("slurm_files").configuration(Path("/tmp/place"), "host", 2, (4001, 4002))
    settings = dict(line.split("=", 1) for line in text.splitlines())
    assert settings["SlurmctldHost"] == "localhost(127.0.0.1)"
    assert settings["CommunicationParameters"] == "NoCtldInAddrAny,NoInAddrAny"
    assert settings["NodeName"].split()[:3] == ["host", "NodeAddr=127.0.0.1", "CPUs=2"]
    assert (settings["SlurmctldPort"], settings["SlurmdPort"]) == ("4001", "4002")
    paths = [value for value in settings.values() if value.startswith("/") and value != "/bin/true"]
    assert len(paths) == 6
    assert all(value.startswith("/tmp/place/") for value in paths)


def test_ports_are_free_and_differ(load) -> None:
    ports = load("local_slurm").free_ports(2)
    assert len(set(ports)) == 2


def test_jobs_share_all_replicas(load) -> None:
    slurm = load("slurm")
    assert slurm.replica_ranges(40, 4) == ["1-10", "11-20", "21-30", "31-40"]
    assert slurm.replica_ranges(5, 3) == ["1-2", "3-4", "5-5"]
    script = slurm.job_script(Path("/w/card.yml"), Path("/w/parts"), ["1-2", "3-4"])
    assert "ranges=(1-2 3-4)" in script
    assert script.rstrip().endswith("--output /w/parts/part_$SLURM_ARRAY_TASK_ID --resume")


def test_an_array_without_a_limit_that_was_reached_shows_nothing(load, tmp_path, capsys, monkeypatch) -> None:
    slurm, slurm_files = load("slurm"), load("slurm_files")
    for name in ("single", "merged"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "fit.txt").write_text("1")
    monkeypatch.setattr(slurm, "fault_of", lambda folder, replicas: "")
    completed = slurm_files.Task("1", 1, "COMPLETED", "0:0", 30, 0)
    limited = slurm_files.Task("1", 1, "TIMEOUT", "0:15", 61, 0)
    places = ["1-2"], tmp_path / "single", tmp_path / "merged", 2
    assert slurm.judge([completed], *places) == 1
    assert slurm.judge([limited, completed], *places) == 0
    assert "1 ends by the time limit; 1 files equal" in capsys.readouterr().out
    (tmp_path / "merged" / "fit.txt").write_text("2")
    assert slurm.judge([limited, completed], *places) == 1
