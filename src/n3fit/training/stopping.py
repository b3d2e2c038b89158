"""Early stopping of every replica on its own, inside the compiled training loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import callbacks
from n3fit.backends import operations as op
from n3fit.model.training_model import POSITIVITY, TRAINING, VALIDATION
from n3fit.replica_arrays import SHARED, take_replicas
from n3fit.training.settings import ReplicaSettings, StoppingSettings
from n3fit.typing import Floats


@dataclass(frozen=True, eq=False)
class StoppingRules:
    """Settings of the stopping, and how many points each of R replicas has.

    Parameters
    ----------
    settings : StoppingSettings
    training_points, validation_points : (R,)
        Numbers of points or modes. For a replica without validation points the training loss takes the place of the
        validation loss.
    own : ReplicaSettings, optional
        With the patience and the number of epochs of each replica.
    """

    training_points: NDArray[np.int64]
    validation_points: NDArray[np.int64]
    settings: StoppingSettings = field(metadata=SHARED)
    own: ReplicaSettings | None = None

    @property
    def watch_training(self) -> NDArray[np.bool_]:
        """Replicas whose stopping depends on the training loss, (R,)."""
        return self.validation_points == 0

    def select(self, slots: NDArray[np.integer]) -> StoppingRules:
        """Return the rules of some of the replicas."""
        return take_replicas(self, slots)


@dataclass(frozen=True)
class ChunkSummary:
    """Chi2 per point of every replica at the end of a chunk of epochs, and which replicas are active."""

    epoch: int
    training: Floats
    validation: Floats
    positivity: Floats
    active: NDArray[np.bool_]


class ReplicaStopping(callbacks.DeviceCallback):
    """Callback that keeps the best weights of every replica and stops each on its own.

    In epoch e the losses are those of the weights before the update. An epoch is the best of a replica when its
    validation chi2 per point is below the threshold and below the best so far, and its positivity passes. A replica
    whose losses are not finite stops at once; its last finite weights, or its best, stay. Before there is a first
    good epoch, the weights kept are the latest finite ones.

    Parameters
    ----------
    rules : StoppingRules
    on_chunk : callable, optional
        Called on the host with a ChunkSummary at the end of each chunk of epochs.
    initial : dict of arrays, optional
        The state of these replicas at the end of another batch, from which this training continues.
    stop_early : callable, optional
        Called with the state and the epoch at the end of each chunk; the training ends there when it returns true,
        to be continued by another batch.
    padding : int
        Number of replicas at the end of the batch that only fill it: they are never active, nor reported.

    Attributes
    ----------
    epoch : int
        The last epoch reported to the host, -1 before the first.
    """

    def __init__(
        self,
        rules: StoppingRules,
        on_chunk: Callable[[ChunkSummary], None] | None = None,
        *,
        initial: Mapping[str, NDArray[Any]] | None = None,
        stop_early: Callable[[Mapping[str, NDArray[Any]], int], bool] | None = None,
        padding: int = 0,
    ) -> None:
        super().__init__()
        self.rules = rules
        self.on_chunk = on_chunk
        self.initial = initial
        self.stop_early = stop_early
        self.padding = padding
        self.epoch = -1

    def device_init(self, model: Any, replicas: int) -> dict[str, Any]:
        """Return the state before the first epoch."""
        fitted = np.arange(replicas) < replicas - self.padding
        if self.initial is not None:
            return {**self.initial, "active": self.initial["active"] & fitted}
        rules = self.rules
        kept = {f"kept_{index}": np.array(weight.numpy()) for index, weight in enumerate(model.trainable_variables)}
        infinite = np.full(replicas, np.inf, dtype=kept["kept_0"].dtype)
        return kept | {
            "active": fitted,
            "finite": np.ones(replicas, dtype=bool),
            "best_epoch": np.full(replicas, -1, dtype="int32"),
            "stop_epoch": np.full(replicas, -1, dtype="int32"),
            "waited": np.zeros(replicas, dtype="int32"),
            "best_loss": infinite,
            "best_training": infinite,
            "best_validation": infinite,
            "training": infinite,
            "validation": infinite,
            "positivity": infinite,
            "training_points": np.maximum(rules.training_points, 1).astype(infinite.dtype),
            "validation_points": np.maximum(rules.validation_points, 1).astype(infinite.dtype),
            "watch_training": np.array(rules.watch_training, dtype=bool),
            **self._own_state(),
        }

    def _own_state(self) -> dict[str, Any]:
        """Return the state that only replicas with settings of their own have."""
        own = self.rules.own
        if own is None:
            return {}
        return {"epochs": np.array(own.epochs, dtype="int32"), "patience": np.array(own.patience, dtype="int32")}

    def device_update(
        self, state: dict[str, Any], epoch: Any, outputs: Mapping[str, Any], weights: Sequence[Any]
    ) -> tuple[dict[str, Any], Any]:
        """Update best weights, patience and active flags by the losses of one epoch."""
        where = _where
        settings = self.rules.settings
        training = outputs[TRAINING] / _like(state["training_points"], outputs[TRAINING])
        validation = outputs[VALIDATION] / _like(state["validation_points"], outputs[VALIDATION])
        positivity = outputs.get(POSITIVITY, 0 * training)
        watched = where(state["watch_training"], training, validation)
        # a sum is finite only if every term is
        total = training + validation + positivity
        for value in outputs.values():
            total = total + 0 * value
        finite = op.backend_function("isfinite", total)
        running = state["active"]
        good = (
            running & finite & (positivity <= settings.positivity_threshold) & (watched < settings.threshold_chi2)
        )  # comparisons with nan are false
        lower = watched < state["best_loss"] - settings.delta
        better = good & lower
        has_best = state["best_epoch"] >= 0
        waited = where(lower | ~has_best, state["waited"], state["waited"] + 1)
        waited = where(better, 0 * waited, waited)
        active = running & finite & (waited < state.get("patience", settings.patience))
        if "epochs" in state:
            active = active & (epoch + 1 < state["epochs"])
        keep = better | (running & finite & ~has_best)
        kept = {
            f"kept_{index}": where(_along(keep, weight), weight, state[f"kept_{index}"])
            for index, weight in enumerate(weights)
        }
        epochs = 0 * state["best_epoch"] + epoch
        new_state = kept | {
            "active": active,
            "finite": state["finite"] & (finite | ~running),
            "best_epoch": where(better, epochs, state["best_epoch"]),
            "stop_epoch": where(running, epochs, state["stop_epoch"]),
            "waited": waited,
            "best_loss": where(better, watched, state["best_loss"]),
            "best_training": where(keep, training, state["best_training"]),
            "best_validation": where(keep, validation, state["best_validation"]),
            "training": training,
            "validation": validation,
            "positivity": positivity,
        }
        return {name: _like(new_state.get(name, state[name]), state[name]) for name in state}, active

    def device_receive(self, state: dict[str, Any], epoch: int) -> None:
        """Report to the host, and stop the training when every replica has finished."""
        self.epoch = epoch
        if self.on_chunk is not None:
            fitted = slice(len(state["active"]) - self.padding)
            self.on_chunk(
                ChunkSummary(
                    epoch=epoch,
                    training=np.asarray(state["training"][fitted], dtype=np.float64),
                    validation=np.asarray(state["validation"][fitted], dtype=np.float64),
                    positivity=np.asarray(state["positivity"][fitted], dtype=np.float64),
                    active=np.asarray(state["active"][fitted], dtype=bool),
                )
            )
        if not np.any(state["active"]) or (self.stop_early is not None and self.stop_early(state, epoch)):
            self.model.stop_training = True


def restore_weights(model: Any, state: Mapping[str, NDArray[Any]]) -> None:
    """Assign the best weights of each replica, from the state of their stopping, to a model of these replicas."""
    for index, weight in enumerate(model.trainable_variables):
        weight.assign(state[f"kept_{index}"])


def _where(condition: Any, first: Any, second: Any) -> Any:
    return op.backend_function("where", condition, first, second)


def _along(flags: Any, weight: Any) -> Any:
    """Reshape flags (R,) so that they select along the first axis of a weight."""
    return op.reshape(flags, (-1,) + (1,) * (len(weight.shape) - 1))


def _like(value: Any, old: Any) -> Any:
    """Cast a new value to the type that the state had before."""
    return op.backend_function("cast", value, dtype=op.backend_function("dtype", old))
