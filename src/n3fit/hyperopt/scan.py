"""A scan from its card to its folder."""

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
from n3fit.hyperopt.samplers import TrialSampler
from n3fit.hyperopt.scan_card import parse_scan_card, search_space
from n3fit.hyperopt.scan_loop import ScanLoop
from n3fit.hyperopt.study_folder import (
    JOURNAL,
    ScanSettings,
    check_same,
    create_folder,
    hash_of_card,
    is_study,
)
from n3fit.hyperopt.trial_groups import trials_at_once
from n3fit.hyperopt.trial_journal import TrialJournal
from n3fit.hyperopt.trial_plans import DrawnTrials, SampledTrials, TrialPlan
from n3fit.hyperopt.trial_result import TrialResult
from n3fit.hyperopt.trial_worker import ScanWork, evaluate_trial, evaluate_trials, input_hashes
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
    together : int, optional
        How many trials are chosen at once; those of them with the same network train as one batch. By default one
        where the next trial depends on those before, else as many as :func:`trials_at_once` says.
    """

    trials: int
    sampler: str = SCAN_SAMPLERS[0]
    seed: int = SCAN_SEED
    prune: bool = False
    force: bool = False
    together: int | None = None


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
    evaluate_together: Callable[..., list[TrialResult]] = evaluate_trials,
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
    evaluate, evaluate_together, hash_inputs : callable
        What the pool runs for a trial, for several trials, and for the hashes of the inputs.

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
    folders = (_text(path) for path in (paths.theories, paths.pdf_sets, paths.data))
    work = ScanWork(text, str(source), tuple(replicas), *folders)
    with lock_folder(folder, kind="scan"), Interruptions() as interruptions, open_pool() as pool:
        progress.phase("reading data and theory")
        pool.submit("inputs", hash_inputs, work.to_plain())
        hashes = _value(pool.next_finished())
        _open_folder(folder, text, source.name, tuple(replicas), hashes, options)
        journal = TrialJournal(open_study(folder / JOURNAL))
        assert card.kfold is not None
        loop = ScanLoop(
            folder=folder,
            journal=journal,
            plan=plan,
            shared=(work.to_plain(), dict(hashes)),
            trials=options.trials,
            at_once=_trials_at_once(options, plan, len(card.kfold.partitions) * len(replicas)),
            prune=options.prune,
            loss_type=card.kfold.loss_type,
            evaluate=evaluate,
            evaluate_together=evaluate_together,
            progress=progress,
        )
        loop.recover()
        loop.run(pool, interruptions)
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


def _trials_at_once(options: ScanOptions, plan: TrialPlan, slots: int) -> int:
    """Return how many trials are chosen at once: several only where that changes no trial, unless it is requested."""
    if options.together is not None:
        return options.together
    return 1 if plan.learns or options.prune else trials_at_once(slots, options.trials)


def _plan(card: Runcard, folder: Path, options: ScanOptions) -> TrialPlan:
    """Return where the parameters of the trials come from."""
    config = card.hyperscan_config
    assert config is not None
    if config.use_tries_from is not None:
        earlier = find_scan(config.use_tries_from, folders=(folder,), key="hyperscan_config.use_tries_from")
        return DrawnTrials(weighted_draws(read_tries(earlier), options.trials, options.seed))
    space = search_space(card, folder)
    return SampledTrials(space, TrialSampler(options.sampler, space, options.seed))


def _value(finished: Finished) -> Any:
    if finished.error is not None:
        raise finished.error
    return finished.value


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())
