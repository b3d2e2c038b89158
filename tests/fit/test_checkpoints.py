"""The folder of checkpoints of a fit: when they are written, and for which fit they are."""

import numpy as np
import pytest

from n3fit.backends import TrainingState
from n3fit.errors import DataError
from n3fit.fit.checkpoints import (
    COST,
    SHORTEST_INTERVAL,
    FitCheckpoints,
    checkpoint_folder,
    has_checkpoints,
    open_checkpoints,
)
from n3fit.training.batch import BatchState
from n3fit.training.checkpoint import TrainingCheckpoint

HASHES = {"runcard": 64 * "a", "data HERA": 64 * "b"}


class Clock:
    """A clock that advances by a step whenever it is read."""

    def __init__(self, step: float = 0.0) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def state(epoch: int = 100) -> TrainingCheckpoint:
    stopping = {"active": np.array([True, False]), "kept_0": np.arange(4.0).reshape(2, 2)}
    batch = BatchState(np.arange(2), epoch, TrainingState((), (), ()), stopping)
    history = {
        "history_epochs": np.array([99]),
        "training_history": np.ones((2, 1)),
        "validation_history": np.ones((2, 1)),
    }
    return TrainingCheckpoint(batch, stopping, history)


def test_the_folder_is_beside_the_fit(tmp_path):
    assert checkpoint_folder(tmp_path / "fits" / "a.b") == tmp_path / "fits" / "a.b.checkpoint"


def test_the_interval_is_that_of_the_option(tmp_path):
    clock = Clock()
    checkpoints = FitCheckpoints(tmp_path, HASHES, [1, 2], minutes=2, clock=clock)
    clock.now = 119
    assert not checkpoints.is_due()
    clock.now = 120
    assert checkpoints.is_due()
    assert FitCheckpoints(tmp_path, HASHES, [1, 2], minutes=0, clock=clock).is_due()


def test_by_default_they_cost_less_than_a_percent(tmp_path):
    clock = Clock()
    checkpoints = FitCheckpoints(tmp_path, HASHES, [1, 2], clock=clock)
    clock.now = SHORTEST_INTERVAL - 1
    assert not checkpoints.is_due()
    clock.now = SHORTEST_INTERVAL
    assert checkpoints.is_due()
    clock.step = 0.5  # that long a checkpoint takes to write
    checkpoints.write([1, 2], state)
    clock.step, written = 0.0, clock.now
    clock.now = written + 0.5 * COST - 1
    assert not checkpoints.is_due()
    clock.now = written + 0.5 * COST
    assert checkpoints.is_due()
    assert 1 / COST < 0.01


def test_groups_have_series_of_their_own(tmp_path):
    checkpoints = FitCheckpoints(tmp_path, HASHES, [1, 2, 3, 4])
    checkpoints.write([1, 2], lambda: state(100))
    checkpoints.write([3, 4], lambda: state(700))
    assert checkpoints.read([1, 2]).batch.epoch == 100
    assert checkpoints.read([3, 4]).batch.epoch == 700
    assert checkpoints.read([1, 2, 3, 4]) is None
    assert checkpoints.written == 2


def test_other_inputs_are_refused_by_name(tmp_path):
    FitCheckpoints(tmp_path, HASHES, [1, 2]).write([1, 2], state)
    other = FitCheckpoints(tmp_path, HASHES | {"data HERA": 64 * "c", "data NMC": 64 * "d"}, [1, 2])
    for check in (other.check, lambda: other.read([1, 2])):
        with pytest.raises(DataError, match="made with other inputs: data HERA, data NMC") as caught:
            check()
    assert "--force" in caught.value.hint
    FitCheckpoints(tmp_path / "b", {"backend": "jax"}, [1]).write([1], state)
    with pytest.raises(DataError, match=r"backend \(jax then, torch now\)"):
        FitCheckpoints(tmp_path / "b", {"backend": "torch"}, [1]).check()


def test_other_replicas_are_refused(tmp_path):
    FitCheckpoints(tmp_path, HASHES, [1, 2]).write([1, 2], state)
    with pytest.raises(DataError, match="is of replicas 1-2, received 1-3") as caught:
        FitCheckpoints(tmp_path, HASHES, [1, 2, 3]).check()
    assert "continue with --replicas 1-2" in caught.value.hint


def test_opened_anew_they_are_removed_and_to_resume_they_stay(tmp_path):
    def opened(resume):
        return open_checkpoints(tmp_path / "fit", HASHES, [1, 2], minutes=None, resume=resume)

    opened(False).write([1, 2], state)
    folder = checkpoint_folder(tmp_path / "fit")
    assert has_checkpoints(folder)
    assert opened(True).read([1, 2]).batch.epoch == 100
    assert not has_checkpoints(opened(False).folder)
