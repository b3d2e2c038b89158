"""Replicas that train together in one model, and how a smaller model continues their training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import TrainingState, operations, padded_replicas
from n3fit.model.architecture import Architecture
from n3fit.model.pdf_model import build_pdf_model
from n3fit.model.spec import TrainingProblem
from n3fit.model.training_model import (
    INTEGRABILITY_PENALTY,
    POSITIVITY_PENALTY,
    TRAINED_OUTPUTS,
    build_training_model,
)
from n3fit.seeds import SeededReplica
from n3fit.training.compaction import CompactionRule, slots_of_batch
from n3fit.training.multipliers import MultiplierGrowth
from n3fit.training.settings import TrainingSettings
from n3fit.training.stopping import ChunkSummary, ReplicaStopping, StoppingRules
from n3fit.typing import Indices, Weights


@dataclass(frozen=True)
class Training:
    """Everything that the batches of a training share; R replicas.

    Parameters
    ----------
    settings : TrainingSettings
    architecture : Architecture
    problem : TrainingProblem
    replicas : tuple of int or SeededReplica
        Their numbers.
    rules : StoppingRules
    compaction : CompactionRule
    initial_weights : tuple of mappings or None
        By layer the arrays from which each replica starts.
    """

    settings: TrainingSettings
    architecture: Architecture
    problem: TrainingProblem
    replicas: tuple[int | SeededReplica, ...]
    rules: StoppingRules
    compaction: CompactionRule
    initial_weights: tuple[Weights, ...] | None

    def build_pdf_model(self, slots: Indices | None = None) -> Any:
        """Build the PDFs of some replicas (all by default) before the first epoch."""
        chosen = range(len(self.replicas)) if slots is None else slots
        pdf_model = build_pdf_model(self.architecture, [self.replicas[slot] for slot in chosen])
        if self.initial_weights is not None:
            pdf_model.set_weights_of_replicas([self.initial_weights[slot] for slot in chosen])
        return pdf_model


@dataclass(frozen=True)
class BatchState:
    """The state of a training between two batches.

    Parameters
    ----------
    slots : (B,)
        The replicas of the next batch, as indices among all.
    epoch : int
        Epochs done.
    state : TrainingState
        Weights and optimiser of these replicas.
    stopping : mapping
        State of the stopping of these replicas.
    """

    slots: Indices
    epoch: int
    state: TrainingState
    stopping: Mapping[str, NDArray[Any]]


class Batch:
    """The models of B replicas and the callbacks of their training.

    Where several devices each train an equal number of replicas, copies of the first replicas fill the batch, which
    are never active. With TensorBoard, whose logs show all replicas, there are none.

    Parameters
    ----------
    training : Training
    before : BatchState or None
        State at the end of the batch before; None for the first batch, of all replicas.
    on_chunk : callable
        Called with the slots (B,) and a ChunkSummary at the end of each chunk.
    end_of_chunk : callable, optional
        Called with the batch at the end of each chunk of epochs; the training ends there when it returns true.

    Attributes
    ----------
    slots : (B,)
        The replicas as indices among all.
    padding : int
        Number of replicas that fill the batch.
    """

    def __init__(
        self,
        training: Training,
        before: BatchState | None,
        on_chunk: Callable[[Indices, ChunkSummary], None],
        end_of_chunk: Callable[[Batch], bool] | None = None,
    ) -> None:
        self.training = training
        self._end_of_chunk = end_of_chunk
        self.slots = np.arange(len(training.replicas)) if before is None else before.slots
        self.epoch = 0 if before is None else before.epoch
        count = len(self.slots)
        self.padding = 0 if training.settings.tensorboard is not None else padded_replicas(count) - count
        rows = np.resize(np.arange(count), count + self.padding)
        places = self.slots[rows]
        unchanged = before is None and self.padding == 0
        settings = training.settings if unchanged else training.settings.select(places)
        self._compaction = training.compaction.select(self.slots)
        problem = training.problem if unchanged else training.problem.select(places)
        self.pdf_model = training.build_pdf_model(places)
        self.model = build_training_model(self.pdf_model, problem, dropout=training.architecture.dropout > 0)
        _compile(self.model, settings)
        if before is not None:
            self.model.set_training_state(before.state.select(rows) if self.padding else before.state)
        self.stopping = ReplicaStopping(
            training.rules if unchanged else training.rules.select(places),
            on_chunk=lambda summary: on_chunk(self.slots, summary),
            initial=None if before is None else {name: values[rows] for name, values in before.stopping.items()},
            stop_early=self._ends,
            padding=self.padding,
        )
        self._growth = MultiplierGrowth(
            {
                name: penalty.growth
                for name, penalty in (
                    (POSITIVITY_PENALTY, problem.positivity),
                    (INTEGRABILITY_PENALTY, problem.integrability),
                )
                if penalty.observables
            },
            None if settings.per_replica is None else settings.per_replica.epochs,
        )

    def train(self, callbacks: Sequence[Any]) -> None:
        """Train until the last epoch, until every replica has finished, or until a smaller batch is faster."""
        self.model.perform_fit(
            epochs=self.training.settings.epochs,
            callbacks=[self.stopping, self._growth, *callbacks],
            history="chunk",
            initial_epoch=self.epoch,
        )

    @property
    def state(self) -> dict[str, NDArray[Any]]:
        """The state of the stopping of the replicas; empty before the end of the first chunk."""
        return {name: values[: len(self.slots)] for name, values in self.stopping.state.items()}

    def next_state(self) -> BatchState | None:
        """Return the state from which a smaller batch continues, None when the training is over."""
        state = self.state
        epoch = self.stopping.epoch
        size = self._next_size(state, epoch)
        if size == len(self.slots) or epoch + 1 >= self.training.settings.epochs:
            return None
        return self._state_of(slots_of_batch(np.asarray(state["active"]), size))

    def present_state(self) -> BatchState:
        """Return the state at the end of the latest chunk, from which an equal batch continues."""
        return self._state_of(np.arange(len(self.slots)))

    def _state_of(self, rows: NDArray[np.intp]) -> BatchState:
        return BatchState(
            slots=self.slots[rows],
            epoch=self.stopping.epoch + 1,
            state=self.model.get_training_state().select(rows),
            stopping={name: np.asarray(values)[rows] for name, values in self.state.items()},
        )

    def _ends(self, state: Mapping[str, NDArray[Any]], epoch: int) -> bool:
        """Return whether the training of this batch ends with the chunk just done."""
        smaller = self._next_size(state, epoch) < len(self.slots)
        return (self._end_of_chunk is not None and self._end_of_chunk(self)) or smaller

    def _next_size(self, state: Mapping[str, NDArray[Any]], epoch: int) -> int:
        active, waited = (np.asarray(state[name])[: len(self.slots)] for name in ("active", "waited"))
        return self._compaction.size_for(active, waited, epoch)


def _compile(model: Any, settings: TrainingSettings) -> None:
    optimizer, own = settings.optimizer, settings.per_replica
    rates = {} if own is None else {"learning_rate": own.learning_rate, "clipnorm": own.clipnorm}
    losses = {
        name: (lambda target, prediction: operations.sum(prediction)) if name in TRAINED_OUTPUTS else None
        for name in model.unique_output_names
    }
    model.compile(optimizer.name, loss=losses, **(dict(optimizer.arguments) | rates))
