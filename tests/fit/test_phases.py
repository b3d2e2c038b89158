"""Phases are reported in their order and timed."""

import pytest

from n3fit.fit import phases as module
from n3fit.fit.phases import Phases
from n3fit.progress import NullReporter


class Listener(NullReporter):
    """Records the phases."""

    def __init__(self):
        self.phases = []

    def phase(self, name):
        self.phases.append(name)


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is moved."""

    class Clock:
        now = 100.0

        def perf_counter(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_a_phase_lasts_until_the_next_one_and_those_of_one_name_add_up(clock):
    timing = Phases(Listener())
    for name, seconds in (("reading", 1.0), ("training", 2.0), ("reading", 4.0), ("training", 8.0)):
        timing.begin(name)
        clock.now += seconds
    assert timing.reporter.phases == ["reading", "training", "reading", "training"]
    assert timing.seconds == {"reading": 5.0, "training": 2.0}
    timing.end()
    clock.now += 16.0
    timing.end()
    assert timing.seconds == {"reading": 5.0, "training": 10.0}
