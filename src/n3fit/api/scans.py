"""Hyperparameter scans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from n3fit.api.fitting import check_replicas
from n3fit.api.notebooks import shows_progress
from n3fit.defaults import RETRIES, SCAN_REPLICAS, SCAN_SAMPLERS, SCAN_SEED
from n3fit.errors import CommandLineError
from n3fit.paths import PathLike, SearchPaths
from n3fit.progress import NullReporter, ProgressReporter


@dataclass(frozen=True)
class ScanSummary:
    """A scan that has all its trials.

    Parameters
    ----------
    folder : Path
    trials, failed : int
        Trials that have ended, and those of them that failed.
    best : int or None
        Number of the trial with the smallest loss; None where all failed.
    loss : float or None
        Its loss.
    parameters : dict
        Its keys ``parameters`` of the runcard.
    """

    folder: Path
    trials: int
    failed: int
    best: int | None
    loss: float | None
    parameters: dict[str, Any] = field(default_factory=dict)


@shows_progress
def hyperopt(
    runcard: PathLike,
    *,
    trials: int,
    replicas: Sequence[int] = SCAN_REPLICAS,
    output: PathLike | None = None,
    sampler: str = SCAN_SAMPLERS[0],
    seed: int = SCAN_SEED,
    prune: bool = False,
    together: int | None = None,
    workers: int | None = None,
    cluster: PathLike | None = None,
    retries: int = RETRIES,
    theory_path: PathLike | None = None,
    pdf_path: PathLike | None = None,
    data_path: PathLike | None = None,
    force: bool = False,
    progress: ProgressReporter | None = None,
) -> ScanSummary:
    """Scan hyperparameters, or continue a scan: the same call goes on until there are ``trials`` trials.

    Parameters
    ----------
    runcard : path
        With ``hyperscan_config`` and ``kfold``.
    trials : int
        Trials of the scan, those of earlier calls included.
    replicas : range or sequence of int
        Numbers of the replicas of every trial.
    output : path, optional
        The folder of the scan; by default named like the runcard, in the working directory.
    sampler : str
        ``tpe``, ``random``, ``grid`` or ``cmaes``.
    seed : int
        Of the sampler; the fits have the seeds of the runcard.
    prune : bool
        Stop trials after folds that are worse than those of most other trials, where folds do not train together.
    together : int, optional
        How many trials are chosen at once; those of them with the same network train as one batch. By default one for
        samplers that learn from trials, else as many as have 100 replicas in all folds.
    workers : int, optional
        Number of processes of this machine, each of which evaluates one trial at a time.
    cluster : path, optional
        Address of a scheduler of dask, or a file that describes a cluster.
    retries : int
        How often a trial whose worker was lost is given to another one.
    theory_path, pdf_path, data_path : path, optional
        Folders with theories, with PDF sets and with own data sets, besides those that are always searched.
    force : bool
        Replace an existing scan.
    progress : ProgressReporter, optional
        Receives progress updates.

    Returns
    -------
    ScanSummary

    Raises
    ------
    N3fitError
        Any user error; see ``n3fit.errors``.
    KeyboardInterrupt
        The scan was interrupted; trials that had ended are recorded, and the same call continues it.
    """
    from n3fit.cluster.pool import open_pool
    from n3fit.hyperopt.scan import ScanOptions, run_scan

    for name, value, least in (("trials", trials, 1), ("seed", seed, 0), ("together", together, 1)):
        if value is not None and value < least:
            raise CommandLineError(f"{name}: expected at least {least}, received {value}")
    numbers = check_replicas(replicas)
    source = Path(runcard)
    reporter = progress if progress is not None else NullReporter()
    folder = run_scan(
        source,
        numbers,
        Path(output) if output is not None else Path(source.stem),
        ScanOptions(trials, sampler, seed, prune, force, together),
        paths=SearchPaths.of(theory_path, pdf_path, data_path),
        progress=reporter,
        open_pool=lambda: open_pool(
            workers, None if cluster is None else str(cluster), retries=retries, progress=reporter
        ),
    )
    return summarise_scan(folder)


def summarise_scan(folder: Path) -> ScanSummary:
    """Return the summary of the scan in a folder.

    Raises
    ------
    DataError
        The trials cannot be read.
    """
    from n3fit.results.tries import DONE, best_tries, read_tries

    tries = [trial for trial in read_tries(folder) if trial.state == DONE]
    good = best_tries([trial for trial in tries if trial.ended_well], number=1)
    best = good[0] if good else None
    return ScanSummary(
        folder=folder,
        trials=len(tries),
        failed=sum(not trial.ended_well for trial in tries),
        best=None if best is None else best.tid,
        loss=None if best is None else best.loss,
        parameters={} if best is None else dict(best.parameters),
    )
