"""Training of all replicas of a fit at once."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import callbacks, get_physical_gpus
from n3fit.model.architecture import Architecture
from n3fit.model.operation_count import operations_of_problem
from n3fit.model.spec import TrainingProblem
from n3fit.progress import ProgressReporter
from n3fit.seeds import SeededReplica
from n3fit.training.batch import Batch, BatchState, Training
from n3fit.training.checkpoint import NoMonitor, TrainingCheckpoint, TrainingMonitor
from n3fit.training.compaction import COMPILATION, COMPILATION_ON_GPU, CompactionRule
from n3fit.training.history import History
from n3fit.training.record import TrainingRecord
from n3fit.training.settings import TrainingSettings
from n3fit.training.stopping import StoppingRules, restore_weights
from n3fit.typing import Indices, Weights


@dataclass(frozen=True)
class TrainedModel:
    """The end of a training of R replicas.

    Parameters
    ----------
    pdf_model : MetaModel
        With the best weights of every replica.
    record : TrainingRecord
    finished : (R,) bool
        Whether the replica ended its training: false for those stopped by an interruption.
    interruption : KeyboardInterrupt or None
        The interruption that ended the training.
    """

    pdf_model: Any
    record: TrainingRecord
    finished: NDArray[np.bool_]
    interruption: KeyboardInterrupt | None


def train_replicas(
    settings: TrainingSettings,
    architecture: Architecture,
    problem: TrainingProblem,
    replicas: Sequence[int | SeededReplica],
    *,
    progress: ProgressReporter,
    initial_weights: Sequence[Weights] | None = None,
    compaction: CompactionRule | None = None,
    monitor: TrainingMonitor | None = None,
) -> TrainedModel:
    """Train replicas together.

    An interruption ends the training early; the replicas that had finished are marked.

    Parameters
    ----------
    settings : TrainingSettings
    architecture : Architecture
    problem : TrainingProblem
        Of these replicas, in their order.
    replicas : sequence of int or SeededReplica
        Their numbers, on which their first weights depend, with the seeds of those that do not have that of the
        architecture.
    progress : ProgressReporter
    initial_weights : sequence of mappings, optional
        By layer the arrays from which each replica starts.
    compaction : CompactionRule, optional
        When finished replicas are removed from the batch; by default :func:`compaction_rule`.
    monitor : TrainingMonitor, optional
        Writes checkpoints, and ends the training at the end of a chunk of epochs.
    """
    training = Training(
        settings=settings,
        architecture=architecture,
        problem=problem,
        replicas=tuple(replicas),
        rules=StoppingRules(
            problem.training_points, problem.validation_points, settings.stopping, settings.per_replica
        ),
        compaction=compaction_rule(settings, architecture, problem) if compaction is None else compaction,
        initial_weights=None if initial_weights is None else tuple(initial_weights),
    )
    history = History(len(replicas), settings.epochs, progress)
    pdf_model, state, interruption = _train_batches(training, history, NoMonitor() if monitor is None else monitor)
    if pdf_model is None:
        pdf_model = training.build_pdf_model()
    restore_weights(pdf_model, state)
    record = TrainingRecord(
        stop_epoch=np.asarray(state["stop_epoch"], dtype=np.int64),
        best_epoch=np.asarray(state["best_epoch"], dtype=np.int64),
        training_chi2=np.asarray(state["best_training"], dtype=np.float64),
        validation_chi2=np.asarray(state["best_validation"], dtype=np.float64),
        finite=np.asarray(state["finite"], dtype=bool),
        **history.arrays(),
    )
    finished = ~np.asarray(state["active"], dtype=bool) | (interruption is None)
    return TrainedModel(pdf_model, record, finished, interruption)


def compaction_rule(settings: TrainingSettings, architecture: Architecture, problem: TrainingProblem) -> CompactionRule:
    """Return the rule by which finished replicas are removed from the batch.

    They never are in the deterministic mode; with TensorBoard, whose logs show all replicas; and with dropout, whose
    random streams belong to a batch.
    """
    fixed = settings.deterministic or settings.tensorboard is not None or architecture.dropout > 0
    own = settings.per_replica
    return CompactionRule(
        epochs=settings.epochs if own is None else own.epochs,
        patience=settings.stopping.patience if own is None else own.patience,
        operations=0.0 if fixed else operations_of_problem(architecture, problem),
        compilation=COMPILATION_ON_GPU * gpus if (gpus := len(get_physical_gpus())) else COMPILATION,
    )


def _train_batches(
    training: Training, history: History, monitor: TrainingMonitor
) -> tuple[Any, dict[str, NDArray[Any]], KeyboardInterrupt | None]:
    """Train one batch after the other, each smaller than the one before.

    Returns
    -------
    MetaModel or None
        The PDF model, if one batch had all replicas and no others to the end.
    dict of arrays
        State of the stopping of all replicas.
    KeyboardInterrupt or None
        The interruption that ended the training.
    """
    extra = _tensorboard_callbacks(training.settings)
    state, next_state = _start(history, monitor)
    if next_state is not None and _is_over(next_state, training.settings.epochs):
        return None, state, None
    pdf_model: Any = None
    interruption: KeyboardInterrupt | None = None
    try:
        while True:
            end_of_chunk = _EndOfChunk(state, history, monitor)
            batch = Batch(training, next_state, history, end_of_chunk)
            try:
                batch.train(extra)
            finally:
                _update_state(state, batch.slots, batch.state)
                pdf_model = batch.pdf_model if next_state is None and batch.padding == 0 else None
            next_state = batch.next_state()
            if next_state is None or end_of_chunk.interruption is not None:
                interruption = end_of_chunk.interruption
                break
            # free the models and their program before the next ones are built
            pdf_model = None
            del batch, end_of_chunk
            gc.collect()
    except KeyboardInterrupt as error:
        if not state:
            raise
        interruption = error
    else:
        end_of_chunk.finish(batch)
    return pdf_model, state, interruption


def _start(history: History, monitor: TrainingMonitor) -> tuple[dict[str, NDArray[Any]], BatchState | None]:
    """Return the state of all replicas and of the first batch: those of a checkpoint, or none."""
    checkpoint = monitor.start()
    if checkpoint is None:
        return {}, None
    state = {name: np.array(values) for name, values in checkpoint.replicas.items()}
    history.restore(checkpoint.history, np.asarray(state["active"], dtype=bool))
    return state, checkpoint.batch


def _is_over(batch: BatchState, epochs: int) -> bool:
    return batch.epoch >= epochs or not np.any(batch.stopping["active"])


class _EndOfChunk:
    """Writes checkpoints, and notes an interruption, at the end of the chunks of epochs of a batch.

    Parameters
    ----------
    replicas : dict of arrays
        State of the stopping of all replicas before this batch; empty for the first batch.
    history : History
    monitor : TrainingMonitor
    """

    def __init__(self, replicas: Mapping[str, NDArray[Any]], history: History, monitor: TrainingMonitor) -> None:
        self._replicas = replicas
        self._history = history
        self._monitor = monitor
        self.interruption: KeyboardInterrupt | None = None

    def __call__(self, batch: Batch) -> bool:
        """Write a checkpoint where one is due, and return whether the training has to end."""
        self.interruption = self._monitor.interruption()
        if self._monitor.checkpoint_is_due(last=self.interruption is not None):
            self._monitor.write(lambda: self._checkpoint(batch))
        return self.interruption is not None

    def finish(self, batch: Batch) -> None:
        """Write the last checkpoint of a training where one is due."""
        if self.interruption is None and self._monitor.checkpoint_is_due(last=True):
            self._monitor.write(lambda: self._checkpoint(batch))

    def _checkpoint(self, batch: Batch) -> TrainingCheckpoint:
        present = batch.present_state()
        replicas = {name: np.array(values) for name, values in self._replicas.items()}
        _update_state(replicas, present.slots, present.stopping)
        return TrainingCheckpoint(present, replicas, self._history.arrays())


def _tensorboard_callbacks(settings: TrainingSettings) -> list[Any]:
    if settings.tensorboard is None:
        return []
    return [
        callbacks.gen_tensorboard_callback(
            settings.tensorboard.folder,
            profiling=settings.tensorboard.profiling,
            histogram_freq=settings.tensorboard.weight_freq,
        )
    ]


def _update_state(all_replicas: dict[str, NDArray[Any]], slots: Indices, state: Mapping[str, NDArray[Any]]) -> None:
    """Write the state of some replicas into that of all of them; the first batch holds all."""
    for name, values in state.items():
        if name in all_replicas:
            all_replicas[name][slots] = values
        else:
            all_replicas[name] = np.array(values)
