"""Replicas that train together in one model, and how a smaller model takes their training over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import TrainingState, operations
from n3fit.model.architecture import Architecture
from n3fit.model.pdf_model import build_pdf_model
from n3fit.model.spec import TrainingProblem
from n3fit.model.training_model import (
    INTEGRABILITY_PENALTY,
    POSITIVITY_PENALTY,
    TRAINED_OUTPUTS,
    build_training_model,
)
from n3fit.runcard import Runcard
from n3fit.training.compaction import CompactionRule, rows_of_batch
from n3fit.training.multipliers import MultiplierGrowth
from n3fit.training.stopping import ChunkSummary, ReplicaStopping, StoppingRules

ReplicaWeights = Mapping[str, list[NDArray[np.floating]]]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Training:
    """What every batch of a training shares; R replicas.

    Parameters
    ----------
    runcard : Runcard
    architecture : Architecture
    problem : TrainingProblem
    replicas : tuple of int
        Their numbers.
    rules : StoppingRules
    compaction : CompactionRule
    load : mapping or None
        Weights of a single replica, layer to its arrays, from which every replica starts.
    """

    runcard: Runcard
    architecture: Architecture
    problem: TrainingProblem
    replicas: tuple[int, ...]
    rules: StoppingRules
    compaction: CompactionRule
    load: ReplicaWeights | None

    def build_pdf_model(self, rows: Rows | None = None) -> Any:
        """Build the PDFs of some replicas (all by default) as they start.

        Raises
        ------
        ValueError
            The weights to load have other shapes.
        """
        chosen = range(len(self.replicas)) if rows is None else rows
        pdf_model = build_pdf_model(self.architecture, [self.replicas[row] for row in chosen])
        if self.load is not None:
            for index in range(len(chosen)):
                pdf_model.set_replica_weights(self.load, index)
        return pdf_model


@dataclass(frozen=True)
class Baton:
    """What one batch hands the next.

    Parameters
    ----------
    rows : (B,)
        The replicas of the next batch, as places among all.
    epoch : int
        Epochs done.
    state : TrainingState
        Weights and optimiser of these replicas.
    stopping : mapping
        State of the stopping of these replicas.
    """

    rows: Rows
    epoch: int
    state: TrainingState
    stopping: Mapping[str, NDArray[Any]]


class Batch:
    """The models of B replicas and the callbacks of their training.

    Parameters
    ----------
    training : Training
    baton : Baton or None
        Where an earlier batch has stopped; None for the first batch, of all replicas.
    on_chunk : callable
        Called with the rows (B,) and a ChunkSummary at the end of each chunk.
    """

    def __init__(self, training: Training, baton: Baton | None, on_chunk: Callable[[Rows, ChunkSummary], None]) -> None:
        self.training = training
        self.rows = np.arange(len(training.replicas)) if baton is None else baton.rows
        self.epoch = 0 if baton is None else baton.epoch
        whole = baton is None
        problem = training.problem if whole else training.problem.select(self.rows)
        self.pdf_model = training.build_pdf_model(self.rows)
        self.model = build_training_model(self.pdf_model, problem, dropout=training.architecture.dropout > 0)
        _compile(self.model, training.runcard)
        if baton is not None:
            self.model.set_training_state(baton.state)
        self.stopping = ReplicaStopping(
            training.rules if whole else training.rules.select(self.rows),
            on_chunk=lambda summary: on_chunk(self.rows, summary),
            initial=None if baton is None else baton.stopping,
            leave=self._may_shrink,
        )
        self._growth = MultiplierGrowth(
            {
                name: penalty.growth
                for name, penalty in (
                    (POSITIVITY_PENALTY, problem.positivity),
                    (INTEGRABILITY_PENALTY, problem.integrability),
                )
                if penalty.observables
            }
        )

    def train(self, callbacks: Sequence[Any]) -> None:
        """Train until the last epoch, until every replica has finished, or until a smaller batch pays."""
        self.model.perform_fit(
            epochs=self.training.runcard.parameters.epochs,
            callbacks=[self.stopping, self._growth, *callbacks],
            history="chunk",
            initial_epoch=self.epoch,
        )

    def next_baton(self) -> Baton | None:
        """Give what a smaller batch needs to go on, None when the training is over."""
        state = self.stopping.state
        epoch = self.stopping.epoch
        size = self._next_size(state, epoch)
        if size == len(self.rows) or epoch + 1 >= self.training.runcard.parameters.epochs:
            return None
        places = rows_of_batch(np.asarray(state["alive"]), size)
        return Baton(
            rows=self.rows[places],
            epoch=epoch + 1,
            state=self.model.get_training_state().select(places),
            stopping={name: values[places] for name, values in state.items()},
        )

    def _may_shrink(self, state: Mapping[str, NDArray[Any]], epoch: int) -> bool:
        return self._next_size(state, epoch) < len(self.rows)

    def _next_size(self, state: Mapping[str, NDArray[Any]], epoch: int) -> int:
        return self.training.compaction.size_for(np.asarray(state["alive"]), np.asarray(state["waited"]), epoch)


def _compile(model: Any, runcard: Runcard) -> None:
    optimizer = runcard.parameters.optimizer
    losses = {
        name: (lambda target, prediction: operations.sum(prediction)) if name in TRAINED_OUTPUTS else None
        for name in model.unique_output_names
    }
    model.compile(optimizer.optimizer_name, loss=losses, **optimizer.options)
