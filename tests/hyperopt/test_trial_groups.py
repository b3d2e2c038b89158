"""Which trials train together."""

from typing import Any

import pytest

from n3fit.hyperopt.trial_groups import group_trials, shared_parameters, trials_at_once

TRIAL: dict[str, Any] = {
    "nodes_per_layer": [6, 8],
    "activation_per_layer": "tanh",
    "initializer": "glorot_normal",
    "optimizer": {"optimizer_name": "Nadam", "learning_rate": 1e-3, "clipnorm": 1e-5},
    "epochs": 100,
    "stopping_patience": 0.1,
    "threshold_chi2": 3.5,
    "positivity": {"initial": 10.0, "multiplier": 2.0, "threshold": 1e-6},
    "integrability": {"initial": 10.0},
}


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs": 50, "stopping_patience": 0.4},
        {"optimizer": {"optimizer_name": "Nadam", "learning_rate": 1e-2}},
        {"positivity": {"multiplier": 1.5, "threshold": 1e-6}, "integrability": {"initial": None, "multiplier": 3.0}},
        {"integrability": None, "dropout": None},
    ],
)
def test_numbers_of_replicas_may_differ(changes: dict[str, Any]) -> None:
    assert shared_parameters(TRIAL) == shared_parameters(TRIAL | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"nodes_per_layer": [7, 8]},
        {"activation_per_layer": "relu"},
        {"initializer": "glorot_uniform"},
        {"layer_type": "dense_per_flavour"},
        {"dropout": 0.1},
        {"threshold_chi2": 4.0},
        {"optimizer": {"optimizer_name": "Adam", "learning_rate": 1e-3, "clipnorm": 1e-5}},
        {"optimizer": {"optimizer_name": "Nadam", "momentum": 0.5}},
        {"positivity": {"initial": 10.0, "multiplier": 2.0, "threshold": 1e-3}},
    ],
)
def test_the_rest_may_not(changes: dict[str, Any]) -> None:
    assert shared_parameters(TRIAL) != shared_parameters(TRIAL | changes)


def test_groups_keep_the_order() -> None:
    other = TRIAL | {"dropout": 0.1}
    assert group_trials([TRIAL, other, TRIAL | {"epochs": 3}, TRIAL, other]) == [[0, 2, 3], [1, 4]]
    assert group_trials([]) == []


@pytest.mark.parametrize(("slots", "trials", "expected"), [(20, 50, 5), (20, 3, 3), (300, 50, 1), (1, 1000, 100)])
def test_number_at_once(slots: int, trials: int, expected: int) -> None:
    assert trials_at_once(slots, trials) == expected
