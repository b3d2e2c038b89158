"""The trials of a scan that is running: they are chosen, evaluated in a pool, and recorded one by one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from n3fit.fit.interruptions import Interruptions
from n3fit.hyperopt.pruning import fold_limits
from n3fit.hyperopt.study_folder import write_tries
from n3fit.hyperopt.trial_groups import group_trials
from n3fit.hyperopt.trial_journal import BegunTrial, TrialJournal
from n3fit.hyperopt.trial_messages import describe_trial
from n3fit.hyperopt.trial_plans import TrialPlan
from n3fit.hyperopt.trial_result import TrialResult

if TYPE_CHECKING:
    from n3fit.cluster.pool import Finished, Pool
    from n3fit.errors import N3fitError
    from n3fit.progress import ProgressReporter

MOST_ERRORS = 5
"""Trials in a row that end with an error, not with losses, before the scan stops."""

Group = tuple[BegunTrial, ...]
"""Trials that are evaluated by one task."""


@dataclass
class ScanLoop:
    """A scan that is running.

    Parameters
    ----------
    folder : Path
    journal : TrialJournal
    plan : TrialPlan
    shared : tuple
        The work of all trials as plain data, and the hashes of the inputs.
    trials : int
        Trials of the scan, those that have ended included.
    at_once : int
        Largest number of trials that are chosen at once.
    prune : bool
        Whether trials are stopped between folds.
    loss_type : str
        Of the folds.
    evaluate, evaluate_together : callable
        What the pool runs for one trial, and for several.
    progress : ProgressReporter
    """

    folder: Path
    journal: TrialJournal
    plan: TrialPlan
    shared: tuple[dict[str, Any], Mapping[str, str]]
    trials: int
    at_once: int
    prune: bool
    loss_type: str
    evaluate: Callable[..., TrialResult]
    evaluate_together: Callable[..., list[TrialResult]]
    progress: ProgressReporter
    _waiting: deque[Group] = field(default_factory=deque)
    _errors: int = 0

    def recover(self) -> None:
        """Queue the trials again that a killed process left, and write the trials that had ended."""
        interrupted = self.journal.recover()
        if interrupted:
            self.progress.message(f"interrupted before, run again: trial {', '.join(map(str, interrupted))}")
        write_tries(self.folder, self.journal.entries())

    def run(self, pool: Pool, interruptions: Interruptions) -> None:
        """Do trials until their number is reached."""
        done = begun = len(self.journal.entries())
        total = self._total()
        self.progress.phase("scanning" if done < total else f"nothing to do: {done} trials are done")
        running: dict[str, Group] = {}
        while done < total:
            while len(running) < pool.size and (self._waiting or begun < total):
                if not self._waiting:
                    # the last trials are shared among all workers
                    count = min(self.at_once, -(-(total - begun) // pool.size))
                    interruptions.hold()
                    self._begin(count)
                    _let_through(interruptions)
                    begun += count
                group = self._waiting.popleft()
                running[_name(group)] = group
                self._submit(pool, group)
            finished = pool.next_finished()
            interruptions.hold()
            recorded = self._receive(running.pop(finished.name), finished)
            if recorded:
                done += recorded
                self.progress.step("trials", done, total)
            _let_through(interruptions)

    def _total(self) -> int:
        """Return the number of trials; a grid may have fewer."""
        most = self.plan.most_trials
        if most is None or most >= self.trials:
            return self.trials
        self.progress.message(f"the grid has {most} points, fewer than {self.trials} trials")
        return most

    def _begin(self, count: int) -> None:
        """Choose trials, in groups that can train together."""
        begun = [self.journal.begin(self.plan) for _ in range(count)]
        for positions in group_trials([trial.parameters for trial in begun]):
            self._waiting.append(tuple(begun[position] for position in positions))

    def _submit(self, pool: Pool, group: Group) -> None:
        work, hashes = self.shared
        limits = fold_limits(self.journal.complete_losses()) if self.prune else None
        if len(group) == 1:
            pool.submit(_name(group), self.evaluate, work, group[0].parameters, hashes, limits)
        else:
            parameters = [trial.parameters for trial in group]
            pool.submit(_name(group), self.evaluate_together, work, parameters, hashes, limits)

    def _receive(self, group: Group, finished: Finished) -> int:
        """Record the ends of the trials of a group, and return their number.

        Trials of a group with an error, such as a worker that was lost, are not recorded, and run again one by one.
        """
        if finished.error is not None and len(group) > 1:
            self.progress.message(f"{_name(group)}: {finished.error}; one by one instead")
            self._waiting.extendleft((trial,) for trial in reversed(group))
            return 0
        results = [finished.value] if len(group) == 1 else finished.value
        for begun, result in zip(group, results, strict=True):
            self._record(begun, result, finished.error)
        return len(group)

    def _record(self, begun: BegunTrial, result: TrialResult, error: N3fitError | None) -> None:
        """Record the end of a trial; one whose process was lost, or that has an error, failed."""
        if error is not None:
            result = TrialResult("fail", reason=" ".join(str(error).split()))
        self.journal.end(begun, result, self.loss_type)
        entries = self.journal.entries()
        write_tries(self.folder, entries)
        self.progress.message(describe_trial(begun.tid, result, entries))
        self._errors = 0 if error is None else self._errors + 1
        if error is not None and self._errors == MOST_ERRORS:
            error.hint = f"{error.hint + '; ' if error.hint else ''}{MOST_ERRORS} trials in a row ended with an error"
            raise error


def _name(group: Group) -> str:
    numbers = ", ".join(str(trial.tid) for trial in group)
    return f"trial {numbers}" if len(group) == 1 else f"trials {numbers}"


def _let_through(interruptions: Interruptions) -> None:
    """Raise an interruption that waited, and defer none from now on."""
    interruptions.let_through()
    if interruptions.pending is not None:
        raise interruptions.pending
