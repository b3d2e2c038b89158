"""Ctrl-C and SIGTERM: the same to the work, told apart in the exit code."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM


class Terminated(KeyboardInterrupt):
    """The process was asked to end by SIGTERM."""


@contextmanager
def catch_termination() -> Iterator[None]:
    """Raise :class:`Terminated` in the block when SIGTERM arrives; elsewhere than in the main thread do nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _raise_terminated)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def exit_code_of(interruption: BaseException | None) -> int:
    """Give 143 for SIGTERM and 130 for Ctrl-C."""
    return TERMINATED if isinstance(interruption, Terminated) else INTERRUPTED


def _raise_terminated(signum: int, frame: FrameType | None) -> None:
    raise Terminated
