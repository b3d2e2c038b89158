"""The history of the losses, and how it goes on."""

import numpy as np

from n3fit.progress import NullReporter
from n3fit.training.history import History
from n3fit.training.stopping import ChunkSummary


class Listener(NullReporter):
    def __init__(self):
        self.heard = []

    def epoch(self, epoch, total, losses, active, replicas):
        self.heard.append((epoch, total, dict(losses), active, replicas))


def summary(epoch, values, active):
    values = np.array(values, dtype=float)
    return ChunkSummary(epoch, values, 2 * values, 0 * values, np.array(active))


def test_finished_replicas_keep_their_last_losses():
    listener = Listener()
    history = History(3, 300, listener)
    history(np.arange(3), summary(99, [1, 2, 3], [True, False, True]))
    history(np.array([0, 2]), summary(199, [0.5, 1.5], [True, True]))
    arrays = history.arrays()
    np.testing.assert_array_equal(arrays["history_epochs"], [99, 199])
    np.testing.assert_array_equal(arrays["training_history"], [[1, 0.5], [2, 2], [3, 1.5]])
    np.testing.assert_array_equal(arrays["validation_history"], 2 * arrays["training_history"])
    assert listener.heard[-1] == (200, 300, {"training": 1.0, "validation": 2.0}, 2, 3)


def test_a_restored_history_goes_on():
    history, other = (History(2, 300, NullReporter()) for _ in range(2))
    history(np.arange(2), summary(99, [1, 2], [False, True]))
    other.restore(history.arrays(), np.array([False, True]))
    for each in (history, other):
        each(np.array([1]), summary(199, [4], [True]))
    for name, values in history.arrays().items():
        np.testing.assert_array_equal(other.arrays()[name], values)
    np.testing.assert_array_equal(other.arrays()["training_history"], [[1, 1], [2, 4]])
