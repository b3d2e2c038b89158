"""From the losses of the folds to the result of a trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from n3fit.hyperopt.losses import loss_over_folds, overfit_term
from n3fit.hyperopt.trial_result import Status, TrialResult
from n3fit.runcard.kfold import HYPER_LOSSES, KFold
from n3fit.typing import Floats

TRAINED_LOSSES = ("chi2", "chi2exp", "phi2", "logp")
"""Losses of the data that are not in a fold; of them ``chi2`` is with the covariance of the fit."""

OnFold = Callable[[int, float], bool]
"""Called with the number and the loss of a fold; returns whether the trial is stopped."""


@dataclass(frozen=True, eq=False)
class FoldScore:
    """The losses of one fold with R replicas.

    Parameters
    ----------
    validation, experimental : (R,)
        Chi2 per point of validation, and of the data of the fold, without penalties.
    losses : mapping of str to float
        Loss of the fold by each of HYPER_LOSSES, with penalties where these are part of the loss.
    mean_chi2 : float
        Chi2 per point of the mean prediction of the best replicas to the data of the fold.
    trained : mapping of str to float
        By TRAINED_LOSSES; not a number for a fold of all data.
    penalties : mapping of str to (R,)
    failure : str
        What went wrong in the training; empty if nothing.
    """

    validation: Floats
    experimental: Floats
    losses: Mapping[str, float]
    mean_chi2: float
    trained: Mapping[str, float]
    penalties: Mapping[str, Floats]
    failure: str = ""


class TrialScore:
    """The folds of a trial one after the other, and when it ends.

    Parameters
    ----------
    kfold : KFold
    on_fold : callable, optional
        May stop the trial after a fold.
    """

    def __init__(self, kfold: KFold, on_fold: OnFold | None = None) -> None:
        self.kfold = kfold
        self.folds: list[FoldScore] = []
        self.failure = ""
        self._on_fold = on_fold
        self._factor = 1.0

    @property
    def ended(self) -> bool:
        """Whether no other fold is needed."""
        return bool(self.failure) or len(self.folds) == len(self.kfold.partitions)

    def add(self, score: FoldScore) -> None:
        """Add the next fold, and end the trial where its loss is not finite or too large, or ``on_fold`` says so."""
        number = len(self.folds)
        self.folds.append(score)
        loss = score.losses[self.kfold.loss_type]
        name = f"fold {number + 1} of {len(self.kfold.partitions)}"
        if score.failure:
            self.failure = f"{name}: {score.failure}"
        elif not np.isfinite(loss):
            self.failure = f"{name}: the loss {self.kfold.loss_type} is {loss}"
        elif loss > self.kfold.threshold:
            self.failure = f"{name}: the loss {loss:.4g} is above the threshold {self.kfold.threshold:g}"
            self._factor = float(len(self.kfold.partitions) - number)
        elif self._on_fold is not None and self._on_fold(number, loss):
            self.failure = f"{name}: stopped between folds, as the loss {loss:.4g} is worse than that of other trials"

    def result(self, seconds: float) -> TrialResult:
        """Return the result of the trial."""
        if not self.folds:
            return TrialResult("fail", self.failure or "no fold was evaluated", seconds=seconds)
        folds = self.folds
        status: Status = "fail" if self.failure else "ok"
        validation = np.array([np.mean(fold.validation) for fold in folds])
        experimental = np.array([np.mean(fold.experimental) for fold in folds])
        return TrialResult(
            status=status,
            reason=self.failure,
            loss=self._loss(),
            validation_loss=float(validation.mean()),
            experimental_loss=float(experimental.mean()),
            validation_losses=validation,
            experimental_losses=experimental,
            hyper_losses=np.stack([fold.experimental for fold in folds]),
            fold_losses=_column([fold.losses for fold in folds], self.kfold.loss_type),
            hyper_losses_chi2=np.array([fold.mean_chi2 for fold in folds]),
            **{f"hyper_losses_{name}": _column([fold.losses for fold in folds], name) for name in HYPER_LOSSES[1:]},
            **{f"trvl_losses_{name}": _column([fold.trained for fold in folds], name) for name in TRAINED_LOSSES},
            penalties={name: np.stack([fold.penalties[name] for fold in folds]) for name in self.kfold.penalties},
            seconds=seconds,
        )

    def _loss(self) -> float:
        """Compute what the scan minimises; infinite where a number is missing."""
        losses = self._factor * _column([fold.losses for fold in self.folds], self.kfold.loss_type)
        loss = loss_over_folds(losses, loss_type=self.kfold.loss_type, statistic=self.kfold.fold_statistic)
        fitted = _column([fold.trained for fold in self.folds], "chi2exp")
        known = fitted[~np.isnan(fitted)]
        if len(known):
            loss += overfit_term(float(known.mean()))
        return loss if np.isfinite(loss) else np.inf


def _column(rows: Sequence[Mapping[str, float]], name: str) -> Floats:
    return np.array([row[name] for row in rows], dtype=np.float64)
