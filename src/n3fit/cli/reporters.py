"""Progress as plain lines and as JSON lines; the one for a terminal is in ``live``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from n3fit.cli.session import Session, emit_json
from n3fit.progress import ProgressReporter

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def open_reporter(session: Session) -> Iterator[ProgressReporter]:
    """Yield the reporter that suits: JSON when asked for, live on a terminal, plain lines otherwise."""
    if session.json:
        yield JsonReporter(session)
    elif sys.stderr.isatty():
        from n3fit.cli.live import open_live_reporter

        with open_live_reporter(session) as reporter:
            yield reporter
    else:
        yield PlainReporter(session)


class JsonReporter:
    """One JSON object per line on the standard output, every call one line."""

    def __init__(self, session: Session, stream: TextIO | None = None) -> None:
        self._session = session
        self._stream = stream

    def phase(self, name: str) -> None:
        """Print ``{"event": "phase", "name": ...}``."""
        self._session.begin(name)
        emit_json("phase", {"name": name}, self._stream)

    def epoch(self, epoch: int, total: int, losses: Mapping[str, float], alive: int, replicas: int) -> None:
        """Print ``{"event": "epoch", ...}``."""
        self._session.doing = describe_epoch(self._session.doing, epoch, total)
        content = {"epoch": epoch, "total": total, "losses": dict(losses), "alive": alive, "replicas": replicas}
        emit_json("epoch", content, self._stream)

    def step(self, name: str, done: int, total: int) -> None:
        """Print ``{"event": "step", ...}``."""
        emit_json("step", {"name": name, "done": done, "total": total}, self._stream)

    def message(self, text: str) -> None:
        """Print ``{"event": "message", ...}``."""
        emit_json("message", {"text": text}, self._stream)


class PlainReporter:
    """Lines of text on the standard error output, at most one in ten seconds for epochs and steps.

    The first and the last of a series are always printed.
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
        """Print the name of the stage."""
        self._session.begin(name)
        self._last.clear()
        self._remaining = TimeLeft(self._clock)
        self.message(name)

    def epoch(self, epoch: int, total: int, losses: Mapping[str, float], alive: int, replicas: int) -> None:
        """Print epoch, losses, replicas alive and the time left."""
        self._session.doing = describe_epoch(self._session.doing, epoch, total)
        left = self._remaining.estimate(epoch, total)
        if self._is_due("epoch", epoch, total):
            parts = [f"epoch {epoch}/{total}", *format_losses(losses), f"replicas alive {alive}/{replicas}"]
            self.message("  " + "  ".join([*parts, *([f"{format_seconds(left)} left"] if left is not None else [])]))

    def step(self, name: str, done: int, total: int) -> None:
        """Print how many are done."""
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


class TimeLeft:
    """The time left, from the pace since the first report (which is after compilation)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start: tuple[float, int] | None = None

    def estimate(self, done: int, total: int) -> float | None:
        """Give seconds, None as long as there is nothing to go by and at the end."""
        now = self._clock()
        if self._start is None:
            self._start = (now, done)
        since, first = self._start
        if done <= first or done >= total:
            return None
        return (now - since) / (done - first) * (total - done)


def describe_epoch(doing: str, epoch: int, total: int) -> str:
    """Give what the work is doing with the epoch: ``training, epoch 300 of 1000``."""
    return f"{doing.partition(',')[0]}, epoch {epoch} of {total}"


def format_losses(losses: Mapping[str, float]) -> list[str]:
    """Give ``name value`` for each loss."""
    return [f"{name} {value:.4g}" for name, value in losses.items()]


def format_seconds(seconds: float) -> str:
    """Give a duration as people say it: ``45 s``, ``3 min 20 s``, ``2 h 05 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
