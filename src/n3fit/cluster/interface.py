"""The interface of pools of workers: tasks are submitted by name and come back when they are finished."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from n3fit.errors import N3fitError, ResourceError


@dataclass(frozen=True)
class Finished:
    """A task that is finished.

    Parameters
    ----------
    name : str
    value : object
        What its function returned; None after an error.
    error : N3fitError or None
        The error that it ended with.
    """

    name: str
    value: Any
    error: N3fitError | None = None


class LostTaskError(ResourceError):
    """A task whose workers were lost more often than it is retried."""


class Pool(ABC):
    """Workers that take tasks; a context at whose end they are given back.

    A block that ends with an error stops the tasks that run: those that write checkpoints write one.
    """

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of tasks that run at the same time, at least 1."""

    @abstractmethod
    def submit(self, name: str, function: Callable[..., Any], *arguments: Any) -> None:
        """Add a task.

        Parameters
        ----------
        name : str
            Different for each task of the pool that is not finished.
        function : callable
            A function on the top level of a module of n3fit. It finds the receiver of its progress with
            :func:`n3fit.cluster.task.current_progress`.
        arguments
            Plain data: numbers, text, paths, and sequences and mappings of them.

        Raises
        ------
        ResourceError
            The function or an argument cannot be sent to another process.
        """

    @abstractmethod
    def next_finished(self) -> Finished:
        """Wait for the next task to be finished, and return it.

        Raises
        ------
        ValueError
            No task is waiting or running.
        ResourceError
            The connection to the workers is lost.
        """

    @abstractmethod
    def close(self, *, interrupted: bool = False) -> None:
        """Release the workers; with ``interrupted``, tasks that run write their checkpoints first."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.close(interrupted=kind is not None)
