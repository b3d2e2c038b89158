"""Early stopping on the device against a plain loop over epochs and replicas."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from n3fit.backends import operations as op
from n3fit.training.settings import StoppingSettings
from n3fit.training.stopping import ReplicaStopping, StoppingRules, restore_weights

EPOCHS, REPLICAS = 60, 12


def make_rules(**changes) -> StoppingRules:
    settings = {"patience": 8, "threshold_chi2": 3.0, "positivity_threshold": 1e-6, "delta": 0.0}
    points = {"training_points": np.arange(REPLICAS) + 20, "validation_points": np.arange(REPLICAS) + 5}
    settings |= {name: value for name, value in changes.items() if name in settings}
    points |= {name: value for name, value in changes.items() if name in points}
    return StoppingRules(**points, settings=StoppingSettings(**settings))


def recorded_losses(seed: int) -> dict[str, np.ndarray]:
    """Return losses (EPOCHS, REPLICAS) that fall and rise again, with nan, inf and failing positivity."""
    random = np.random.default_rng(seed)
    epochs = np.arange(EPOCHS)[:, np.newaxis]
    bottom = random.integers(5, 70, REPLICAS)
    shape = 1 + ((epochs - bottom) / 20) ** 2 + random.normal(0, 0.15, (EPOCHS, REPLICAS))
    losses = {
        "training": shape * (20 + np.arange(REPLICAS)),
        "validation": shape * random.uniform(0.5, 1.5, REPLICAS) * (5 + np.arange(REPLICAS)),
        "positivity": np.where(random.random((EPOCHS, REPLICAS)) < 0.4, 1e-3, -1e-8),
        "positivity_penalty": np.ones((EPOCHS, REPLICAS)),
    }
    losses["positivity"][:, 1] = 1.0  # never positive
    losses["training"][0, 2] = np.nan  # broken from the start
    losses["validation"][10, 3] = np.inf
    losses["positivity_penalty"][25, 4] = np.nan
    losses["validation"][:, 5] = 100.0 * (5 + 5)  # never below the threshold
    return {name: values.astype(np.float32) for name, values in losses.items()}


def weights_at(epoch: int) -> list[np.ndarray]:
    """Return weights from which epoch and replica follow."""
    number = 1000.0 * epoch + np.arange(REPLICAS)
    return [
        np.broadcast_to(number[:, np.newaxis, np.newaxis], (REPLICAS, 2, 3)).astype(np.float32),
        number.reshape(-1, 1),
    ]


def plain_stopping(losses, rules: StoppingRules, replica: int) -> dict[str, float]:
    """Follow one replica, epoch by epoch."""
    state = {"best_epoch": -1, "stop_epoch": -1, "kept": 0, "finite": True, "active": True, "waited": 0}
    state |= {"best_loss": np.inf, "best_training": np.inf, "best_validation": np.inf}
    for epoch in range(EPOCHS):
        values = {name: value[epoch, replica] for name, value in losses.items()}
        state["stop_epoch"] = epoch
        if not all(np.isfinite(value) for value in values.values()):
            state["finite"] = state["active"] = False
            break
        training = values["training"] / np.float32(max(1, rules.training_points[replica]))
        validation = values["validation"] / np.float32(max(1, rules.validation_points[replica]))
        watched = training if rules.watch_training[replica] else validation
        passes = values["positivity"] <= rules.settings.positivity_threshold and watched < rules.settings.threshold_chi2
        lower = watched < state["best_loss"] - rules.settings.delta
        better = passes and lower
        if better or state["best_epoch"] < 0:
            state |= {"kept": epoch, "best_training": training, "best_validation": validation}
        if better:
            state |= {"best_epoch": epoch, "best_loss": watched, "waited": 0}
        elif state["best_epoch"] >= 0 and not lower:
            state["waited"] += 1
        if state["waited"] >= rules.settings.patience:
            state["active"] = False
            break
    return state


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"delta": 0.05},
        {"patience": 1},
        {"validation_points": np.zeros(REPLICAS, dtype=int)},
    ],
    ids=["usual", "delta", "impatient", "no-validation"],
)
def test_equals_a_plain_loop(changes):
    rules = make_rules(**changes)
    losses = recorded_losses(3)
    stopping = ReplicaStopping(rules)
    model = SimpleNamespace(trainable_variables=[keras.Variable(weight, dtype="float32") for weight in weights_at(0)])
    state = {
        name: op.backend_function("convert_to_tensor", value)
        for name, value in stopping.device_init(model, REPLICAS).items()
    }
    for epoch in range(EPOCHS):
        outputs = {
            name: op.backend_function("convert_to_tensor", value[epoch], dtype="float32")
            for name, value in losses.items()
        }
        weights = [op.backend_function("convert_to_tensor", weight, dtype="float32") for weight in weights_at(epoch)]
        state, active = stopping.device_update(state, epoch, outputs, weights)
    state = {name: np.asarray(value) for name, value in state.items()}
    assert {array.dtype.name for array in state.values()} == {"float32", "int32", "bool"}
    np.testing.assert_array_equal(active, state["active"])
    for replica in range(REPLICAS):
        expected = plain_stopping(losses, rules, replica)
        for name in ("best_epoch", "stop_epoch", "finite", "active"):
            assert state[name][replica] == expected[name], (name, replica)
        for name in ("best_loss", "best_training", "best_validation"):
            assert state[name][replica] == pytest.approx(expected[name], rel=1e-6), (name, replica)
        kept = 1000.0 * expected["kept"] + replica
        assert (state["kept_0"][replica] == kept).all()
        assert state["kept_1"][replica] == [kept]
    # the cases are all there
    assert state["best_epoch"][[1, 2, 5]].tolist() == [-1, -1, -1] or rules.watch_training.all()
    assert state["finite"].tolist() == [
        replica not in (2, 3, 4) or state["finite"][replica] for replica in range(REPLICAS)
    ]
    assert not state["finite"][2]


def test_host_hears_of_chunks_and_stops_when_nobody_is_left():
    heard = []
    stopping = ReplicaStopping(make_rules(), on_chunk=heard.append)
    stopping.set_model(SimpleNamespace(stop_training=False))
    state = {name: np.arange(3.0) for name in ("training", "validation", "positivity")}
    stopping.device_receive(state | {"active": np.array([True, False, False])}, 99)
    assert not stopping.model.stop_training
    assert heard[0].epoch == 99
    np.testing.assert_array_equal(heard[0].validation, [0, 1, 2])
    stopping.device_receive(state | {"active": np.zeros(3, dtype=bool)}, 199)
    assert stopping.model.stop_training


def test_restore_gives_back_the_kept_weights():
    model = SimpleNamespace(trainable_variables=[keras.Variable(weight, dtype="float32") for weight in weights_at(0)])
    restore_weights(model, {f"kept_{index}": weight.astype(np.float32) for index, weight in enumerate(weights_at(7))})
    for variable, weight in zip(model.trainable_variables, weights_at(7), strict=True):
        np.testing.assert_array_equal(variable.numpy(), weight.astype(np.float32))


def test_replicas_that_fill_the_batch_are_neither_active_nor_reported():
    model = SimpleNamespace(
        trainable_variables=[SimpleNamespace(numpy=lambda: np.zeros((REPLICAS, 2)))], stop_training=False
    )
    summaries = []
    stopping = ReplicaStopping(make_rules(), summaries.append, padding=3)
    stopping.set_model(model)
    state = stopping.device_init(model, REPLICAS)
    assert state["active"].tolist() == [True] * (REPLICAS - 3) + [False] * 3
    assert state["finite"].all()
    again = ReplicaStopping(make_rules(), initial=state | {"active": np.ones(REPLICAS, dtype=bool)}, padding=2)
    assert again.device_init(model, REPLICAS)["active"].tolist() == [True] * (REPLICAS - 2) + [False] * 2
    state["training"] = np.arange(REPLICAS)
    stopping.device_receive(state, 99)
    assert summaries[0].training.tolist() == list(range(REPLICAS - 3))
    assert summaries[0].active.tolist() == [True] * (REPLICAS - 3)
    assert not model.stop_training
    stopping.device_receive(state | {"active": np.zeros(REPLICAS, dtype=bool)}, 199)
    assert model.stop_training
