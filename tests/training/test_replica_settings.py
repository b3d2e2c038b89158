"""Replicas that train together with settings of their own are the replicas of trainings with one setting each."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from support import problems

from n3fit.progress import NullReporter
from n3fit.training.record import TrainingRecord
from n3fit.training.settings import ReplicaSettings, TrainingSettings
from n3fit.training.trainer import TrainedModel, compaction_rule, train_replicas

OWN = ReplicaSettings(
    epochs=np.array([140, 60, 180, 230]),
    patience=np.array([140, 60, 15, 230]),
    learning_rate=np.array([5e-4, 1e-3, 2e-2, 1e200]),
    clipnorm=np.array([6e-6, 1e-3, 0.0, 1.0]),
)
"""The last replica becomes infinite."""

REPLICAS = [3, 5, 8, 9]


@pytest.fixture(autouse=True)
def in_double_precision():
    from n3fit.backends import set_initial_state

    set_initial_state(double_precision=True)
    yield
    set_initial_state()


def make_problem():
    """Return a problem in which each replica has its own multipliers."""
    problem = problems.make_problem(4)
    positivity = replace(
        problem.positivity,
        initial=np.array([[1.0, 2.0], [50.0, 3.0], [10.0, 10.0], [1.0, 1.0]]),
        growth=np.array([[1.5, 2.0], [1e300, 3.0], [9.0, 1.1], [2.0, 2.0]]),
    )
    integrability = replace(
        problem.integrability,
        initial=np.array([[1.0], [2.0], [30.0], [4.0]]),
        growth=np.array([[2.0], [1e300], [3.0], [4.0]]),
    )
    return replace(problem, positivity=positivity, integrability=integrability)


def make_settings(own: ReplicaSettings | None) -> TrainingSettings:
    settings = problems.make_settings(epochs=230, optimizer={"optimizer_name": "Nadam"}, stopping_delta=0.02)
    return replace(settings, per_replica=own)


def train(settings: TrainingSettings, problem, replicas, operations: float = 0.0) -> TrainedModel:
    architecture = problems.make_architecture()
    rule = replace(compaction_rule(settings, architecture, problem), operations=operations)
    return train_replicas(settings, architecture, problem, replicas, progress=NullReporter(), compaction=rule)


@cache
def train_alone(number: int) -> tuple[TrainingRecord, list[np.ndarray]]:
    """Return one of the replicas, trained with its settings as those of the training."""
    settings = make_settings(None)
    settings = replace(
        settings,
        epochs=int(OWN.epochs[number]),
        stopping=replace(settings.stopping, patience=int(OWN.patience[number])),
        optimizer=replace(
            settings.optimizer,
            arguments={
                "learning_rate": float(OWN.learning_rate[number]),
                "clipnorm": float(OWN.clipnorm[number]),
            },
        ),
    )
    problem = make_problem().select([number])
    shared = {
        name: replace(penalty, initial=penalty.initial[0], growth=penalty.growth[0])
        for name, penalty in (("positivity", problem.positivity), ("integrability", problem.integrability))
    }
    trained = train(settings, replace(problem, **shared), [REPLICAS[number]])
    return trained.record, weights_of(trained, 0)


def weights_of(trained: TrainedModel, number: int) -> list[np.ndarray]:
    weights = trained.pdf_model.get_replica_weights(number)
    return [np.array(array) for arrays in weights.values() for array in arrays]


@pytest.mark.parametrize("operations", [0.0, 1e30], ids=["one batch", "shrinking batches"])
def test_together_as_alone(operations):
    together = train(make_settings(OWN), make_problem(), REPLICAS, operations)
    record = together.record
    assert record.stop_epoch[:2].tolist() == [139, 59]  # their last epochs
    assert record.stop_epoch[2] == record.best_epoch[2] + 15 < 179  # its patience
    np.testing.assert_array_equal(record.finite, [True, True, True, False])
    for number in range(4):
        alone, weights = train_alone(number)
        for name in ("stop_epoch", "best_epoch", "finite"):
            assert getattr(record, name)[number] == getattr(alone, name)[0]
        for name in ("training_chi2", "validation_chi2"):
            assert getattr(record, name)[number] == pytest.approx(getattr(alone, name)[0], rel=1e-7)
        for many, one in zip(weights_of(together, number), weights, strict=True):
            np.testing.assert_allclose(many, one, rtol=0, atol=1e-7)


def test_selected_replicas():
    chosen = np.array([2, 1])
    settings = make_settings(OWN).select(chosen)
    assert (settings.epochs, settings.per_replica.learning_rate.tolist()) == (180, [2e-2, 1e-3])
    assert make_settings(OWN).select(np.array([1])).epochs == 60
    plain = make_settings(None)
    assert plain.select(chosen) is plain
    problem = make_problem().select(chosen)
    np.testing.assert_array_equal(problem.positivity.initial, [[10, 10], [50, 3]])
    np.testing.assert_array_equal(problem.integrability.growth, [[3], [1e300]])
