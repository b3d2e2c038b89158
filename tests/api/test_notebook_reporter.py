"""The progress bar in the output of a notebook's cell, with a display that records what it shows."""

from __future__ import annotations

from typing import Any

import pytest

from n3fit.api.notebook_reporter import NotebookReporter


class RecordedDisplay:
    """A display and its only handle; ``shown`` has the text of each update."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.outputs = 0

    def __call__(self, content: Any, *, raw: bool, display_id: bool) -> RecordedDisplay:
        assert display_id
        self.outputs += 1
        self.update(content, raw=raw)
        return self

    def update(self, content: Any, *, raw: bool) -> None:
        assert raw
        assert set(content) == {"text/html", "text/plain"}
        self.shown.append(content["text/plain"])


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def display() -> RecordedDisplay:
    return RecordedDisplay()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reporter(display: RecordedDisplay, clock: Clock) -> NotebookReporter:
    return NotebookReporter("fit", display, interval=0.5, clock=clock)


def test_one_output_is_replaced_a_few_times_a_second(
    reporter: NotebookReporter, display: RecordedDisplay, clock: Clock
) -> None:
    reporter.phase("training")
    for epoch in range(1, 101):
        clock.now += 0.125
        reporter.epoch(epoch, 100, {"training": 200.0 / epoch}, 4, 4)
    assert display.outputs == 1
    assert len(display.shown) == 1 + 25  # eight epochs and two updates a second
    assert "epochs 40/100" in display.shown[10]
    assert "training loss 5" in display.shown[10]
    assert "8 s left" in display.shown[10]
    reporter.finish("done")
    assert display.shown[-1] == "fit done in 12 s: training 12 s\n  100 of 100 epochs  training loss 2  4 replicas"
    assert display.outputs == 1


def test_a_phase_is_shown_at_once_without_the_bars_of_the_previous_one(
    reporter: NotebookReporter, display: RecordedDisplay
) -> None:
    reporter.phase("reading")
    reporter.step("tables", 1, 4)
    reporter.phase("training")
    assert display.shown == ["fit reading, 0 s", "fit training, 0 s"]


def test_messages_remain_and_the_last_of_them_is_never_lost(
    reporter: NotebookReporter, display: RecordedDisplay
) -> None:
    reporter.message("first")
    reporter.phase("reading")
    reporter.message("second")
    assert "second" not in display.shown[-1]
    reporter.finish("stopped")
    assert display.shown[-1] == "fit stopped after 0 s, while reading\n  first\n  second"


def test_times_of_a_phase_that_returns_are_added(
    reporter: NotebookReporter, display: RecordedDisplay, clock: Clock
) -> None:
    for name, seconds in (("trial", 2.0), ("writing", 1.0), ("trial", 3.0)):
        reporter.phase(name)
        clock.now += seconds
    reporter.finish("done")
    assert display.shown[-1] == "fit done in 6 s: writing 1 s, trial 5 s"


def test_without_a_report_nothing_is_shown(reporter: NotebookReporter, display: RecordedDisplay) -> None:
    reporter.finish("done")
    assert display.shown == []


@pytest.mark.parametrize(("seconds", "shown"), [(1.5, []), (2.0, ["fit done in 2 s: reading 2 s"])])
def test_work_that_ends_before_the_delay_leaves_nothing(
    display: RecordedDisplay, clock: Clock, seconds: float, shown: list[str]
) -> None:
    reporter = NotebookReporter("fit", display, delay=2.0, clock=clock)
    reporter.phase("reading")
    clock.now += seconds / 2
    reporter.step("members", 1, 2)
    clock.now += seconds / 2
    reporter.step("members", 2, 2)
    reporter.finish("done")
    assert display.shown[1:] == shown
    assert len(display.shown) == 2 * len(shown)
