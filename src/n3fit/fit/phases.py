"""The phases of a fit: reported, and timed."""

from __future__ import annotations

import time

from n3fit.progress import ProgressReporter


class Phases:
    """Reports the phases of a fit and measures their time.

    Attributes
    ----------
    seconds : dict of str to float
        Time of each phase that has ended.
    """

    def __init__(self, reporter: ProgressReporter) -> None:
        self.reporter = reporter
        self.seconds: dict[str, float] = {}
        self._current: tuple[str, float] | None = None

    def begin(self, name: str) -> None:
        """End the current phase and begin another one."""
        self.end()
        self._current = (name, time.perf_counter())
        self.reporter.phase(name)

    def end(self) -> None:
        """End the current phase, if there is one."""
        if self._current is not None:
            name, started = self._current
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started
            self._current = None
