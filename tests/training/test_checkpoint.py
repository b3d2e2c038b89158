"""A training that goes on from a checkpoint ends as one that was never interrupted, bit by bit."""

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest
from support import problems

from n3fit.progress import NullReporter
from n3fit.storage.arrays import arrays_from_bytes, arrays_to_bytes
from n3fit.training.checkpoint import NoMonitor, TrainingCheckpoint
from n3fit.training.compaction import CompactionRule
from n3fit.training.trainer import TrainedModel, train_replicas

EPOCHS, REPLICAS = 400, [3, 5, 8, 9]
NEVER, ALWAYS = 0.0, 1e30


class Interrupted(NoMonitor):
    """Monitor that keeps each checkpoint as bytes, and interrupts after the n-th chunk of epochs."""

    def __init__(self, after: int | None = None, resumed: bytes | None = None) -> None:
        self.after = after
        self.resumed = resumed
        self.chunks = 0
        self.kept: list[bytes] = []

    def start(self) -> TrainingCheckpoint | None:
        return None if self.resumed is None else TrainingCheckpoint.from_arrays(*arrays_from_bytes(self.resumed))

    def interruption(self) -> KeyboardInterrupt | None:
        self.chunks += 1
        return KeyboardInterrupt() if self.chunks == self.after else None

    def checkpoint_is_due(self, *, last: bool) -> bool:
        return True

    def write(self, make_checkpoint: Callable[[], TrainingCheckpoint]) -> None:
        header, arrays = make_checkpoint().to_arrays()
        self.kept.append(arrays_to_bytes(arrays, header))


def train(
    monitor: NoMonitor | None = None,
    *,
    dropout: float = 0.0,
    operations: float = NEVER,
    at_once: tuple[int, ...] = (1,),
) -> TrainedModel:
    """Train four replicas, of which some finish ``at_once``."""
    settings = problems.make_settings(
        epochs=EPOCHS, stopping_patience=0.25, stopping_delta=0.05,
        optimizer={"optimizer_name": "Nadam", "learning_rate": 5e-3},
    )  # fmt: skip
    problem = problems.make_problem(len(REPLICAS))
    problem.data[list(at_once)] = np.nan
    return train_replicas(
        settings, replace(problems.make_architecture(), dropout=dropout), problem, REPLICAS, progress=NullReporter(),
        compaction=CompactionRule(EPOCHS, EPOCHS // 4, operations), monitor=monitor,
    )  # fmt: skip


def contents(trained: TrainedModel) -> dict[str, np.ndarray]:
    """Return the record and the best weights."""
    record = {field.name: getattr(trained.record, field.name) for field in fields(trained.record)}
    weights = {f"weight {index}": weight.numpy() for index, weight in enumerate(trained.pdf_model.trainable_variables)}
    return record | {name: np.array(weight) for name, weight in weights.items()}


def check_equal(one: TrainedModel, other: TrainedModel) -> None:
    first, second = contents(one), contents(other)
    assert first.keys() == second.keys()
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name], err_msg=name)


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_a_resumed_training_is_bit_identical(dropout):
    whole = train(dropout=dropout)
    assert whole.record.stop_epoch.max() > 200  # the replicas differ: some stop before
    assert whole.record.stop_epoch[1] == 0
    first = Interrupted(after=1)
    stopped = train(first, dropout=dropout)
    assert isinstance(stopped.interruption, KeyboardInterrupt)
    assert stopped.finished.tolist() == (stopped.record.stop_epoch < 99).tolist()
    second = Interrupted(after=1, resumed=first.kept[-1])
    train(second, dropout=dropout)
    assert second.kept[-1] != first.kept[-1]
    resumed = train(Interrupted(resumed=second.kept[-1]), dropout=dropout)
    assert resumed.interruption is None
    assert resumed.finished.all()
    check_equal(resumed, whole)


def test_the_state_of_the_optimiser_and_of_the_random_streams_counts():
    """Without them the comparison above would find a difference."""
    first = Interrupted(after=1)
    train(first, dropout=0.2)
    header, arrays = arrays_from_bytes(first.kept[-1])
    whole = train(dropout=0.2)
    for word in ("momentum", "seed_generator_state"):
        (index, *_) = [number for number, name in enumerate(header["variables"]) if word in name and "_1" not in name]
        changed = arrays | {f"variable/{index}": arrays[f"variable/{index}"] + 1}
        resumed = train(Interrupted(resumed=arrays_to_bytes(changed, header)), dropout=0.2)
        both = [list(trained.record.training_history[0]) for trained in (resumed, whole)]
        assert both[0] != both[1], word


def test_replicas_that_left_the_batch_are_in_the_checkpoint():
    monitor = Interrupted()
    whole = train(monitor, operations=ALWAYS, at_once=(0, 1, 3))
    middle = next(
        content for content in monitor.kept
        if 0 < len(TrainingCheckpoint.from_arrays(*arrays_from_bytes(content)).batch.slots) < len(REPLICAS)
    )  # fmt: skip
    resumed = train(Interrupted(resumed=middle), operations=ALWAYS, at_once=(0, 1, 3))
    check_equal(resumed, whole)


def test_a_finished_training_is_not_trained_again(monkeypatch):
    monitor = Interrupted()
    whole = train(monitor)
    monkeypatch.setattr("n3fit.training.trainer.Batch", None)
    check_equal(train(Interrupted(resumed=monitor.kept[-1])), whole)


def test_content_without_a_state_is_an_error():
    monitor = Interrupted(after=1)
    train(monitor)
    header, arrays = arrays_from_bytes(monitor.kept[-1])
    with pytest.raises(ValueError, match="slots"):
        TrainingCheckpoint.from_arrays(header, {name: value for name, value in arrays.items() if name != "slots"})
    with pytest.raises(ValueError, match="no state of the replicas"):
        TrainingCheckpoint.from_arrays(
            header, {name: value for name, value in arrays.items() if not name.startswith("batch/")}
        )
