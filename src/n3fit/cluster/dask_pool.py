"""The pool of workers of dask."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import Empty, Queue
from typing import Any

from distributed import Future, KilledWorker
from distributed.client import FutureCancelledError
from distributed.comm.core import CommClosedError

from n3fit import __version__
from n3fit.cluster.connections import Connection
from n3fit.cluster.interface import Finished, LostTaskError, Pool
from n3fit.cluster.joint_progress import JointProgress
from n3fit.cluster.replies import read_reply
from n3fit.cluster.serialisation import reference_of, serialise
from n3fit.cluster.worker import WorkerSetup, run_task
from n3fit.errors import ResourceError
from n3fit.progress import ProgressReporter

STOP_SECONDS = 20.0
"""Time that tasks have to write their checkpoints when the client stops."""

_POLL_SECONDS = 1.0


class DaskPool(Pool):
    """A pool of workers of dask, each of which runs one task at a time.

    Parameters
    ----------
    connection : Connection
        Closed with the pool.
    retries : int
    progress : ProgressReporter
    """

    def __init__(self, connection: Connection, retries: int, progress: ProgressReporter) -> None:
        self._connection = connection
        self._client = connection.client
        self._retries = retries
        self._joint = JointProgress(progress)
        self._name = f"n3fit-{secrets.token_hex(6)}"
        self._queue: Queue[tuple[str, Any]] = Queue()
        self._tasks: dict[str, tuple[str, bytes]] = {}
        self._futures: dict[str, Future] = {}
        self._starts: Counter[str] = Counter()
        self._waited = 0
        try:
            self._client.subscribe_topic(self._name, lambda event: self._queue.put(("event", event[1])))
            self._client.register_plugin(WorkerSetup(self._name, connection.cores), name=self._name)
        except BaseException:
            connection.close()
            raise

    @property
    def size(self) -> int:
        """Number of workers when all are there."""
        return self._connection.size

    def submit(self, name: str, function: Callable[..., Any], *arguments: Any) -> None:
        """Add a task.

        Raises
        ------
        ValueError
            A task of this name is not finished.
        ResourceError
            The function or an argument cannot be sent to another process.
        """
        if name in self._tasks:
            raise ValueError(f"expected a new name of a task, received {name!r} again")
        self._tasks[name] = (reference_of(function), serialise(arguments, f"{name}: the arguments"))
        self._send(name)

    def next_finished(self) -> Finished:
        """Wait for the next task to be finished, report progress meanwhile, and return it.

        Raises
        ------
        ValueError
            No task is waiting or running.
        ResourceError
            The connection to the scheduler is lost.
        """
        while True:
            if not self._tasks:
                raise ValueError("expected a task, none is waiting or running")
            try:
                kind, content = self._queue.get(timeout=_POLL_SECONDS)
            except Empty:
                self._check_connection()
                continue
            finished = self._receive_event(content) if kind == "event" else self._receive_result(*content)
            if finished is not None:
                del self._tasks[finished.name]
                self._futures.pop(finished.name, None)
                self._joint.finish(finished.name)
                return finished

    def close(self, *, interrupted: bool = False) -> None:
        """Release the workers; see :meth:`n3fit.cluster.interface.Pool.close`."""
        try:
            if self._client.status == "running":
                with suppress(OSError, CommClosedError, TimeoutError, ValueError):
                    self._stop(interrupted)
        finally:
            self._connection.close()

    def _stop(self, interrupted: bool) -> None:
        running = [future for name, future in self._futures.items() if self._starts[name] > 0]
        self._client.cancel([future for name, future in self._futures.items() if self._starts[name] == 0])
        self._client.unregister_worker_plugin(self._name)  # which makes tasks stop
        end = time.monotonic() + (STOP_SECONDS if interrupted else 0)
        while any(not future.done() for future in running) and time.monotonic() < end:
            time.sleep(0.05)
        self._client.unsubscribe_topic(self._name)

    def _send(self, name: str) -> None:
        function, arguments = self._tasks[name]
        future = self._client.submit(
            run_task, self._name, __version__, name, function, arguments,
            key=f"{self._name}-{name}-{secrets.token_hex(4)}", pure=False,
        )  # fmt: skip
        self._futures[name] = future
        future.add_done_callback(lambda done: self._queue.put(("result", (name, done))))

    def _receive_event(self, event: Mapping[str, Any]) -> Finished | None:
        name = str(event["task"])
        if name not in self._tasks:
            return None
        if event["kind"] == "started":
            self._starts[name] += 1
            if self._starts[name] > self._retries + 1:
                self._futures[name].cancel()
                return Finished(name, None, self._lost(name))
        elif event["kind"] == "stopped":
            self._starts[name] -= 1
        self._joint.receive(name, event, again=self._starts[name] > 1)
        return None

    def _receive_result(self, name: str, future: Any) -> Finished | None:
        if name not in self._futures or self._futures[name] is not future:
            return None  # of a task that was sent again
        if future.status == "finished":
            return self._read(name, future)
        if future.status == "lost" or future.cancelled():
            self._check_connection()
            self._send(name)
            return None
        error = future.exception()
        if not isinstance(error, KilledWorker):
            raise error
        if self._starts[name] > self._retries:
            return Finished(name, None, self._lost(name))
        self._send(name)
        return None

    def _read(self, name: str, future: Future) -> Finished | None:
        try:
            reply = future.result()
        except FutureCancelledError:
            reply = {"stopped": True}  # the worker was lost with the result
        if "stopped" in reply:
            self._send(name)
            return None
        return read_reply(name, reply)

    def _lost(self, name: str) -> LostTaskError:
        times = "once" if self._starts[name] <= 1 else f"{min(self._starts[name], self._retries + 1)} times"
        return LostTaskError(
            f"{name}: its worker was lost {times}, with {self._retries} "
            f"{'retry' if self._retries == 1 else 'retries'} allowed",
            hint="see whether its memory or time was short; the same command goes on from what is finished",
        )

    def _check_connection(self) -> None:
        if self._client.status not in ("running", "connecting") or not self._is_connected():
            raise ResourceError(
                "the connection to the scheduler of dask is lost",
                hint="start the same command again: it goes on from what is finished",
            )
        if not any(self._starts.values()):
            self._waited += 1
            if self._waited % 30 == 1 and not self._client.scheduler_info()["workers"]:
                self._joint.message("waiting for workers: the scheduler has none yet")

    def _is_connected(self) -> bool:
        scheduler = self._client.scheduler_comm
        return scheduler is not None and not scheduler.comm.closed()
