"""The result of one trial of a hyperparameter scan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from n3fit.typing import Floats

Status = Literal["ok", "fail"]


def _no_folds() -> Floats:
    return np.zeros(0)


def _no_replicas() -> Floats:
    return np.zeros((0, 0))


@dataclass(frozen=True, eq=False)
class TrialResult:
    """The losses of one trial: K folds with R replicas each.

    K is the number of folds that were evaluated: fewer than in the runcard where the trial failed or was stopped.

    Parameters
    ----------
    status : "ok" or "fail"
    reason : str
        Why the trial failed; empty if it did not.
    loss : float
        What the scan minimises; infinite if no fold was evaluated.
    validation_loss, experimental_loss : float
        Means over the folds of those below.
    validation_losses, experimental_losses : (K,)
        Means over all replicas of the validation chi2 per point, and of the chi2 per point of the data of the fold.
    hyper_losses : (K, R)
        Chi2 per point of the data of the fold, of every replica, without penalties.
    fold_losses : (K,)
        Loss of each fold by the definition of the scan.
    hyper_losses_chi2, hyper_losses_phi2, hyper_losses_logp, hyper_losses_chi2p : (K,)
        Of the data of each fold, with the best replicas and the experimental covariance: chi2 per point of the mean
        prediction; phi, the log-likelihood, and chi2 per point with the PDF covariance, with penalties where these are
        part of the loss.
    trvl_losses_chi2, trvl_losses_chi2exp, trvl_losses_phi2, trvl_losses_logp : (K,)
        The same for the data that are not in the fold: chi2 per point with the covariance of the fit, and with the
        experimental one, phi, and the log-likelihood.
    penalties : mapping of str to (K, R)
        By name.
    seconds : float
        Time that the trial took.
    """

    status: Status
    reason: str = ""
    loss: float = np.inf
    validation_loss: float = np.inf
    experimental_loss: float = np.inf
    validation_losses: Floats = field(default_factory=_no_folds)
    experimental_losses: Floats = field(default_factory=_no_folds)
    hyper_losses: Floats = field(default_factory=_no_replicas)
    fold_losses: Floats = field(default_factory=_no_folds)
    hyper_losses_chi2: Floats = field(default_factory=_no_folds)
    hyper_losses_phi2: Floats = field(default_factory=_no_folds)
    hyper_losses_logp: Floats = field(default_factory=_no_folds)
    hyper_losses_chi2p: Floats = field(default_factory=_no_folds)
    trvl_losses_chi2: Floats = field(default_factory=_no_folds)
    trvl_losses_chi2exp: Floats = field(default_factory=_no_folds)
    trvl_losses_phi2: Floats = field(default_factory=_no_folds)
    trvl_losses_logp: Floats = field(default_factory=_no_folds)
    penalties: Mapping[str, Floats] = field(default_factory=dict)
    seconds: float = 0.0
