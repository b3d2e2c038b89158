"""Settings of a training: plain numbers, independent of the runcard and of the replicas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


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
    """

    epochs: int
    optimizer: OptimizerSettings
    stopping: StoppingSettings
    deterministic: bool = False
    tensorboard: TensorBoardSettings | None = None
