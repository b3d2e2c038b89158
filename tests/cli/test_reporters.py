import io
import json
import sys

import pytest

from n3fit.cli.live import LiveReporter
from n3fit.cli.reporters import JsonReporter, PlainReporter, TimeLeft, format_seconds, open_reporter
from n3fit.cli.session import Session


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_plain_lines_at_a_sensible_rate() -> None:
    stream, clock, session = io.StringIO(), Clock(), Session()
    reporter = PlainReporter(session, stream, interval=10, clock=clock)
    reporter.phase("training")
    for epoch in range(100, 1001, 100):
        reporter.epoch(epoch, 1000, {"training": 2.0, "validation": 3.25}, 20, 20)
        clock.now += 4
    assert stream.getvalue().splitlines() == [
        "training",
        "  epoch 100/1000  training 2  validation 3.25  replicas alive 20/20",
        "  epoch 400/1000  training 2  validation 3.25  replicas alive 20/20  24 s left",
        "  epoch 700/1000  training 2  validation 3.25  replicas alive 20/20  12 s left",
        "  epoch 1000/1000  training 2  validation 3.25  replicas alive 20/20",
    ]
    assert session.doing == "training, epoch 1000 of 1000"


def test_first_and_last_step_are_always_printed() -> None:
    stream = io.StringIO()
    reporter = PlainReporter(Session(), stream, clock=Clock())
    for done in range(1, 6):
        reporter.step("tables", done, 5)
    reporter.message("done")
    assert stream.getvalue().splitlines() == ["  tables 1/5", "  tables 5/5", "done"]


def test_every_call_is_a_line_of_json() -> None:
    stream = io.StringIO()
    reporter = JsonReporter(Session(json=True), stream)
    reporter.phase("training")
    reporter.epoch(1, 2, {"training": float("inf")}, 1, 2)
    reporter.step("tables", 1, 2)
    reporter.message("text")
    assert [json.loads(line) for line in stream.getvalue().splitlines()] == [
        {"event": "phase", "name": "training"},
        {"event": "epoch", "epoch": 1, "total": 2, "losses": {"training": None}, "alive": 1, "replicas": 2},
        {"event": "step", "name": "tables", "done": 1, "total": 2},
        {"event": "message", "text": "text"},
    ]


def test_time_left() -> None:
    clock = Clock()
    left = TimeLeft(clock)
    assert left.estimate(100, 400) is None
    clock.now = 5.0
    assert left.estimate(200, 400) == pytest.approx(10.0)
    assert left.estimate(400, 400) is None


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (200, "3 min 20 s"), (7500, "2 h 05 min")]
)
def test_format_seconds(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


def test_the_reporter_that_suits(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_reporter(Session(json=True)) as reporter:
        assert isinstance(reporter, JsonReporter)
    with open_reporter(Session()) as reporter:
        assert isinstance(reporter, PlainReporter)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with open_reporter(Session()) as reporter:
        assert isinstance(reporter, LiveReporter)
