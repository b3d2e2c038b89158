"""The trials of a scan in its journal: begun, ended, interrupted, and begun again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from n3fit.hyperopt.optuna_trials import import_optuna
from n3fit.hyperopt.pruning import running_losses
from n3fit.hyperopt.trial_plans import TrialPlan
from n3fit.hyperopt.trial_result import TrialResult
from n3fit.hyperopt.tries import trial_entry
from n3fit.storage.json_files import parse_json, to_json

if TYPE_CHECKING:
    import optuna

TID, PARAMETERS, ENTRY = "tid", "parameters", "entry"
"""Attributes of a trial of optuna: its number in the scan, its keys ``parameters``, and its entry of ``tries.json``."""


@dataclass(frozen=True)
class BegunTrial:
    """A trial that is evaluated.

    Parameters
    ----------
    tid : int
        Its number in the scan, from 0.
    parameters : dict
        Its keys ``parameters``, in the form of ``tries.json``.
    trial : optuna.Trial
    """

    tid: int
    parameters: dict[str, Any]
    trial: optuna.Trial


class TrialJournal:
    """The trials of a study of optuna with their numbers in the scan.

    A trial that was interrupted failed for optuna; the one that is run instead has its number and parameters.
    """

    def __init__(self, study: optuna.Study) -> None:
        self._study = study
        self._states = import_optuna().trial.TrialState

    def recover(self) -> list[int]:
        """Mark the trials that a killed process left as failed, and queue them again; return their numbers."""
        left = self._study.get_trials(deepcopy=False, states=(self._states.RUNNING,))
        numbers = []
        for trial in left:
            tid = trial.user_attrs.get(TID)
            if ENTRY in trial.user_attrs:  # killed after the result was recorded
                self._tell(trial.number, trial.user_attrs[ENTRY]["result"], bool(trial.intermediate_values))
                continue
            if PARAMETERS in trial.user_attrs:  # else the values are drawn again, and are the same
                self._study.enqueue_trial(trial.params, user_attrs={TID: tid})
            self._study.tell(trial.number, state=self._states.FAIL)
            numbers += [] if tid is None else [int(tid)]
        return sorted(set(numbers))

    def entries(self) -> list[Mapping[str, Any]]:
        """Return the entries of ``tries.json`` of the trials that have ended, by their numbers."""
        found = {trial.user_attrs[TID]: trial.user_attrs[ENTRY] for trial in self._ended()}
        return [found[tid] for tid in sorted(found)]

    def complete_losses(self) -> list[list[float]]:
        """Return the losses of the first fold, of the first two, and so on, of the trials that have all folds."""
        trials = self._study.get_trials(deepcopy=False, states=(self._states.COMPLETE,))
        found = [[trial.intermediate_values[step] for step in sorted(trial.intermediate_values)] for trial in trials]
        longest = max(map(len, found), default=0)
        return [losses for losses in found if longest and len(losses) == longest]

    def begin(self, plan: TrialPlan) -> BegunTrial:
        """Begin the next trial: one that was interrupted, or a new one."""
        waiting = self._study.get_trials(deepcopy=False, states=(self._states.WAITING,))
        tid = self._free_number() if not waiting else int(waiting[0].user_attrs[TID])
        plan.prepare(self._study, tid)
        known = plan.known_values(tid)
        if known and not waiting:
            self._study.enqueue_trial(dict(known), user_attrs={TID: tid})
        trial = self._study.ask()
        trial.set_user_attr(TID, tid)
        parameters = plan.parameters(trial, tid)
        trial.set_user_attr(PARAMETERS, parse_json(to_json(parameters)))
        return BegunTrial(tid, parameters, trial)

    def end(self, begun: BegunTrial, result: TrialResult, loss_type: str) -> Mapping[str, Any]:
        """Record the result of a trial, and return its entry of ``tries.json``.

        Parameters
        ----------
        begun : BegunTrial
        result : TrialResult
        loss_type : str
            Of the folds.
        """
        entry: Mapping[str, Any] = parse_json(to_json(trial_entry(result, begun.parameters, begun.tid)))
        losses = [float(loss) for loss in result.fold_losses]
        for fold, loss in enumerate(running_losses(losses, loss_type)):
            if math.isfinite(loss):
                begun.trial.report(loss, fold)
        begun.trial.set_user_attr(ENTRY, entry)
        self._tell(begun.trial.number, entry["result"], any(map(math.isfinite, losses)))
        return entry

    def _tell(self, number: int, result: Mapping[str, Any], has_losses: bool) -> None:
        """Report the end of a trial to optuna by its result in ``tries.json``.

        Samplers avoid the values of a trial that was stopped for the losses of its folds, and ignore a trial without.
        """
        if result["status"] == "ok" and result["loss"] is not None:
            self._study.tell(number, float(result["loss"]))
        else:
            self._study.tell(number, state=self._states.PRUNED if has_losses else self._states.FAIL)

    def _ended(self) -> list[optuna.trial.FrozenTrial]:
        trials = self._study.get_trials(deepcopy=False)
        return [trial for trial in trials if trial.state.is_finished() and ENTRY in trial.user_attrs]

    def _free_number(self) -> int:
        """Return the smallest number that no trial has: neither one that has ended, runs, nor waits."""
        unfinished = (self._states.RUNNING, self._states.WAITING)
        others = self._study.get_trials(deepcopy=False, states=unfinished)
        used = {trial.user_attrs.get(TID) for trial in (*self._ended(), *others)}
        return next(tid for tid in range(len(used) + 1) if tid not in used)
