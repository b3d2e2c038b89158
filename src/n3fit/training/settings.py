"""Settings of a training: plain numbers, independent of the runcard and of the replicas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from n3fit.replica_arrays import take_replicas
from n3fit.typing import Floats, Integers


@dataclass(frozen=True)
class OptimizerSettings:
    """An optimiser and the arguments that differ from its defaults, see ``n3fit.vocabulary.OPTIMIZERS``."""

    name: str
    arguments: Mapping[str, float | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class StoppingSettings:
    """When an epoch counts as good, and when a replica has finished.

    Parameters
    ----------
    patience : int
        A replica stops after so many epochs whose validation loss is not better than that of its best epoch. Epochs
        with a better loss that fail positivity do not count: the loss can still be improved.
    threshold_chi2 : float
        Epochs with a larger validation chi2 per point are never the best.
    positivity_threshold : float
        Positivity passes when no set has a larger loss (before any multiplier).
    delta : float
        Gain in validation chi2 per point below which an epoch is not better.
    """

    patience: int
    threshold_chi2: float
    positivity_threshold: float
    delta: float = 0.0


@dataclass(frozen=True)
class TensorBoardSettings:
    """Where TensorBoard logs are written; histograms every ``weight_freq`` epochs, never for 0."""

    folder: Path
    profiling: bool = False
    weight_freq: int = 0


@dataclass(frozen=True, eq=False)
class ReplicaSettings:
    """Settings of R replicas that train together, where each has its own.

    Parameters
    ----------
    epochs : (R,) int
        A replica is not trained further after its last epoch.
    patience : (R,) int
        See :class:`StoppingSettings`.
    learning_rate : (R,)
    clipnorm : (R,)
        Zero for no clipping.
    """

    epochs: Integers
    patience: Integers
    learning_rate: Floats
    clipnorm: Floats


@dataclass(frozen=True)
class TrainingSettings:
    """How replicas are trained.

    Parameters
    ----------
    epochs : int
    optimizer : OptimizerSettings
    stopping : StoppingSettings
    deterministic : bool
        Whether finished replicas stay in the batch, so that each replica is computed by one and the same program.
    tensorboard : TensorBoardSettings, optional
    per_replica : ReplicaSettings, optional
        In place of the epochs, of the patience, and of the learning rate and clip norm among the arguments of the
        optimiser; ``epochs`` is the largest number then.
    """

    epochs: int
    optimizer: OptimizerSettings
    stopping: StoppingSettings
    deterministic: bool = False
    tensorboard: TensorBoardSettings | None = None
    per_replica: ReplicaSettings | None = None

    def select(self, rows: NDArray[np.integer]) -> TrainingSettings:
        """Return the settings of the replicas at the positions ``rows``, in this order."""
        if self.per_replica is None:
            return self
        own = take_replicas(self.per_replica, rows)
        return replace(self, epochs=int(own.epochs.max()), per_replica=own)
