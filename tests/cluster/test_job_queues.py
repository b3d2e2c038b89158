"""Job scripts of dask-jobqueue from cluster files, and the pool of a cluster whose jobs run on this machine."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from support import cluster_tasks

from n3fit.cluster.job_queues import cores_per_worker, job_arguments, job_script
from n3fit.cluster.pool import open_pool
from n3fit.cluster.templates import TEMPLATES
from n3fit.errors import CommandLineError, ResourceError
from n3fit.progress import NullReporter


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, where log folders are made."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "cluster.yml"
    path.write_text(text)
    return path


def test_the_template_of_slurm_makes_a_job_script(elsewhere: Path) -> None:
    lines = job_script(write(elsewhere, TEMPLATES["slurm"])).splitlines()
    assert lines[0].startswith("#!")
    directives = [line.removeprefix("#SBATCH ") for line in lines if line.startswith("#SBATCH ")]
    assert {"--cpus-per-task=4", "--mem=8G", "-t 04:00:00", "--signal=B:TERM@60"} <= set(directives)
    (worker,) = [line for line in lines if "dask_worker" in line]
    assert worker.startswith("exec ")  # the signal reaches the worker, not a shell
    words = worker.split()
    assert words[len(words) - words[::-1].index("--nthreads")] == "1"  # the last one counts


def test_the_template_of_htcondor_makes_a_submit_description(elsewhere: Path) -> None:
    lines = job_script(write(elsewhere, TEMPLATES["htcondor"])).splitlines()
    commands = dict(line.split(" = ", 1) for line in lines if " = " in line)
    assert commands["MY.DaskWorkerCores"] == "4"
    assert commands["MY.DaskWorkerMemory"] == str(8 * 10**9)
    assert commands["kill_sig"] == "SIGTERM"
    assert commands["job_max_vacate_time"] == "60"
    assert commands["getenv"] == "True"
    assert commands["Executable"] == "/bin/sh"
    assert "exec " in commands["Arguments"]
    assert lines[-1].strip() == "Queue" or lines[-2].strip() == "Queue"


def test_arguments_that_the_class_does_not_accept(elsewhere: Path) -> None:
    with pytest.raises(CommandLineError, match="SLURMCluster does not accept them: You must specify how much cores"):
        job_script(write(elsewhere, "class: SLURMCluster\n"))


def test_each_process_has_its_share_of_the_cores() -> None:
    assert cores_per_worker({"cores": 16, "processes": 4}) == 4
    assert cores_per_worker({"memory": "1GB"}) is None
    assert job_arguments({"python": "exec py"})["python"] == "exec py"
    assert job_arguments({"python": "py", "worker_extra_args": ["--a"]})["worker_extra_args"][0] == "--a"


def test_without_the_command_that_submits_jobs(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(elsewhere))
    with pytest.raises(ResourceError, match="SLURMCluster: the command sbatch is not on this machine"):
        open_pool(cluster=write(elsewhere, TEMPLATES["slurm"]), progress=NullReporter())


def test_a_job_that_is_refused(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(elsewhere / "sbatch", "echo 'invalid partition specified: nowhere' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{elsewhere}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(ResourceError, match="sbatch does not accept the job: .*invalid partition specified: nowhere"):
        open_pool(cluster=write(elsewhere, TEMPLATES["slurm"]), progress=NullReporter())


def test_jobs_of_a_batch_system_do_the_tasks(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command sbatch that starts the job script at once stands for Slurm."""
    program(elsewhere / "sbatch", 'cp "$1" job.sh; bash job.sh > job.log 2>&1 & echo "Submitted batch job $!"')
    program(elsewhere / "scancel", 'kill "$1"')
    monkeypatch.setenv("PATH", f"{elsewhere}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, sys.path)))
    text = "class: SLURMCluster\njobs: 1\narguments: {cores: 2, memory: 2GB, interface: lo}\n"
    with open_pool(cluster=write(elsewhere, text), progress=NullReporter()) as pool:
        assert pool.size == 1
        for number in (3, 4):
            pool.submit(f"square of {number}", cluster_tasks.square, number)
        assert sorted(pool.next_finished().value for _ in range(2)) == [9, 16]


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
