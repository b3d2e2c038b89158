"""Worker processes, each of which takes the next task when it has finished one."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import ModuleType
from typing import Generic, TypeVar

from n3fit.errors import N3fitError

Task = TypeVar("Task")
Result = TypeVar("Result")

Outcome = tuple[Task, Result | N3fitError]
"""A task with its result, or with the error that it ended with."""

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
)


class WorkerEndedError(N3fitError):
    """A worker process ended before it had a result."""

    exit_code = 4


def run_tasks(
    start: Callable[[], Callable[[Task], Result]], tasks: Sequence[Task], *, jobs: int
) -> Generator[Outcome[Task, Result], None, None]:
    """Yield each task with its result, in the order in which they are finished.

    When the caller stops, because of an interruption or an error, the workers end.

    Parameters
    ----------
    start : callable
        Called once in each worker process; returns the function that computes the result of a task.
    tasks : sequence
        Long ones first.
    jobs : int
        Number of processes, of one thread each.
    """
    waiting = list(reversed(tasks))
    workers: list[_Worker[Task, Result]] = []
    try:
        while waiting or workers:
            while waiting and len(workers) < jobs:
                workers.append(_Worker(start, waiting.pop()))
            for worker in _ready(workers):
                yield worker.task, worker.receive()
                if waiting and worker.process.is_alive():
                    worker.send(waiting.pop())
                else:
                    worker.end()
                    workers.remove(worker)
    finally:
        for worker in workers:
            worker.end()


def _ready(workers: Sequence[_Worker[Task, Result]]) -> list[_Worker[Task, Result]]:
    ready = wait([worker.connection for worker in workers])
    return [worker for worker in workers if worker.connection in ready]


class _Worker(Generic[Task, Result]):
    """A process and the task that it works on."""

    def __init__(self, start: Callable[[], Callable[[Task], Result]], task: Task) -> None:
        context = get_context("spawn")
        self.connection: Connection
        self.connection, other = context.Pipe()
        self.process: SpawnProcess = context.Process(target=_work, args=(start, other), daemon=True)
        with _one_thread_each(), _interruptions_ignored(), main_module_hidden():
            self.process.start()
        other.close()
        self.send(task)

    def send(self, task: Task) -> None:
        self.task = task
        with suppress(OSError):  # the process has ended: receive() says so
            self.connection.send(task)

    def receive(self) -> Result | N3fitError:
        try:
            result: Result | N3fitError = self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            return WorkerEndedError(
                f"a worker process ended with code {self.process.exitcode}",
                hint="start again with fewer jobs if memory was short; what was finished is kept",
            )
        return result

    def end(self) -> None:
        self.connection.close()
        self.process.terminate()
        self.process.join()


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Limit new processes to one thread, unless the environment sets another number."""
    absent = [name for name in _THREAD_VARIABLES if name not in os.environ]
    os.environ.update(dict.fromkeys(absent, "1"))
    try:
        yield
    finally:
        for name in absent:
            os.environ.pop(name, None)


@contextmanager
def _interruptions_ignored() -> Iterator[None]:
    """Start processes that ignore Ctrl-C from their first moment: only the parent process handles it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


@contextmanager
def main_module_hidden() -> Iterator[None]:
    """Start processes that do not import the main module again: a script without a guard would run a second time."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _work(start: Callable[[], Callable[[Task], Result]], connection: Connection) -> None:
    """Compute results in a worker process, until the parent process ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    compute = start()
    with suppress(EOFError, OSError):  # the parent process has ended
        while True:
            task = connection.recv()
            try:
                result: Result | N3fitError = compute(task)
            except N3fitError as error:
                result = error
            connection.send(result)
