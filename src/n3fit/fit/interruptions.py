"""Interruptions deferred until finished work is saved."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any


class Interruptions:
    """Context in which Ctrl-C and SIGTERM are deferred while finished work is being saved; the second one is not.

    Inside the context an interruption works as outside until :meth:`hold` is called. If it is the first one, it is
    only noted from then on, in ``pending``. Elsewhere than in the main thread nothing changes.

    Parameters
    ----------
    requested : callable, optional
        Returns whether the work is to stop for another reason than a signal, which is then pending as well.

    Examples
    --------
    >>> with Interruptions() as interruptions:
    ...     interruptions.hold()
    ...     signal.raise_signal(signal.SIGINT)
    ...     type(interruptions.pending).__name__
    'KeyboardInterrupt'
    """

    def __init__(self, requested: Callable[[], bool] | None = None) -> None:
        self._pending: KeyboardInterrupt | None = None
        self._requested = requested
        self._holding = False
        self._interrupted = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interruptions:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                handler = signal.getsignal(number)
                if callable(handler):  # a handler of Python: the signal is neither ignored nor kills the process
                    self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    @property
    def pending(self) -> KeyboardInterrupt | None:
        """The deferred interruption; to be raised when the work is saved."""
        if self._pending is None and self._requested is not None and self._requested():
            self._pending = KeyboardInterrupt()
        return self._pending

    @pending.setter
    def pending(self, interruption: KeyboardInterrupt | None) -> None:
        self._pending = interruption

    def hold(self) -> None:
        """Defer interruptions from now on."""
        self._holding = True

    def let_through(self) -> None:
        """Stop deferring interruptions."""
        self._holding = False

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        waits = self._holding and not self._interrupted
        self._interrupted = True
        try:
            self._before[signum](signum, frame)
        except KeyboardInterrupt as error:
            if not waits:
                raise
            self.pending = error
