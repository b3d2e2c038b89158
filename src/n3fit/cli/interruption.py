"""Ctrl-C and SIGTERM: both stop a command in the same way and differ only in the exit code."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM


class Terminated(KeyboardInterrupt):
    """The process received SIGTERM."""


@contextmanager
def catch_interruptions(note: Callable[[], None]) -> Iterator[None]:
    """Call ``note`` as soon as Ctrl-C or SIGTERM arrives, then raise KeyboardInterrupt or :class:`Terminated`.

    Nothing is caught outside the main thread. A SIGINT that the process was started to ignore stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(signum: int, frame: FrameType | None) -> None:
        note()
        raise Terminated if signum == signal.SIGTERM else KeyboardInterrupt

    caught = [number for number in (signal.SIGTERM, signal.SIGINT) if signal.getsignal(number) != signal.SIG_IGN]
    before = [signal.signal(number, handle) for number in caught]
    try:
        yield
    finally:
        for number, handler in zip(caught, before, strict=True):
            signal.signal(number, handler)


def exit_code_of(interruption: BaseException | None) -> int:
    """Return 143 for SIGTERM and 130 for Ctrl-C.

    >>> exit_code_of(Terminated()), exit_code_of(KeyboardInterrupt())
    (143, 130)
    """
    return TERMINATED if isinstance(interruption, Terminated) else INTERRUPTED
