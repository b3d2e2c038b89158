"""A scan from its card to its folder: trials are chosen, evaluated in a pool, and recorded one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from n3fit.defaults import SCAN_SAMPLERS, SCAN_SEED
from n3fit.fit.interruptions import Interruptions
from n3fit.hyperopt.journal import open_study
from n3fit.hyperopt.optuna_trials import import_optuna
from n3fit.hyperopt.pruning import fold_limits
from n3fit.hyperopt.samplers import TrialSampler
from n3fit.hyperopt.scan_card import parse_scan_card, search_space
from n3fit.hyperopt.study_folder import (
    JOURNAL,
    ScanSettings,
    check_same,
    create_folder,
    hash_of_card,
    is_study,
    write_tries,
)
from n3fit.hyperopt.trial_journal import BegunTrial, TrialJournal
from n3fit.hyperopt.trial_messages import describe_trial
from n3fit.hyperopt.trial_plans import DrawnTrials, SampledTrials, TrialPlan
from n3fit.hyperopt.trial_result import TrialResult
from n3fit.hyperopt.trial_worker import ScanWork, evaluate_trial, input_hashes
from n3fit.hyperopt.weighted_draws import weighted_draws
from n3fit.results.scan_folder import find_scan
from n3fit.results.tries import read_tries
from n3fit.runcard.yaml_reader import read_text
from n3fit.storage.locks import lock_folder

if TYPE_CHECKING:
    from n3fit.cluster.pool import Finished, Pool
    from n3fit.paths import SearchPaths
    from n3fit.progress import ProgressReporter
    from n3fit.runcard import Runcard

MOST_ERRORS = 5
"""Trials in a row that end with an error, not with losses, before the scan stops."""


@dataclass(frozen=True)
class ScanOptions:
    """How a scan is done.

    Parameters
    ----------
    trials : int
        Trials of the scan, those of earlier runs of the command included.
    sampler : str
        One of :data:`n3fit.defaults.SCAN_SAMPLERS`.
    seed : int
    prune : bool
        Whether trials are stopped after folds that are worse than those of most other trials.
    force : bool
        Whether an existing scan is replaced.
    """

    trials: int
    sampler: str = SCAN_SAMPLERS[0]
    seed: int = SCAN_SEED
    prune: bool = False
    force: bool = False


def run_scan(
    source: Path,
    replicas: Sequence[int],
    folder: Path,
    options: ScanOptions,
    *,
    paths: SearchPaths,
    progress: ProgressReporter,
    open_pool: Callable[[], AbstractContextManager[Pool]],
    evaluate: Callable[..., TrialResult] = evaluate_trial,
    hash_inputs: Callable[..., Mapping[str, str]] = input_hashes,
) -> Path:
    """Do the trials of a scan that are not done yet; see :func:`n3fit.api.hyperopt`.

    Parameters
    ----------
    source : Path
        The card.
    replicas : sequence of int
        Numbers of the replicas of every trial.
    folder : Path
    options : ScanOptions
    paths, progress : SearchPaths, ProgressReporter
    open_pool : callable
        Returns the context of the pool in which trials are evaluated.
    evaluate, hash_inputs : callable
        What the pool runs for a trial, and for the hashes of the inputs.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    N3fitError
        Any user error.
    KeyboardInterrupt
        The scan was interrupted; the trials that had ended are recorded.
    """
    import_optuna()
    progress.phase("reading the runcard")
    text = read_text(source)
    card = parse_scan_card(text, str(source))
    plan = _plan(card, source.parent, options)
    work = ScanWork(text, str(source), tuple(replicas), _text(paths.theories), _text(paths.pdf_sets))
    with lock_folder(folder, kind="scan"), Interruptions() as interruptions, open_pool() as pool:
        progress.phase("reading data and theory")
        pool.submit("inputs", hash_inputs, work.to_plain())
        hashes = _value(pool.next_finished())
        _open_folder(folder, text, source.name, tuple(replicas), hashes, options)
        journal = TrialJournal(open_study(folder / JOURNAL))
        scan = _Scan(folder, journal, plan, work, hashes, options, card, evaluate, progress)
        scan.recover()
        scan.run(pool, interruptions)
    return folder


def _open_folder(
    folder: Path, text: str, name: str, replicas: tuple[int, ...], hashes: Mapping[str, str], options: ScanOptions
) -> None:
    """Write a new folder, or check that the one there is of the same scan.

    Raises
    ------
    OutputExistsError
        It is of another scan, or has other content.
    """
    settings = ScanSettings(
        runcard=hash_of_card(text),
        sampler=options.sampler,
        seed=options.seed,
        replicas=replicas,
        prune=options.prune,
        inputs=dict(hashes),
    )
    if is_study(folder) and not options.force:
        check_same(folder, settings)
    else:
        create_folder(folder, text, name, settings, force=options.force)


def _plan(card: Runcard, folder: Path, options: ScanOptions) -> TrialPlan:
    """Return where the parameters of the trials come from."""
    config = card.hyperscan_config
    assert config is not None
    if config.use_tries_from is not None:
        earlier = find_scan(config.use_tries_from, folders=(folder,), key="hyperscan_config.use_tries_from")
        return DrawnTrials(weighted_draws(read_tries(earlier), options.trials, options.seed))
    space = search_space(card, folder)
    return SampledTrials(space, TrialSampler(options.sampler, space, options.seed))


@dataclass
class _Scan:
    """A scan that is running."""

    folder: Path
    journal: TrialJournal
    plan: TrialPlan
    work: ScanWork
    hashes: Mapping[str, str]
    options: ScanOptions
    card: Runcard
    evaluate: Callable[..., TrialResult]
    progress: ProgressReporter
    errors: int = 0

    def recover(self) -> None:
        """Queue the trials again that a killed process left, and write the trials that had ended."""
        interrupted = self.journal.recover()
        if interrupted:
            self.progress.message(f"interrupted before, run again: trial {', '.join(map(str, interrupted))}")
        write_tries(self.folder, self.journal.entries())

    def run(self, pool: Pool, interruptions: Interruptions) -> None:
        """Do trials until their number is reached."""
        entries = self.journal.entries()
        total = self._total()
        self.progress.phase("scanning" if len(entries) < total else f"nothing to do: {len(entries)} trials are done")
        running: dict[str, BegunTrial] = {}
        done = len(entries)
        while done < total:
            while len(running) < pool.size and done + len(running) < total:
                interruptions.hold()
                begun = self.journal.begin(self.plan)
                _let_through(interruptions)
                name = f"trial {begun.tid}"
                running[name] = begun
                limits = fold_limits(self.journal.complete_losses()) if self.options.prune else None
                arguments = (self.work.to_plain(), begun.parameters, dict(self.hashes), limits)
                pool.submit(name, self.evaluate, *arguments)
            finished = pool.next_finished()
            interruptions.hold()
            self._record(running.pop(finished.name), finished)
            done += 1
            self.progress.step("trials", done, total)
            _let_through(interruptions)

    def _total(self) -> int:
        """Return the number of trials; a grid may have fewer."""
        most = self.plan.most_trials
        if most is None or most >= self.options.trials:
            return self.options.trials
        self.progress.message(f"the grid has {most} points, fewer than {self.options.trials} trials")
        return most

    def _record(self, begun: BegunTrial, finished: Finished) -> None:
        """Record the end of a trial; one whose process was lost, or that has an error, failed."""
        result: TrialResult = finished.value
        if finished.error is not None:
            result = TrialResult("fail", reason=" ".join(str(finished.error).split()))
        assert self.card.kfold is not None
        self.journal.end(begun, result, self.card.kfold.loss_type)
        entries = self.journal.entries()
        write_tries(self.folder, entries)
        self.progress.message(describe_trial(begun.tid, result, entries))
        self.errors = 0 if finished.error is None else self.errors + 1
        if finished.error is not None and self.errors == MOST_ERRORS:
            error = finished.error
            error.hint = f"{error.hint + '; ' if error.hint else ''}{MOST_ERRORS} trials in a row ended with an error"
            raise error


def _let_through(interruptions: Interruptions) -> None:
    """Raise an interruption that waited, and defer none from now on."""
    interruptions.let_through()
    if interruptions.pending is not None:
        raise interruptions.pending


def _value(finished: Finished) -> Any:
    if finished.error is not None:
        raise finished.error
    return finished.value


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())
