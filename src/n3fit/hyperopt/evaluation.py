"""Evaluation of the trials of a hyperparameter scan.

All folds and replicas of a trial train as one batch, and those of several trials of one network too.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from n3fit.backends import is_out_of_memory, release_memory
from n3fit.errors import ResourceError, RuncardError
from n3fit.fit.groups import start_backend
from n3fit.fit.inputs import FitInputs, load_inputs
from n3fit.fit.problem import make_architecture, make_pseudodata
from n3fit.fit.settings import FitSettings, fit_settings
from n3fit.hyperopt.fold_judge import FoldJudge
from n3fit.hyperopt.fold_problem import make_fold_problem, replicas_of_folds
from n3fit.hyperopt.fold_training import FoldTraining
from n3fit.hyperopt.folds import Fold, make_folds
from n3fit.hyperopt.scores import OnFold, TrialScore
from n3fit.hyperopt.statistics import best_replicas
from n3fit.hyperopt.trial_groups import group_trials
from n3fit.hyperopt.trial_result import TrialResult
from n3fit.model.architecture import Architecture
from n3fit.model.parametrisation import check_parametrisation
from n3fit.model.reduction import reduce_chi2
from n3fit.model.spec import TrainingProblem
from n3fit.paths import SearchPaths
from n3fit.progress import ProgressReporter
from n3fit.runcard import Runcard, build_runcard
from n3fit.runcard.kfold import KFold

SCAN_KEYS = frozenset({"kfold", "hyperscan_config", "trial_specs"})
"""Keys of the runcard that are not those of a trial."""


class TrialEvaluator:
    """Evaluates the trials of a scan; data, theory and covariances are prepared once.

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
        if kfold.loss_type == "phi2" and len(best_replicas(np.zeros(len(replicas)), kfold.reduce_proportion)) < 2:
            raise RuncardError(
                "kfold: loss_type: phi2 needs at least two replicas that count, "
                f"received {len(replicas)} with reduce_proportion {kfold.reduce_proportion:g}",
                hint="fit more replicas in each fold",
            )
        settings = fit_settings(card)
        # deterministic replicas are computed alone anyway; the logs of TensorBoard are those of one trial
        self._one_by_one = settings.deterministic or settings.training.tensorboard is not None
        start_backend(settings, progress)
        self._inputs = load_inputs(card, paths, progress=progress)
        folds = make_folds(kfold, self._inputs.data.datasets, self._inputs.data.fitted)
        architecture = make_architecture(card, self._inputs)
        check_parametrisation(architecture)
        self._training = FoldTraining(
            inputs=self._inputs,
            problem=_problem_of_folds(settings, architecture, self._inputs, folds, replicas),
            replicas=replicas_of_folds(folds, replicas, card.nnseed),
            folds=len(folds),
            judge=FoldJudge(kfold, folds, self._inputs, architecture.evolution_basis),
            model=architecture.model,
            progress=progress,
        )

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
        return self._evaluate([self._card_of(parameters)], [on_fold])[0]

    def evaluate_together(
        self, trials: Sequence[Mapping[str, Any]], *, on_fold: Sequence[OnFold | None] | None = None
    ) -> list[TrialResult]:
        """Evaluate several trials; those that :func:`group_trials` groups train as one batch.

        A result is that of :meth:`evaluate` up to rounding; its ``seconds`` are those of the batch divided by the
        number of its trials. A trial whose parameters are not valid has the status ``fail``, as one without a loss.

        Parameters
        ----------
        trials : sequence of mapping
            Sections ``parameters`` of a runcard.
        on_fold : sequence of callable, optional
            For each trial.

        Raises
        ------
        KeyboardInterrupt
        """
        observers = [None] * len(trials) if on_fold is None else on_fold
        results: dict[int, TrialResult] = {}
        cards: dict[int, Runcard] = {}
        for number, parameters in enumerate(trials):
            try:
                cards[number] = self._card_of(parameters)
            except RuncardError as error:
                results[number] = TrialResult("fail", reason=" ".join(str(error).split()))
        valid = list(cards)
        for group in group_trials([cards[number].parameters.model_dump(mode="json") for number in valid]):
            numbers = [valid[position] for position in group]
            for together in [[number] for number in numbers] if self._one_by_one else [numbers]:
                found = self._evaluate([cards[number] for number in together], [observers[n] for n in together])
                results.update(zip(together, found, strict=True))
        return [results[number] for number in range(len(trials))]

    def _card_of(self, parameters: Mapping[str, Any]) -> Runcard:
        return build_runcard(self._card | {"parameters": dict(parameters)}, name="trial")

    def _evaluate(self, cards: Sequence[Runcard], observers: Sequence[OnFold | None]) -> list[TrialResult]:
        """Train all folds of trials together, and return their losses."""
        started = time.monotonic()
        scores = [TrialScore(self._kfold, observer) for observer in observers]
        failure = ""
        try:
            self._training.run(cards, scores)
        except ResourceError as error:  # of the division of the batch
            failure = str(error)
        except Exception as error:  # each library has its own classes
            if not is_out_of_memory(error):
                raise
            failure = f"the trial needs more memory than there is: {type(error).__name__}"
        finally:
            release_memory()  # each architecture has its own programs
        for score in scores:
            if not score.ended:
                score.failure = failure
        seconds = (time.monotonic() - started) / len(cards)
        return [score.result(seconds) for score in scores]


def _problem_of_folds(
    settings: FitSettings,
    architecture: Architecture,
    inputs: FitInputs,
    folds: Sequence[Fold],
    replicas: Sequence[int],
) -> TrainingProblem:
    """Return the problem of R replicas in each of K folds, in reduced form where that is smaller."""
    pseudodata = make_pseudodata(settings, inputs, replicas)
    problem = make_fold_problem(
        settings, inputs, folds, replicas, pseudodata,
        basis=architecture.evolution_basis, positivity=architecture.positivity,
    )  # fmt: skip
    precision = np.finfo(np.float64 if settings.double_precision else np.float32).eps
    return reduce_chi2(problem, precision=float(precision))
