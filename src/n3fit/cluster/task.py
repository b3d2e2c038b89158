"""The receiver of the progress of the task that runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from n3fit.progress import NullReporter, ProgressReporter

_PROGRESS: ContextVar[ProgressReporter | None] = ContextVar("progress of the task", default=None)


def current_progress() -> ProgressReporter:
    """Return the receiver of the progress of the task that runs; outside a task one that discards it."""
    return _PROGRESS.get() or NullReporter()


@contextmanager
def task_progress(progress: ProgressReporter) -> Iterator[None]:
    """Make ``progress`` the receiver of the progress of a task while the block runs."""
    token = _PROGRESS.set(progress)
    try:
        yield
    finally:
        _PROGRESS.reset(token)
