"""Clusters whose workers are jobs of a batch system, through dask-jobqueue."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from n3fit.cluster.cluster_file import ClusterFile, cluster_classes, parameters
from n3fit.errors import CommandLineError, ResourceError


def job_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a cluster with what the workers of n3fit need.

    Each process has one thread of dask and its share of the cores; the shell of the job is replaced by the worker, so
    that a signal to the job reaches it.
    """
    python = str(arguments.get("python") or sys.executable)
    extra = [str(entry) for entry in arguments.get("worker_extra_args") or []]
    return {
        "processes": 1,
        "scheduler_options": {"dashboard": False, "dashboard_address": ":0"},
        **arguments,
        "python": python if python.startswith("exec ") else f"exec {python}",
        "worker_extra_args": [*extra, "--nthreads", "1", "--no-dashboard"],
    }


def build_cluster(described: ClusterFile) -> Any:
    """Return the cluster of a description, whose jobs are not submitted yet.

    Raises
    ------
    CommandLineError
        The class does not accept the arguments.
    """
    kind = cluster_classes()[described.kind]
    arguments = job_arguments(described.arguments)
    try:
        job: Any = kind.job_cls  # type: ignore[attr-defined]
        # a cluster that fails while it is built is not removed without an error
        job(
            "tcp://scheduler:8786", name="check", **{key: arguments[key] for key in parameters(job) if key in arguments}
        )
        return kind(**arguments)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise CommandLineError(
            f"{described.source}: arguments: {described.kind} does not accept them: {reason}",
            hint="see `n3fit cluster template slurm` or `htcondor` for an example",
        ) from error


def start_jobs(described: ClusterFile) -> Any:
    """Return the cluster of a description, with its jobs submitted; those that end are submitted again.

    Raises
    ------
    CommandLineError
        The class does not accept the arguments.
    ResourceError
        The command that submits jobs is missing or fails.
    """
    from distributed.core import Status

    command = str(cluster_classes()[described.kind].job_cls.submit_command).split()[0]  # type: ignore[attr-defined]
    if shutil.which(command) is None:
        raise ResourceError(
            f"{described.source}: {described.kind}: the command {command} is not on this machine",
            hint="start n3fit where jobs are submitted, such as on a login node",
        )
    cluster = build_cluster(described)
    try:
        for _ in range(described.jobs):
            cluster.worker_spec.update(cluster.new_worker_spec())
        cluster.sync(cluster._correct_state)  # scale() only logs the error of a submission
        cluster.adapt(minimum_jobs=described.jobs, maximum_jobs=described.jobs)
    except (RuntimeError, OSError, ValueError) as error:
        for job in cluster._created:  # close() expects that those not submitted have this state
            job.status = Status.failed
        cluster.close()
        reason = " ".join(str(error).split())[:300]
        raise ResourceError(
            f"{described.source}: {command} does not accept the job: {reason}", hint="check the arguments in the file"
        ) from error
    except BaseException:
        cluster.close()
        raise
    return cluster


def cores_per_worker(arguments: Mapping[str, Any]) -> int | None:
    """Return the cores of each process of a job, None if the arguments do not say.

    >>> cores_per_worker({"cores": 16, "processes": 4})
    4
    """
    cores = arguments.get("cores")
    return max(1, int(cores) // int(arguments.get("processes") or 1)) if cores else None


def job_script(path: Path) -> str:
    """Return the job script of the cluster that a file describes.

    Raises
    ------
    CommandLineError
        The file is not valid.
    """
    from n3fit.cluster.cluster_file import read_cluster_file

    cluster = build_cluster(read_cluster_file(path))
    try:
        return str(cluster.job_script())
    finally:
        cluster.close()
