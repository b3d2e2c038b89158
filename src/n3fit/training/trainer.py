"""Training the replicas of a fit, all at once."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import callbacks, operations
from n3fit.model.architecture import Architecture
from n3fit.model.pdf_model import build_pdf_model
from n3fit.model.problem import TrainingProblem
from n3fit.model.training_model import (
    INTEGRABILITY_PENALTY,
    POSITIVITY_PENALTY,
    TRAINED_OUTPUTS,
    build_training_model,
)
from n3fit.progress import ProgressReporter
from n3fit.runcard import Runcard
from n3fit.training.multipliers import MultiplierGrowth
from n3fit.training.stopping import ChunkSummary, ReplicaStopping, StoppingRules

Floats = NDArray[np.float64]
ReplicaWeights = Mapping[str, list[NDArray[np.floating]]]


@dataclass(frozen=True)
class TrainedReplicas:
    """The end of a training; R replicas, history at H epochs.

    Parameters
    ----------
    pdf_model : MetaModel
        With the best weights of every replica.
    stop_epoch, best_epoch : (R,)
        -1 for a replica without a good epoch.
    training_chi2, validation_chi2 : (R,)
        Per point, of the weights in ``pdf_model``.
    finite : (R,) bool
        Whether every loss was finite.
    finished : (R,) bool
        Whether the replica ended its training: false for those that an interruption cut short.
    interruption : KeyboardInterrupt or None
        What cut the training short.
    history_epochs : (H,)
    history_training, history_validation : (H, R)
    seconds : float
    """

    pdf_model: Any
    stop_epoch: NDArray[np.int64]
    best_epoch: NDArray[np.int64]
    training_chi2: Floats
    validation_chi2: Floats
    finite: NDArray[np.bool_]
    finished: NDArray[np.bool_]
    interruption: KeyboardInterrupt | None
    history_epochs: NDArray[np.int64]
    history_training: Floats
    history_validation: Floats
    seconds: float


def train_replicas(
    runcard: Runcard,
    architecture: Architecture,
    problem: TrainingProblem,
    replicas: Sequence[int],
    *,
    progress: ProgressReporter,
    load: ReplicaWeights | None = None,
    tensorboard: Path | None = None,
) -> TrainedReplicas:
    """Train some replicas together.

    An interruption from the keyboard ends the training early; the replicas that had finished are marked.

    Parameters
    ----------
    load : mapping, optional
        Weights of a single replica, layer to its arrays, from which every replica starts.
    tensorboard : Path, optional
        Folder for TensorBoard logs.

    Raises
    ------
    ValueError
        The weights to load have other shapes.
    """
    started = time.perf_counter()
    pdf_model = build_pdf_model(architecture, replicas)
    if load is not None:
        for index in range(len(replicas)):
            pdf_model.set_replica_weights(load, index)
    model = build_training_model(pdf_model, problem, dropout=architecture.dropout > 0)
    _compile(model, runcard)
    recorder = _Recorder(len(replicas), runcard.parameters.epochs, progress)
    stopping = ReplicaStopping(stopping_rules(runcard, problem), on_chunk=recorder)
    growth = {
        name: penalty.growth
        for name, penalty in ((POSITIVITY_PENALTY, problem.positivity), (INTEGRABILITY_PENALTY, problem.integrability))
        if penalty.observables
    }
    chosen: list[Any] = [stopping, MultiplierGrowth(growth)]
    if tensorboard is not None and runcard.tensorboard is not None:
        chosen.append(
            callbacks.gen_tensorboard_callback(
                tensorboard, profiling=runcard.tensorboard.profiling, histogram_freq=runcard.tensorboard.weight_freq
            )
        )
    try:
        model.perform_fit(epochs=runcard.parameters.epochs, callbacks=chosen, history="chunk")
        interruption = None
    except KeyboardInterrupt as error:
        if not stopping.state:
            raise
        interruption = error
    stopping.restore(model)
    state = stopping.state
    return TrainedReplicas(
        pdf_model=pdf_model,
        stop_epoch=np.asarray(state["stop_epoch"], dtype=np.int64),
        best_epoch=np.asarray(state["best_epoch"], dtype=np.int64),
        training_chi2=np.asarray(state["best_training"], dtype=np.float64),
        validation_chi2=np.asarray(state["best_validation"], dtype=np.float64),
        finite=np.asarray(state["finite"], dtype=bool),
        finished=~np.asarray(state["alive"], dtype=bool) | (interruption is None),
        interruption=interruption,
        history_epochs=np.array(recorder.epochs, dtype=np.int64),
        history_training=np.array(recorder.training).reshape(-1, len(replicas)),
        history_validation=np.array(recorder.validation).reshape(-1, len(replicas)),
        seconds=time.perf_counter() - started,
    )


def stopping_rules(runcard: Runcard, problem: TrainingProblem) -> StoppingRules:
    """Give the rules of a runcard for early stopping."""
    parameters = runcard.parameters
    return StoppingRules(
        patience=max(1, round(parameters.stopping_patience * parameters.epochs)),
        threshold_chi2=parameters.threshold_chi2,
        positivity_threshold=parameters.positivity.threshold,
        delta=parameters.stopping_delta,
        training_points=problem.training_points,
        validation_points=problem.validation_points,
        watch_training=not problem.has_validation,
    )


def _compile(model: Any, runcard: Runcard) -> None:
    optimizer = runcard.parameters.optimizer
    losses = {
        name: (lambda target, prediction: operations.sum(prediction)) if name in TRAINED_OUTPUTS else None
        for name in model.unique_output_names
    }
    model.compile(optimizer.optimizer_name, loss=losses, **optimizer.options)


class _Recorder:
    """Keeps the history and tells the progress, once per chunk."""

    def __init__(self, replicas: int, total: int, progress: ProgressReporter) -> None:
        self.replicas = replicas
        self.total = total
        self.progress = progress
        self.epochs: list[int] = []
        self.training: list[Floats] = []
        self.validation: list[Floats] = []

    def __call__(self, summary: ChunkSummary) -> None:
        self.epochs.append(summary.epoch)
        self.training.append(summary.training)
        self.validation.append(summary.validation)
        shown = summary.alive if summary.alive.any() else np.ones_like(summary.alive)
        losses = {"training": summary.training[shown].mean(), "validation": summary.validation[shown].mean()}
        self.progress.epoch(
            summary.epoch + 1,
            self.total,
            {name: float(value) for name, value in losses.items()},
            int(summary.alive.sum()),
            self.replicas,
        )
