"""Trials that train together have the results that they have alone."""

from dataclasses import fields

import numpy as np
import pytest
from support.trials import limit_memory, make_card, make_evaluator, parameters_of

from n3fit.hyperopt.trial_result import TrialResult
from n3fit.training import batch


def optimizer(name="Nadam", **options):
    return {"optimizer": {"optimizer_name": name, **options}}


TRIALS = [
    parameters_of(epochs=110, stopping_patience=1.0, **optimizer(learning_rate=2e-3, clipnorm=6e-6)),
    parameters_of(
        epochs=60, stopping_patience=0.2, positivity={"initial": 300, "multiplier": 2.0, "threshold": 1e30},
        **optimizer(learning_rate=2e-2, clipnorm=1.0),
    ),
    parameters_of(
        epochs=30, integrability={"initial": 5, "multiplier": 3.0}, positivity={"multiplier": 1.5, "threshold": 1e30},
        **optimizer(clipnorm=0),
    ),
    parameters_of(epochs=50, **optimizer(learning_rate=1e200)),
]  # fmt: skip
"""Every number that a replica has for itself differs; the last one becomes infinite."""

OTHER_NETWORK = parameters_of(epochs=20, nodes_per_layer=[3, 8])
INVALID = parameters_of(nodes_per_layer=[4, 7])


@pytest.fixture(scope="module")
def evaluator(paths):
    return make_evaluator(paths, penalties=["saturation", "patience", "integrability"])


@pytest.fixture(scope="module")
def alone(evaluator):
    return [evaluator.evaluate(trial) for trial in TRIALS]


def check_equal(one, other):
    assert (one.status, one.reason) == (other.status, other.reason)
    for entry in fields(one):
        mine, theirs = getattr(one, entry.name), getattr(other, entry.name)
        if entry.name == "penalties":
            for name in mine:
                np.testing.assert_allclose(mine[name], theirs[name], rtol=1e-5, err_msg=name)
        elif entry.name not in {"status", "reason", "seconds"}:
            np.testing.assert_allclose(mine, theirs, rtol=1e-6, err_msg=entry.name)


@pytest.fixture
def sizes(monkeypatch):
    """Return the sizes of the batches that are built."""
    found = []
    build = batch.Batch.__init__

    def recorded(self, *arguments, **options):
        build(self, *arguments, **options)
        found.append(len(self.slots))

    monkeypatch.setattr(batch.Batch, "__init__", recorded)
    return found


def test_together_as_alone(evaluator, alone, sizes):
    """In the order of the trials, though another network and an invalid one are between them."""
    trials = [TRIALS[0], OTHER_NETWORK, TRIALS[1], INVALID, *TRIALS[2:]]
    results = evaluator.evaluate_together(trials)
    assert sizes[0] == 4 * 2 * 2  # trials, folds, replicas
    assert [result.status for result in results] == ["ok", "ok", "ok", "fail", "ok", "fail"]
    for position, expected in zip((0, 2, 4, 5), alone, strict=True):
        check_equal(results[position], expected)
    assert "NaN or infinity" in results[5].reason
    assert "nodes_per_layer" in results[3].reason


def test_a_batch_that_does_not_fit_is_divided(evaluator, alone, monkeypatch):
    """After the first fold of the second trial this one is stopped: its second fold is not trained."""
    sizes = limit_memory(monkeypatch, 6)
    results = evaluator.evaluate_together(TRIALS[:3], on_fold=[None, lambda number, loss: True, None])
    assert sizes == [12, 6, 4]
    check_equal(results[0], alone[0])
    check_equal(results[2], alone[2])
    assert len(results[1].hyper_losses) == 1
    assert "stopped between folds" in results[1].reason


def test_too_little_memory_for_one_replica_fails_all(evaluator, monkeypatch):
    limit_memory(monkeypatch, 0)
    results = evaluator.evaluate_together(TRIALS[:2])
    assert [result.status for result in results] == ["fail", "fail"]
    assert all("memory" in result.reason for result in results)


@pytest.mark.parametrize("debug", [False, True])
def test_deterministic_trials_are_trained_alone(paths, monkeypatch, debug):
    evaluator = make_evaluator(paths, make_card(debug=debug), replicas=(1,))
    groups = []

    def evaluate(cards, observers):
        groups.append([card.parameters.epochs for card in cards])
        return [TrialResult("ok", loss=float(card.parameters.epochs)) for card in cards]

    monkeypatch.setattr(evaluator, "_evaluate", evaluate)
    results = evaluator.evaluate_together([parameters_of(epochs=epochs) for epochs in (5, 6, 7)])
    assert groups == ([[5], [6], [7]] if debug else [[5, 6, 7]])
    assert [result.loss for result in results] == [5, 6, 7]
