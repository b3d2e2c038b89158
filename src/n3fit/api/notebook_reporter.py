"""The progress reporter of notebooks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

from n3fit.api.progress_display import Epochs, ProgressState, render
from n3fit.durations import TimeLeft

SECONDS_BETWEEN_UPDATES = 0.3


class Handle(Protocol):
    """An output of a cell that can be replaced: ``IPython.display.DisplayHandle``."""

    def update(self, content: Any, *, raw: bool) -> None:
        """Replace the output by ``content``, strings by MIME type."""


class Display(Protocol):
    """The function ``IPython.display.display``."""

    def __call__(self, content: Any, *, raw: bool, display_id: bool) -> Handle | None:
        """Show ``content``, strings by MIME type, and return its handle."""


class NotebookReporter:
    """A progress bar with losses in the output of a notebook's cell, which a line with the result replaces at the end.

    Nothing is shown before the first report after ``delay``. A new phase is shown at once, everything else with the
    next update.

    Parameters
    ----------
    title : str
        Name of the function that works.
    display : Display
    delay : float
        Seconds without a bar; work that ends before leaves nothing in the output.
    interval : float
        Seconds between two updates.
    clock : callable
        Returns the time in seconds.
    """

    def __init__(
        self,
        title: str,
        display: Display,
        *,
        delay: float = 0.0,
        interval: float = SECONDS_BETWEEN_UPDATES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._title = title
        self._display = display
        self._delay = delay
        self._interval = interval
        self._clock = clock
        self._started = self._phase_started = self._shown = clock()
        self._handle: Handle | None = None
        self._has_output = False
        self._phases: dict[str, float] = {}
        self._steps: dict[str, tuple[int, int]] = {}
        self._epochs: Epochs | None = None
        self._messages: list[str] = []
        self._remaining = TimeLeft(clock)

    def phase(self, name: str) -> None:
        """Show the name of the phase and remove the bars of the previous one."""
        self._measure_phase()
        self._phases[name] = self._phases.pop(name, 0.0)  # the present one is the last
        self._steps.clear()
        self._remaining = TimeLeft(self._clock)
        self._show("running")

    def epoch(self, epoch: int, total: int, losses: Mapping[str, float], active: int, replicas: int) -> None:
        """Update the bar of the epochs."""
        left = self._remaining.estimate(epoch, total)
        self._epochs = Epochs(epoch, total, dict(losses), active, replicas, left)
        self._show_if_due()

    def step(self, name: str, done: int, total: int) -> None:
        """Update the bar called ``name``."""
        self._steps[name] = (done, total)
        self._show_if_due()

    def message(self, text: str) -> None:
        """Add ``text`` below the bars."""
        self._messages.append(text)
        self._show_if_due()

    def finish(self, state: Literal["done", "stopped"]) -> None:
        """Replace the bars by a line that says how the work ended; nothing if nothing was shown."""
        if self._has_output:
            self._measure_phase()
            self._show(state)

    def _measure_phase(self) -> None:
        now = self._clock()
        if self._phases:
            present = next(reversed(self._phases))
            self._phases[present] += now - self._phase_started
        self._phase_started = now

    def _show_if_due(self) -> None:
        if not self._has_output or self._clock() - self._shown >= self._interval:
            self._show("running")

    def _show(self, state: Literal["running", "done", "stopped"]) -> None:
        now = self._clock()
        if not self._has_output and now - self._started < self._delay:
            return
        self._has_output, self._shown = True, now
        content = render(
            ProgressState(
                title=self._title,
                state=state,
                seconds=self._shown - self._started,
                phases=self._phases,
                epochs=self._epochs,
                steps=self._steps,
                messages=self._messages,
            )
        )
        if self._handle is None:
            self._handle = self._display(content, raw=True, display_id=True)
        else:
            self._handle.update(content, raw=True)
