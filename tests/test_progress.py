import inspect

import pytest

from n3fit.cli.live import LiveReporter
from n3fit.cli.reporters import JsonReporter, PlainReporter
from n3fit.progress import ProgressReporter, Silence

CALLS = [name for name in vars(ProgressReporter) if not name.startswith("_")]


@pytest.mark.parametrize("reporter", [Silence, JsonReporter, PlainReporter, LiveReporter])
def test_every_reporter_takes_the_calls_of_the_protocol(reporter: type) -> None:
    """By position and by name."""
    assert CALLS == ["stage", "epoch", "step", "message"]
    for name in CALLS:
        assert inspect.signature(getattr(reporter, name)) == inspect.signature(getattr(ProgressReporter, name)), name


def test_silence_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    silence = Silence()
    silence.stage("training")
    silence.epoch(1, 2, {"training": float("nan")}, 0, 3)
    silence.step("tables", 1, 1)
    silence.message("all is well")
    assert capfd.readouterr() == ("", "")
    assert vars(silence) == {}
