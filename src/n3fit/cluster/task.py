"""What a task receives from the pool that runs it: a receiver of its progress, and requests to stop."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from n3fit.progress import NullReporter, ProgressReporter


@dataclass(frozen=True)
class Task:
    """The task that runs.

    Parameters
    ----------
    progress : ProgressReporter
        Receives its progress.
    stop : threading.Event
        Set when the task is to stop.
    """

    progress: ProgressReporter
    stop: threading.Event = field(default_factory=threading.Event)


_TASK: ContextVar[Task | None] = ContextVar("task", default=None)


def current_task() -> Task:
    """Return the task that runs; outside a pool one that discards its progress and is never stopped."""
    return _TASK.get() or Task(NullReporter())


def current_progress() -> ProgressReporter:
    """Return the receiver of the progress of the task that runs; it raises KeyboardInterrupt when the task is to stop.

    A task that stops in another way, such as with a checkpoint, has :func:`current_task`.
    """
    return StoppingReporter(current_task())


@contextmanager
def running(task: Task) -> Iterator[None]:
    """Make ``task`` the one that runs, while the block does."""
    token = _TASK.set(task)
    try:
        yield
    finally:
        _TASK.reset(token)


class StoppingReporter:
    """A reporter that forwards everything, and raises KeyboardInterrupt at the next epoch when the task is to stop."""

    def __init__(self, task: Task) -> None:
        self._progress = task.progress
        self._stop = task.stop

    def phase(self, name: str) -> None:
        """Forward the phase."""
        self._progress.phase(name)

    def epoch(self, epoch: int, total: int, losses: Mapping[str, float], active: int, replicas: int) -> None:
        """Forward the epoch.

        Raises
        ------
        KeyboardInterrupt
            The task is to stop.
        """
        if self._stop.is_set():
            raise KeyboardInterrupt
        self._progress.epoch(epoch, total, losses, active, replicas)

    def step(self, name: str, done: int, total: int) -> None:
        """Forward the step."""
        self._progress.step(name, done, total)

    def message(self, text: str) -> None:
        """Forward the message."""
        self._progress.message(text)
