"""Training of all replicas of a fit at once."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
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
from n3fit.training.compaction import COMPILATION, COMPILATION_ON_GPU, CompactionRule
from n3fit.training.record import TrainingRecord
from n3fit.training.settings import TrainingSettings
from n3fit.training.stopping import ChunkSummary, StoppingRules, restore_weights
from n3fit.typing import Floats, Indices, Weights


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
    on_end: Callable[[], None] | None = None,
) -> TrainedModel:
    """Train replicas together.

    An interruption from the keyboard ends the training early; the replicas that had finished are marked.

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
    on_end : callable, optional
        Called when the last epoch is done, before the record is made.
    """
    training = Training(
        settings=settings,
        architecture=architecture,
        problem=problem,
        replicas=tuple(replicas),
        rules=StoppingRules(problem.training_points, problem.validation_points, settings.stopping),
        compaction=compaction_rule(settings, architecture, problem) if compaction is None else compaction,
        initial_weights=None if initial_weights is None else tuple(initial_weights),
    )
    history = _History(len(replicas), settings.epochs, progress)
    pdf_model, state, interruption = _train_batches(training, history)
    if on_end is not None:
        on_end()
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
    return CompactionRule(
        epochs=settings.epochs,
        patience=settings.stopping.patience,
        operations=0.0 if fixed else operations_of_problem(architecture, problem),
        compilation=COMPILATION_ON_GPU * gpus if (gpus := len(get_physical_gpus())) else COMPILATION,
    )


def _train_batches(
    training: Training, history: _History
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
    state: dict[str, NDArray[Any]] = {}
    pdf_model: Any = None
    interruption = None
    next_state: BatchState | None = None
    try:
        while True:
            batch = Batch(training, next_state, history)
            try:
                batch.train(extra)
            finally:
                _update_state(state, batch.slots, batch.state)
                pdf_model = batch.pdf_model if next_state is None and batch.padding == 0 else None
            next_state = batch.next_state()
            if next_state is None:
                break
            # free the models and their program before the next ones are built
            pdf_model = None
            del batch
            gc.collect()
    except KeyboardInterrupt as error:
        if not state:
            raise
        interruption = error
    return pdf_model, state, interruption


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


class _History:
    """Records the losses and reports the progress, once per chunk; finished replicas keep their last losses."""

    def __init__(self, replicas: int, total: int, progress: ProgressReporter) -> None:
        self.total = total
        self.progress = progress
        self.epochs: list[int] = []
        self.training: list[Floats] = []
        self.validation: list[Floats] = []
        self._latest = {name: np.full(replicas, np.nan) for name in ("training", "validation")}
        self._active = np.ones(replicas, dtype=bool)

    def __call__(self, slots: Indices, summary: ChunkSummary) -> None:
        self._active[slots] = summary.active
        self._latest["training"][slots] = summary.training
        self._latest["validation"][slots] = summary.validation
        self.epochs.append(summary.epoch)
        self.training.append(self._latest["training"].copy())
        self.validation.append(self._latest["validation"].copy())
        shown = self._active if self._active.any() else np.ones_like(self._active)
        self.progress.epoch(
            summary.epoch + 1,
            self.total,
            {name: float(values[shown].mean()) for name, values in self._latest.items()},
            int(self._active.sum()),
            len(self._active),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the history as fields of a TrainingRecord."""
        shape = (-1, len(self._active))
        return {
            "history_epochs": np.array(self.epochs, dtype=np.int64),
            "training_history": np.array(self.training).reshape(shape).T,
            "validation_history": np.array(self.validation).reshape(shape).T,
        }
