"""Settings of trials that train together: one training whose replicas have the settings of their trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from n3fit.backends import optimizer_default
from n3fit.compression.folding import FoldedObservable
from n3fit.fit.problem import make_penalty
from n3fit.fit.settings import PenaltySettings
from n3fit.model.spec import Penalty
from n3fit.training.settings import OptimizerSettings, ReplicaSettings, TrainingSettings


def join_settings(trials: Sequence[TrainingSettings], slots: int) -> TrainingSettings:
    """Return the settings of the training of T trials with ``slots`` replicas each, trial after trial.

    Those of a single trial are its own. The trials share everything but the numbers of :class:`ReplicaSettings`.
    """
    if len(trials) == 1:
        return trials[0]
    epochs = [trial.epochs for trial in trials]
    own = ReplicaSettings(
        epochs=np.repeat(epochs, slots),
        patience=np.repeat([trial.stopping.patience for trial in trials], slots),
        learning_rate=np.repeat([_argument(trial.optimizer, "learning_rate") for trial in trials], slots),
        clipnorm=np.repeat([_argument(trial.optimizer, "clipnorm") for trial in trials], slots),
    )
    return replace(trials[0], epochs=max(epochs), per_replica=own)


def join_penalties(trials: Sequence[PenaltySettings], observables: Sequence[FoldedObservable], slots: int) -> Penalty:
    """Return the penalties of T trials with ``slots`` replicas each, trial after trial."""
    if len(trials) == 1:
        return make_penalty(trials[0], observables)
    initial, growth = (
        np.repeat(np.array(values, dtype=np.float64), slots, axis=0)
        for values in ([trial.initial for trial in trials], [trial.growth for trial in trials])
    )
    return Penalty(observables=tuple(observables), initial=initial, growth=growth)


def _argument(optimizer: OptimizerSettings, name: str) -> float:
    """Return an argument of an optimiser, which may be its default; 0 where it has none."""
    given = optimizer.arguments.get(name)
    value = optimizer_default(optimizer.name, name) if given is None else given
    return 0.0 if value is None else float(value)
