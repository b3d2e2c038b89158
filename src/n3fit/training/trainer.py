"""Training the replicas of a fit, all at once."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import callbacks, get_physical_gpus
from n3fit.fit.resources import operations_of_problem
from n3fit.model.architecture import Architecture
from n3fit.model.spec import TrainingProblem
from n3fit.progress import ProgressReporter
from n3fit.runcard import Runcard
from n3fit.training.batch import Batch, Baton, ReplicaWeights, Rows, Training
from n3fit.training.compaction import COMPILATION, COMPILATION_ON_GPU, CompactionRule
from n3fit.training.stopping import ChunkSummary, StoppingRules, restore_weights

Floats = NDArray[np.float64]


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
    compaction: CompactionRule | None = None,
    on_end: Callable[[], None] | None = None,
) -> TrainedReplicas:
    """Train some replicas together.

    An interruption from the keyboard ends the training early; the replicas that had finished are marked.

    Parameters
    ----------
    load : mapping, optional
        Weights of a single replica, layer to its arrays, from which every replica starts.
    tensorboard : Path, optional
        Folder for TensorBoard logs.
    compaction : CompactionRule, optional
        When finished replicas leave the batch; by default :func:`compaction_rule` says so.
    on_end : callable, optional
        Called when the last epoch is done, before the replicas are put together.

    Raises
    ------
    ValueError
        The weights to load have other shapes.
    """
    started = time.perf_counter()
    rules = stopping_rules(runcard, problem)
    training = Training(
        runcard=runcard,
        architecture=architecture,
        problem=problem,
        replicas=tuple(replicas),
        rules=rules,
        compaction=compaction_rule(runcard, architecture, problem) if compaction is None else compaction,
        load=load,
    )
    extra = []
    if tensorboard is not None and runcard.tensorboard is not None:
        extra.append(
            callbacks.gen_tensorboard_callback(
                tensorboard, profiling=runcard.tensorboard.profiling, histogram_freq=runcard.tensorboard.weight_freq
            )
        )
    recorder = _Recorder(len(replicas), runcard.parameters.epochs, progress)
    pdf_model, state, interruption = _train_batches(training, recorder, extra)
    if on_end is not None:
        on_end()
    if pdf_model is None:
        pdf_model = training.build_pdf_model()
    restore_weights(pdf_model, state)
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


def _train_batches(
    training: Training, recorder: _Recorder, extra: Sequence[Any]
) -> tuple[Any, dict[str, NDArray[Any]], KeyboardInterrupt | None]:
    """Train one batch after the other, each smaller than the one before.

    Gives the PDF model if one batch had all replicas to the end, else None; the state of the stopping of all; and what
    cut the training short.
    """
    state: dict[str, NDArray[Any]] = {}
    pdf_model: Any = None
    interruption = None
    baton: Baton | None = None
    try:
        while True:
            batch = Batch(training, baton, recorder)
            try:
                batch.train(extra)
            finally:
                _note(state, batch.rows, batch.stopping.state)
                pdf_model = batch.pdf_model if baton is None else None
            baton = batch.next_baton()
            if baton is None:
                break
            # the models and their program go before the next ones come
            pdf_model = None
            del batch
            gc.collect()
    except KeyboardInterrupt as error:
        if not state:
            raise
        interruption = error
    return pdf_model, state, interruption


def _note(everyone: dict[str, NDArray[Any]], rows: Rows, state: Mapping[str, NDArray[Any]]) -> None:
    """Write the state of some replicas into that of all of them; the first batch holds all."""
    for name, values in state.items():
        if name in everyone:
            everyone[name][rows] = values
        else:
            everyone[name] = np.array(values)


def compaction_rule(runcard: Runcard, architecture: Architecture, problem: TrainingProblem) -> CompactionRule:
    """Give the rule of a fit for when finished replicas leave the batch.

    They never do in the deterministic mode; with TensorBoard, whose logs show all replicas; and with dropout, whose
    random streams belong to a batch.
    """
    fixed = runcard.debug or runcard.tensorboard is not None or architecture.dropout > 0
    return CompactionRule(
        epochs=runcard.parameters.epochs,
        patience=stopping_rules(runcard, problem).patience,
        operations=0.0 if fixed else operations_of_problem(architecture, problem),
        compilation=COMPILATION_ON_GPU if get_physical_gpus() else COMPILATION,
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
        watch_training=problem.validation_points == 0,
    )


class _Recorder:
    """Keeps the history and tells the progress, once per chunk; replicas that have left keep their losses."""

    def __init__(self, replicas: int, total: int, progress: ProgressReporter) -> None:
        self.total = total
        self.progress = progress
        self.epochs: list[int] = []
        self.training: list[Floats] = []
        self.validation: list[Floats] = []
        self._latest = {name: np.full(replicas, np.nan) for name in ("training", "validation")}
        self._alive = np.ones(replicas, dtype=bool)

    def __call__(self, rows: Rows, summary: ChunkSummary) -> None:
        self._alive[rows] = summary.alive
        self._latest["training"][rows] = summary.training
        self._latest["validation"][rows] = summary.validation
        self.epochs.append(summary.epoch)
        self.training.append(self._latest["training"].copy())
        self.validation.append(self._latest["validation"].copy())
        shown = self._alive if self._alive.any() else np.ones_like(self._alive)
        self.progress.epoch(
            summary.epoch + 1,
            self.total,
            {name: float(values[shown].mean()) for name, values in self._latest.items()},
            int(self._alive.sum()),
            len(self._alive),
        )
