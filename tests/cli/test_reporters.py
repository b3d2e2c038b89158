"""Progress as plain lines and as JSON lines."""

import io
import json

from n3fit.cli.reporters import JsonReporter, PlainReporter
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
        "  epoch 100/1000  training 2  validation 3.25  replicas active 20/20",
        "  epoch 400/1000  training 2  validation 3.25  replicas active 20/20  24 s left",
        "  epoch 700/1000  training 2  validation 3.25  replicas active 20/20  12 s left",
        "  epoch 1000/1000  training 2  validation 3.25  replicas active 20/20",
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
        {"event": "epoch", "epoch": 1, "total": 2, "losses": {"training": None}, "active": 1, "replicas": 2},
        {"event": "step", "name": "tables", "done": 1, "total": 2},
        {"event": "message", "text": "text"},
    ]
