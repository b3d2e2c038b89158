"""Cluster files: what they may say, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from n3fit.cluster.cluster_file import argument_names, cluster_classes, read_cluster_file
from n3fit.errors import CommandLineError

SLURM = "class: SLURMCluster\narguments: {cores: 4, memory: 8GB}\n"


def test_a_class_with_its_jobs_and_arguments(tmp_path: Path) -> None:
    described = read_cluster_file(_write(tmp_path, SLURM + "jobs: 7\ntimeout: 5\n"))
    assert (described.kind, described.jobs, described.timeout) == ("SLURMCluster", 7, 5)
    assert described.arguments == {"cores": 4, "memory": "8GB"}
    assert read_cluster_file(_write(tmp_path, "class: LocalCluster\nworkers: 3\n")).jobs == 3


def test_an_address(tmp_path: Path) -> None:
    assert read_cluster_file(_write(tmp_path, "address: tls://host:8786\n")).address == "tls://host:8786"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "expected a mapping with the key class or address (see `n3fit cluster template slurm`)"),
        ("clas: SLURMCluster\n", "clas: unknown key (did you mean 'class'?)"),
        ("jobs: 3\n", "expected one of class and address, received none of them"),
        (SLURM + "address: tcp://a:1\n", "expected one of class and address, received both"),
        ("class: SlurmCluster\n", "received 'SlurmCluster' (did you mean 'SLURMCluster'?)"),
        (
            "class: SLURMCluster\narguments: {core: 4}\n",
            "unknown argument of SLURMCluster (did you mean 'cores'?)",
        ),
        ("class: SLURMCluster\narguments: {n_workers: 4}\n", "n_workers: is set by n3fit (remove it)"),
        ("class: LocalCluster\narguments: {processes: false}\n", "processes: is set by n3fit (remove it)"),
        ("class: SLURMCluster\narguments: 3\n", "arguments: expected a mapping, received int"),
        (SLURM + "jobs: 0\n", "jobs: expected a number of 1 or more, received 0"),
        (SLURM + "jobs: 2.5\n", "jobs: expected a number of 1 or more, received 2.5"),
        (SLURM + "jobs: 2\nworkers: 2\n", "expected one of jobs and workers, which mean the same, received both"),
        ("address: host\n", "address: expected text such as tcp://host:8786, received 'host'"),
        ("address: tcp://a:1\njobs: 2\n", "jobs: has no meaning beside address: the workers run already"),
        ("address: tcp://a:1\ntimeout: no\n", "timeout: expected a number of seconds above 0, received"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = _write(tmp_path, text)
    with pytest.raises(CommandLineError) as caught:
        read_cluster_file(path)
    assert str(caught.value).startswith(f"{path}")
    assert message in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CommandLineError, match="missing.yml"):
        read_cluster_file(tmp_path / "missing.yml")


def test_the_arguments_are_those_of_the_cluster_and_of_its_jobs() -> None:
    classes = cluster_classes()
    assert {"SLURMCluster", "HTCondorCluster", "PBSCluster", "SGECluster", "LSFCluster", "LocalCluster"} <= set(classes)
    assert {"cores", "memory", "walltime", "queue", "interface"} <= set(argument_names(classes["SLURMCluster"]))
    assert "disk" in argument_names(classes["HTCondorCluster"])
    assert "disk" not in argument_names(classes["SLURMCluster"])


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "cluster.yml"
    path.write_text(text)
    return path


def test_the_handler_of_interruptions_stays() -> None:
    """Importing dask-jobqueue sets one that ends the process."""
    code = (
        "import signal, sys\n"
        "from n3fit.cluster.cluster_file import cluster_classes\n"
        "before = signal.getsignal(signal.SIGINT)\n"
        "assert 'SLURMCluster' in cluster_classes()\n"
        "assert 'dask_jobqueue.runner' in sys.modules\n"
        "assert signal.getsignal(signal.SIGINT) is before\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
