"""Evaluation of the trials of a hyperparameter scan: all folds and replicas of a trial train as one batch."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import is_out_of_memory, release_memory
from n3fit.errors import ResourceError, RuncardError
from n3fit.fit.evaluated_pdf import EvaluatedPDF
from n3fit.fit.group_division import GroupDivision
from n3fit.fit.groups import start_backend
from n3fit.fit.inputs import load_inputs
from n3fit.fit.problem import make_architecture, make_penalty, make_pseudodata
from n3fit.fit.settings import FitSettings, fit_settings
from n3fit.hyperopt.fold_judge import FoldJudge
from n3fit.hyperopt.fold_problem import make_fold_problem, replicas_of_folds
from n3fit.hyperopt.folds import make_folds
from n3fit.hyperopt.scores import OnFold, TrialScore
from n3fit.hyperopt.statistics import best_replicas
from n3fit.hyperopt.trial_result import TrialResult
from n3fit.model.reduction import reduce_chi2
from n3fit.model.spec import TrainingProblem
from n3fit.paths import SearchPaths
from n3fit.progress import ProgressReporter
from n3fit.replica_arrays import join_replicas, take_replicas
from n3fit.runcard import Runcard, build_runcard
from n3fit.runcard.kfold import KFold
from n3fit.training.record import TrainingRecord, align_histories
from n3fit.training.trainer import train_replicas

SCAN_KEYS = frozenset({"kfold", "hyperscan_config", "trial_specs"})
"""Keys of the runcard that are not those of a trial."""


@dataclass(frozen=True)
class _TrainedSlots:
    """Replicas of folds that were trained together."""

    pdf: EvaluatedPDF
    record: TrainingRecord


class TrialEvaluator:
    """Evaluates the trials of a scan one after the other; data, theory and covariances are prepared once.

    Parameters
    ----------
    card : Runcard
        Its ``parameters`` are replaced by those of each trial.
    kfold : KFold
    paths : SearchPaths
    replicas : sequence of int
        Numbers of the R replicas of each of the K folds.
    progress : ProgressReporter

    Raises
    ------
    N3fitError
        Any user error in the card, the data or the theory.
    """

    def __init__(
        self, card: Runcard, kfold: KFold, paths: SearchPaths, replicas: Sequence[int], *, progress: ProgressReporter
    ) -> None:
        self._card = card.model_dump(exclude_unset=True, exclude=set(SCAN_KEYS))
        self._kfold = kfold
        self._replicas = tuple(replicas)
        self._progress = progress
        if kfold.loss_type == "phi2" and len(best_replicas(np.zeros(len(replicas)), kfold.reduce_proportion)) < 2:
            raise RuncardError(
                "kfold: loss_type: phi2 needs at least two replicas that count, "
                f"received {len(replicas)} with reduce_proportion {kfold.reduce_proportion:g}",
                hint="fit more replicas in each fold",
            )
        settings = fit_settings(card)
        start_backend(settings, progress)
        self._inputs = load_inputs(card, paths, progress=progress)
        self._folds = make_folds(kfold, self._inputs.data.datasets, self._inputs.data.fitted)
        architecture = make_architecture(card, self._inputs)
        self._judge = FoldJudge(kfold, self._folds, self._inputs, architecture.evolution_basis)
        self._slots = replicas_of_folds(self._folds, replicas, card.nnseed)
        self._problem = self._make_problem(settings, architecture.evolution_basis)

    @property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256 by the name of each input."""
        return self._inputs.hashes

    @property
    def loss_type(self) -> str:
        """Name of the loss of a fold."""
        return self._kfold.loss_type

    def evaluate(self, parameters: Mapping[str, Any], *, on_fold: OnFold | None = None) -> TrialResult:
        """Train all folds of a trial, and return their losses.

        A trial that needs more memory than there is, and one that becomes NaN, has the status ``fail``.

        Parameters
        ----------
        parameters : mapping
            The section ``parameters`` of a runcard.
        on_fold : callable, optional
            Called with the number and the loss of each fold, in their order; returns whether the trial is stopped. The
            folds after it are not evaluated then, though they may have been trained in the same batch.

        Raises
        ------
        RuncardError
            The parameters are not valid.
        KeyboardInterrupt
        """
        started = time.monotonic()
        card = build_runcard(self._card | {"parameters": dict(parameters)}, name="trial")
        score = TrialScore(self._kfold, on_fold)
        try:
            self._train_folds(card, score)
        except ResourceError as error:  # of the division of the batch
            score.failure = str(error)
        except Exception as error:  # each library has its own classes
            if not is_out_of_memory(error):
                raise
            score.failure = f"the trial needs more memory than there is: {type(error).__name__}"
        finally:
            release_memory()  # each trial has its own programs
        return score.result(time.monotonic() - started)

    def _make_problem(self, settings: FitSettings, basis: tuple[str, ...]) -> TrainingProblem:
        pseudodata = make_pseudodata(settings, self._inputs, self._replicas)
        problem = make_fold_problem(settings, self._inputs, self._folds, self._replicas, pseudodata, basis=basis)
        precision = np.finfo(np.float64 if settings.double_precision else np.float32).eps
        return reduce_chi2(problem, precision=float(precision))

    def _train_folds(self, card: Runcard, score: TrialScore) -> None:
        """Train batch after batch, and add the score of each fold whose replicas are all trained."""
        settings = fit_settings(card)
        architecture = make_architecture(card, self._inputs)
        problem = replace(
            self._problem,
            positivity=make_penalty(settings.positivity, self._problem.positivity.observables),
            integrability=make_penalty(settings.integrability, self._problem.integrability.observables),
        )

        def train(slots: NDArray[np.intp]) -> _TrainedSlots:
            everyone = len(slots) == len(self._slots)
            trained = train_replicas(
                settings.training,
                architecture,
                problem if everyone else problem.select(slots),
                [self._slots[slot] for slot in slots],
                progress=self._progress,
            )
            if trained.interruption is not None:
                raise trained.interruption
            return _TrainedSlots(self._judge.evaluate(trained.pdf_model), trained.record)

        slots = np.arange(len(self._slots))
        groups = list(slots[:, np.newaxis]) if settings.deterministic else [slots]
        division = GroupDivision(groups, train, self._progress)
        trained: list[_TrainedSlots] = []
        while division.remaining and not score.ended:
            batch = division.train_next()
            if batch is not None:
                trained.append(batch)
                self._score_folds(trained, card, score)

    def _score_folds(self, trained: Sequence[_TrainedSlots], card: Runcard, score: TrialScore) -> None:
        """Add the scores of the folds that are complete and not yet scored."""
        count = len(self._replicas)
        pdf = EvaluatedPDF(trained[0].pdf.nodes, np.concatenate([batch.pdf.values for batch in trained]))
        record = join_replicas(align_histories([batch.record for batch in trained]))
        while not score.ended and len(pdf.values) >= (len(score.folds) + 1) * count:
            number = len(score.folds)
            own = slice(number * count, (number + 1) * count)
            replicas = take_replicas(record, range(own.start, own.stop))
            score.add(self._judge.score(number, pdf.take(own), replicas, card.parameters))
