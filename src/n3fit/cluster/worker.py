"""The part of a task that runs on a worker of dask."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pkgutil import resolve_name
from typing import Any

from distributed import Reschedule, Worker, WorkerPlugin, get_worker

from n3fit import __version__
from n3fit.cluster.replies import STOPPED, error_reply, value_reply
from n3fit.cluster.task import Task, running
from n3fit.errors import N3fitError, ResourceError
from n3fit.machine import CORES_VARIABLE, MEMORY_VARIABLE

_FORWARDED = ("N3FIT_", "KERAS_BACKEND", "NNPDF_PROFILE_PATH")
"""Environment variables of the client that workers have too, unless they have a value of their own."""

_STOP_SECONDS = 8.0
"""Time that a task has to stop when its worker ends; the parent process of a worker kills it after ten seconds."""

_SECONDS_BETWEEN_EVENTS = 0.5


class WorkerSetup(WorkerPlugin):
    """Prepare a worker for the tasks of a pool; when the plugin is removed, the task that runs is stopped.

    Parameters
    ----------
    name : str
        Name of the pool; several pools may use one scheduler.
    cores : int, optional
        Cores of each worker; by default its number of threads.
    """

    def __init__(self, name: str, cores: int | None = None) -> None:
        self.name = name
        self.cores = cores
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if key.startswith(_FORWARDED) and key not in (CORES_VARIABLE, MEMORY_VARIABLE)
        }

    async def setup(self, worker: Worker) -> None:
        """Limit cores and memory, and let a signal lead to a checkpoint."""
        self.stop = threading.Event()
        self.closing = False
        self.one_at_a_time = threading.Lock()
        for key, value in self.environment.items():
            os.environ.setdefault(key, value)
        os.environ.setdefault(CORES_VARIABLE, str(self.cores or worker.state.nthreads))
        limit = worker.memory_manager.memory_limit
        if limit:  # of each process of a job
            os.environ.setdefault(MEMORY_VARIABLE, str(int(limit / 1e6)))
        if worker.nanny and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the client handles it
            loop = asyncio.get_running_loop()
            signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(self._terminate, worker))

    async def teardown(self, worker: Worker) -> None:
        """Request that the task stops at the next epoch that it reports, and wait for it if the worker ends."""
        self.closing = self.closing or worker.status.name.startswith("clos")
        self.stop.set()
        end = time.monotonic() + _STOP_SECONDS
        while self.closing and self.one_at_a_time.locked() and time.monotonic() < end:
            await asyncio.sleep(0.02)

    def _terminate(self, worker: Worker) -> None:
        self.closing = True
        self.stop.set()
        self._task = asyncio.ensure_future(worker.close_gracefully(restart=True, reason="SIGTERM"))


class TaskReporter:
    """Progress of a task on a worker, sent to the client.

    Parameters
    ----------
    send : callable
        Receives each event, plain data.
    clock : callable
        Seconds.
    """

    def __init__(
        self,
        send: Callable[[Mapping[str, Any]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._clock = clock
        self._last = -_SECONDS_BETWEEN_EVENTS

    def phase(self, name: str) -> None:
        """Send the phase."""
        self._send({"kind": "phase", "name": name})

    def epoch(self, epoch: int, total: int, losses: Mapping[str, float], active: int, replicas: int) -> None:
        """Send the epoch, at most every half second, and the last one."""
        now = self._clock()
        if epoch >= total or active == 0 or now - self._last >= _SECONDS_BETWEEN_EVENTS:
            self._last = now
            numbers = {name: float(loss) for name, loss in losses.items()}
            content = {"epoch": int(epoch), "total": int(total), "active": int(active), "replicas": int(replicas)}
            self._send({"kind": "epoch", "losses": numbers, **content})

    def step(self, name: str, done: int, total: int) -> None:
        """Discard the steps: the client shows tasks."""

    def message(self, text: str) -> None:
        """Send the message."""
        self._send({"kind": "message", "text": text})


def run_task(pool: str, version: str, name: str, function: str, arguments: bytes) -> dict[str, Any]:
    """Run a task and return its reply.

    Parameters
    ----------
    pool : str
        Name of the pool, under which events are sent.
    version : str
        Version of n3fit at the client.
    name : str
        Of the task.
    function : str
        ``module:name``.
    arguments : bytes
        The serialised tuple of its arguments.

    Raises
    ------
    Reschedule
        The worker is about to end: the task goes to another one.
    """
    worker = get_worker()
    setup = worker.plugins.get(pool)
    if setup is None or setup.stop.is_set():
        return dict(STOPPED)

    def send(event: Mapping[str, Any]) -> None:
        worker.log_event(pool, {"task": name, **event})

    with setup.one_at_a_time:  # a worker may have several threads, which are for one task
        if setup.stop.is_set():
            return dict(STOPPED)
        send({"kind": "started", "worker": str(worker.address)})
        reply = _run(name, version, function, arguments, send, setup.stop)
        if "stopped" in reply:
            send({"kind": "stopped"})
    if "stopped" in reply and setup.closing:
        raise Reschedule
    return reply


def _run(
    name: str,
    version: str,
    function: str,
    arguments: bytes,
    send: Callable[[Mapping[str, Any]], None],
    stop: threading.Event,
) -> dict[str, Any]:
    try:
        check_version(f"worker {get_worker().address}", version)
        with running(Task(TaskReporter(send), stop)):
            value = resolve_name(function)(*pickle.loads(arguments))
        return value_reply(name, value)
    except N3fitError as error:
        return error_reply(error)
    except KeyboardInterrupt:
        return dict(STOPPED)


def check_version(worker: str, version: str, found: str = __version__) -> None:
    """Check that a worker has the version of n3fit that the client has.

    Raises
    ------
    ResourceError
        It has another one.
    """
    if found != version:
        raise ResourceError(
            f"{worker}: has n3fit {found}, this process has {version}",
            hint="use one environment for all workers, such as on a shared file system",
        )
