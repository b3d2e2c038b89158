"""Training of the replicas of all folds, of one trial or of several together, and their scores as folds complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from n3fit.fit.evaluated_pdf import EvaluatedPDF
from n3fit.fit.group_division import GroupDivision
from n3fit.fit.inputs import FitInputs
from n3fit.fit.problem import make_architecture
from n3fit.fit.settings import fit_settings
from n3fit.hyperopt.fold_judge import FoldJudge
from n3fit.hyperopt.scores import TrialScore
from n3fit.hyperopt.trial_batch import join_penalties, join_settings
from n3fit.model.parametrisation import check_parametrisation
from n3fit.model.spec import TrainingProblem
from n3fit.pdf_models import PDFModel
from n3fit.progress import ProgressReporter
from n3fit.replica_arrays import join_replicas, take_replicas
from n3fit.runcard import Runcard
from n3fit.seeds import SeededReplica
from n3fit.training.record import TrainingRecord, align_histories
from n3fit.training.trainer import train_replicas


@dataclass(frozen=True)
class _TrainedSlots:
    """Replicas of folds that were trained together: trial after trial, fold after fold."""

    slots: NDArray[np.intp]
    pdf: EvaluatedPDF
    record: TrainingRecord


@dataclass(frozen=True, eq=False)
class FoldTraining:
    """What the trainings of all trials share.

    Parameters
    ----------
    inputs : FitInputs
    problem : TrainingProblem
        Of the R replicas of each of the K folds, from :func:`n3fit.hyperopt.fold_problem.make_fold_problem`.
    replicas : sequence of SeededReplica
        These K R replicas, fold after fold.
    folds : int
        K.
    judge : FoldJudge
    model : PDFModel, optional
        What was checked already; that of a trial with other settings is checked before it trains.
    progress : ProgressReporter
    """

    inputs: FitInputs
    problem: TrainingProblem
    replicas: Sequence[SeededReplica]
    folds: int
    judge: FoldJudge
    model: PDFModel | None
    progress: ProgressReporter

    def run(self, cards: Sequence[Runcard], scores: Sequence[TrialScore]) -> None:
        """Train batch after batch, and add the score of each fold whose replicas are all trained.

        Parameters
        ----------
        cards : sequence of Runcard
            Of trials of one network.
        scores : sequence of TrialScore
            Of each trial; the folds of one that has ended are not trained further.

        Raises
        ------
        ResourceError
            The batch cannot be divided into parts that fit into the memory.
        KeyboardInterrupt
        N3fitError
            The PDF model of a trial cannot be trained.
        """
        count = len(self.replicas)
        settings = [fit_settings(card) for card in cards]
        training = join_settings([entry.training for entry in settings], count)
        architecture = make_architecture(cards[0], self.inputs)
        if architecture.model != self.model:  # it has other settings
            check_parametrisation(architecture)
        problem = self.problem
        positivity = join_penalties([entry.positivity for entry in settings], problem.positivity.observables, count)
        integrability = join_penalties(
            [entry.integrability for entry in settings], problem.integrability.observables, count
        )

        def train(slots: NDArray[np.intp]) -> _TrainedSlots:
            own = problem if np.array_equal(slots, np.arange(count)) else problem.select(slots % count)
            trained = train_replicas(
                training.select(slots),
                architecture,
                replace(own, positivity=positivity.select(slots), integrability=integrability.select(slots)),
                [self.replicas[slot % count] for slot in slots],
                progress=self.progress,
            )
            if trained.interruption is not None:
                raise trained.interruption
            return _TrainedSlots(slots, self.judge.evaluate(trained.pdf_model), trained.record)

        everyone = np.arange(len(cards) * count)
        groups = list(everyone[:, np.newaxis]) if training.deterministic else [everyone]
        division = GroupDivision(groups, train, self.progress)
        trained: list[_TrainedSlots] = []
        while division.remaining:
            batch = division.train_next()
            if batch is not None:
                trained.append(batch)
                self._score_folds(trained, cards, scores)
                needed = np.repeat([not score.ended for score in scores], count)
                division.remaining = [kept for group in division.remaining if len(kept := group[needed[group]])]

    def _score_folds(
        self, trained: Sequence[_TrainedSlots], cards: Sequence[Runcard], scores: Sequence[TrialScore]
    ) -> None:
        """Add the scores of the folds that are complete and not yet scored."""
        pdf = EvaluatedPDF(trained[0].pdf.nodes, np.concatenate([batch.pdf.values for batch in trained]))
        record = join_replicas(align_histories([batch.record for batch in trained]))
        row_of = np.full(len(cards) * len(self.replicas), -1)
        row_of[np.concatenate([batch.slots for batch in trained])] = np.arange(len(pdf.values))
        for card, score, rows in zip(cards, scores, np.split(row_of, len(cards)), strict=True):
            for number, own in enumerate(rows.reshape(self.folds, -1)):
                if score.ended or np.any(own < 0):
                    break
                if number == len(score.folds):
                    replicas = take_replicas(record, own)
                    score.add(self.judge.score(number, pdf.take(own), replicas, card.parameters))
