"""Progress as plain lines and as JSON lines; bars on a terminal are in :mod:`n3fit.cli.live`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import TextIO

from n3fit.cli.formatting import describe_epoch, format_losses
from n3fit.cli.session import Session, emit_json
from n3fit.durations import TimeLeft, format_seconds

SECONDS_BETWEEN_LINES = 10.0


class JsonReporter:
    """One JSON object per call, each on a line of the standard output."""

    def __init__(self, session: Session, stream: TextIO | None = None) -> None:
        self._session = session
        self._stream = stream

    def phase(self, name: str) -> None:
        """Print ``{"event": "phase", "name": ...}``."""
        self._session.begin(name)
        emit_json("phase", {"name": name}, self._stream)

    def epoch(self, epoch: int, total: int, losses: Mapping[str, float], active: int, replicas: int) -> None:
        """Print ``{"event": "epoch", ...}``."""
        self._session.doing = describe_epoch(self._session.doing, epoch, total)
        content = {"epoch": epoch, "total": total, "losses": dict(losses), "active": active, "replicas": replicas}
        emit_json("epoch", content, self._stream)

    def step(self, name: str, done: int, total: int) -> None:
        """Print ``{"event": "step", ...}``."""
        emit_json("step", {"name": name, "done": done, "total": total}, self._stream)

    def message(self, text: str) -> None:
        """Print ``{"event": "message", ...}``."""
        emit_json("message", {"text": text}, self._stream)


class PlainReporter:
    """Lines of text on the standard error output.

    Epochs and steps are printed at most every ten seconds, and always the first and the last of a series.
    """

    def __init__(
        self,
        session: Session,
        stream: TextIO | None = None,
        *,
        interval: float = SECONDS_BETWEEN_LINES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._stream = stream
        self._interval = interval
        self._clock = clock
        self._last: dict[str, float] = {}
        self._remaining = TimeLeft(clock)

    def phase(self, name: str) -> None:
        """Print the name of the phase."""
        self._session.begin(name)
        self._last.clear()
        self._remaining = TimeLeft(self._clock)
        self.message(name)

    def epoch(self, epoch: int, total: int, losses: Mapping[str, float], active: int, replicas: int) -> None:
        """Print epoch, losses, replicas active and the remaining time."""
        self._session.doing = describe_epoch(self._session.doing, epoch, total)
        left = self._remaining.estimate(epoch, total)
        if self._is_due("epoch", epoch, total):
            parts = [f"epoch {epoch}/{total}", *format_losses(losses), f"replicas active {active}/{replicas}"]
            self.message("  " + "  ".join([*parts, *([f"{format_seconds(left)} left"] if left is not None else [])]))

    def step(self, name: str, done: int, total: int) -> None:
        """Print the number of finished items."""
        if self._is_due(name, done, total):
            self.message(f"  {name} {done}/{total}")

    def message(self, text: str) -> None:
        """Print ``text``."""
        print(text, file=self._stream if self._stream is not None else sys.stderr, flush=True)

    def _is_due(self, series: str, done: int, total: int) -> bool:
        now = self._clock()
        due = series not in self._last or done >= total or now - self._last[series] >= self._interval
        if due:
            self._last[series] = now
        return due
