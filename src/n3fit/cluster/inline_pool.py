"""The pool without workers: tasks run in this process, one after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from n3fit.cluster.interface import Finished, Pool
from n3fit.cluster.task import Task, running
from n3fit.errors import N3fitError
from n3fit.progress import ProgressReporter


class InlinePool(Pool):
    """A pool whose :meth:`next_finished` runs the next task, in the order of submission.

    Parameters
    ----------
    progress : ProgressReporter
        Receives the progress of the tasks.
    """

    def __init__(self, progress: ProgressReporter) -> None:
        self._progress = progress
        self._waiting: deque[tuple[str, Callable[..., Any], tuple[Any, ...]]] = deque()

    @property
    def size(self) -> int:
        """1."""
        return 1

    def submit(self, name: str, function: Callable[..., Any], *arguments: Any) -> None:
        """Add a task."""
        self._waiting.append((name, function, arguments))

    def next_finished(self) -> Finished:
        """Run the next task and return it.

        Raises
        ------
        ValueError
            No task is waiting.
        """
        if not self._waiting:
            raise ValueError("expected a task, none is waiting")
        name, function, arguments = self._waiting.popleft()
        try:
            with running(Task(self._progress)):
                return Finished(name, function(*arguments))
        except N3fitError as error:
            return Finished(name, None, error)

    def close(self, *, interrupted: bool = False) -> None:
        """Forget the tasks that wait."""
        self._waiting.clear()
