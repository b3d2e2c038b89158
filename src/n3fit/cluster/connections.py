"""Connections to workers of dask: processes of this machine, the address of a scheduler, or a described cluster."""

from __future__ import annotations

import asyncio
import logging
import pkgutil
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from n3fit.cluster.cluster_file import CONNECT_SECONDS, LOCAL, ClusterFile, read_cluster_file
from n3fit.cluster.job_queues import cores_per_worker, start_jobs
from n3fit.errors import MissingExtraError, ResourceError
from n3fit.machine import CORES_VARIABLE, MEMORY_VARIABLE, memory_limit_mb, usable_cores
from n3fit.progress import ProgressReporter
from n3fit.worker_pool import main_module_hidden

try:
    import dask
    from distributed import Client, LocalCluster
    from distributed.comm import connect as connect_comm
except ImportError as failure:
    raise MissingExtraError("dask.distributed", "cluster") from failure

NOT_REACHED = "check that the scheduler runs and that its address and port are right"

_VERSION = "n3fit:__version__"


@dataclass
class Connection:
    """A client of a scheduler, with the cluster that was started for it.

    Parameters
    ----------
    client : Client
    size : int
        Number of tasks that run at the same time when all workers are there.
    cluster : object, optional
        The cluster, closed with the connection; None if it was there before.
    cores : int, optional
        Cores of each worker; by default its number of threads.
    resources : ExitStack
        Closed with the connection, after the cluster.
    """

    client: Client
    size: int
    cluster: Any = None
    cores: int | None = None
    resources: ExitStack = field(default_factory=ExitStack)
    closed: bool = field(default=False, init=False)

    def close(self) -> None:
        """Close the client, and the cluster that was started for it."""
        if self.closed:
            return
        self.closed = True
        with suppress(OSError, TimeoutError, asyncio.CancelledError):
            self.client.close()
        with self.resources, suppress(OSError, TimeoutError, asyncio.CancelledError):
            if self.cluster is not None:
                self.cluster.close()


def open_connection(
    workers: int | None, cluster: str | Path | None, *, retries: int, progress: ProgressReporter
) -> Connection:
    """Open a connection to workers, one of the two kinds; see :func:`n3fit.cluster.pool.open_pool`.

    Raises
    ------
    CommandLineError
        The cluster file is not valid.
    ResourceError
        The scheduler is not reached, or a worker has no n3fit or another version of it.
    """
    if workers is not None:
        connection = start_local(workers, retries=retries)
    elif is_address(cluster):
        connection = connect(str(cluster))
    else:
        connection = start_described(read_cluster_file(Path(str(cluster))), retries=retries, progress=progress)
    try:
        check_workers(connection.client)
    except BaseException:
        connection.close()
        raise
    return connection


def is_address(cluster: str | Path | None) -> bool:
    """Return whether a text is an address, not a file.

    >>> is_address("tcp://login1:8786"), is_address("slurm.yml")
    (True, False)
    """
    return "://" in str(cluster)


def start_local(workers: int, *, retries: int, **options: Any) -> Connection:
    """Start processes on this machine, each with its share of the cores and of the memory.

    Raises
    ------
    ResourceError
        They cannot be started.
    """
    cores = max(1, usable_cores() // workers)
    shares = {CORES_VARIABLE: str(cores), MEMORY_VARIABLE: str(max(1, int(memory_limit_mb() / workers)))}
    settings = {
        "dashboard_address": None,
        "scheduler_kwargs": {"dashboard": False, "dashboard_address": "127.0.0.1:0"},  # not the port of another cluster
        "host": "127.0.0.1",
        "memory_limit": 0,
        **options,
        "n_workers": workers,
        "threads_per_worker": 1,
        "silence_logs": logging.CRITICAL,
        "env": {**(options.get("env") or {}), **shares},
    }

    def start() -> LocalCluster:
        return LocalCluster(**settings)

    with ExitStack() as resources:
        resources.enter_context(main_module_hidden())  # of processes that replace lost ones as well
        cluster = start_cluster(start, LOCAL, retries=retries)
        connection = connect(cluster, size=workers, cluster=cluster, cores=cores)
        connection.resources = resources.pop_all()
    return connection


def start_described(described: ClusterFile, *, retries: int, progress: ProgressReporter) -> Connection:
    """Start the cluster of a description, or connect to its scheduler.

    Raises
    ------
    CommandLineError
        The class does not accept the arguments.
    ResourceError
        It cannot be started or reached.
    """
    if described.address:
        return connect(described.address, timeout=described.timeout)
    if described.kind == LOCAL:
        return start_local(described.jobs, retries=retries, **described.arguments)
    cluster = start_cluster(lambda: start_jobs(described), described.source, retries=retries)
    processes = int(described.arguments.get("processes") or 1)
    plural = "job" if described.jobs == 1 else "jobs"
    progress.message(f"{described.jobs} {plural} submitted with {described.kind}")
    return connect(
        cluster, size=described.jobs * processes, cluster=cluster, cores=cores_per_worker(described.arguments)
    )


def start_cluster(start: Callable[[], Any], what: str, *, retries: int) -> Any:
    """Start a cluster whose scheduler gives a task to another worker ``retries`` times.

    Raises
    ------
    ResourceError
        It cannot be started.
    """
    settings = {"distributed.scheduler.allowed-failures": retries, "distributed.admin.tick.limit": "1 minute"}
    try:
        with dask.config.set(settings):
            return start()
    except (OSError, RuntimeError, TimeoutError, ValueError, TypeError) as error:
        raise ResourceError(
            f"{what}: cannot be started ({_first_line(error)})", hint="check the cluster file"
        ) from error


def connect(
    address: Any,
    *,
    timeout: float = CONNECT_SECONDS,
    size: int | None = None,
    cluster: Any = None,
    cores: int | None = None,
) -> Connection:
    """Connect to a scheduler.

    Raises
    ------
    ResourceError
        It does not answer within ``timeout`` seconds, or its address is not one.
    """
    try:
        if isinstance(address, str):
            asyncio.run(_greet(address, timeout))
        client = Client(address, timeout=timeout, set_as_default=False)
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        name = address if isinstance(address, str) else type(address).__name__
        raise ResourceError(
            f"{name}: the scheduler cannot be reached within {timeout:g} s ({_first_line(error)})", hint=NOT_REACHED
        ) from error
    there = len(client.scheduler_info()["workers"])
    return Connection(client, size or max(1, there), cluster, cores)


async def _greet(address: str, timeout: float) -> None:
    """Connect once with a limit in time: a client waits for ever for the answer of a process that is no scheduler."""

    async def greet() -> None:
        comm = await connect_comm(address, timeout=timeout)
        await comm.close()

    await asyncio.wait_for(greet(), timeout)


def check_workers(client: Client) -> None:
    """Check that the workers that are there have the version of n3fit of this process.

    Raises
    ------
    ResourceError
        One has another version, or no n3fit; it is named.
    """
    from n3fit import __version__
    from n3fit.cluster.worker import check_version

    # functions of the standard library are found by workers without n3fit too
    found = client.run(pkgutil.resolve_name, _VERSION, on_error="return")
    for address, version in sorted(found.items()):
        if isinstance(version, Exception):
            raise ResourceError(
                f"worker {address}: has no n3fit ({_first_line(version)}), this process has {__version__}",
                hint="use one environment for all workers, such as on a shared file system",
            )
        check_version(f"worker {address}", __version__, str(version))


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
