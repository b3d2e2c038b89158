"""The protocol of progress reporters and its implementations."""

import inspect

import pytest

from n3fit.api.notebook_reporter import NotebookReporter
from n3fit.cli.live import LiveReporter
from n3fit.cli.reporters import JsonReporter, PlainReporter
from n3fit.progress import NullReporter, ProgressReporter

CALLS = [name for name in vars(ProgressReporter) if not name.startswith("_")]


@pytest.mark.parametrize("reporter", [NullReporter, JsonReporter, PlainReporter, LiveReporter, NotebookReporter])
def test_every_reporter_takes_the_calls_of_the_protocol(reporter: type) -> None:
    """By position and by name."""
    assert CALLS == ["phase", "epoch", "step", "message"]
    for name in CALLS:
        assert inspect.signature(getattr(reporter, name)) == inspect.signature(getattr(ProgressReporter, name)), name


def test_the_null_reporter_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    reporter = NullReporter()
    reporter.phase("training")
    reporter.epoch(1, 2, {"training": float("nan")}, 0, 3)
    reporter.step("tables", 1, 1)
    reporter.message("a message")
    assert capfd.readouterr() == ("", "")
    assert vars(reporter) == {}
