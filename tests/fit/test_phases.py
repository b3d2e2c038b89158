"""The stages of a command are told in their order and timed."""

import numpy as np
import pytest
from support import outcomes

from n3fit.fit import phases as module
from n3fit.fit.phases import Stages
from n3fit.progress import NullReporter


class Listener(NullReporter):
    """Keeps the stages."""

    def __init__(self):
        self.stages = []

    def phase(self, name):
        self.stages.append(name)


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


def test_a_stage_lasts_until_the_next_one_and_all_of_one_name_count_together(clock):
    timing = Stages(Listener())
    for name, seconds in (("reading", 1.0), ("training", 2.0), ("reading", 4.0), ("training", 8.0)):
        timing.begin(name)
        clock.now += seconds
    assert timing.reporter.stages == ["reading", "training", "reading", "training"]
    assert timing.seconds == {"reading": 5.0, "training": 2.0}
    timing.end()
    clock.now += 16.0
    timing.end()
    assert timing.seconds == {"reading": 5.0, "training": 10.0}


def test_an_outcome_keeps_the_times_of_its_moment(clock):
    timing = Stages(NullReporter())
    timing.begin("training")
    clock.now += 3.0
    timing.end()
    outcome = outcomes.make_outcome(1, sets=outcomes.SMALL_SETS)
    before = dict(outcome.timing)
    stamped = timing.stamp(outcome)
    timing.begin("writing")
    clock.now += 1.0
    timing.end()
    assert stamped.timing == {"training": 3.0}
    assert outcome.timing == before
    np.testing.assert_array_equal(stamped.predictions, outcome.predictions)
