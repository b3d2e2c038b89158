"""Opening a pool of workers, in this process, on this machine or on a cluster."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from n3fit.cluster.inline_pool import InlinePool
from n3fit.cluster.interface import Finished, LostTaskError, Pool
from n3fit.defaults import RETRIES
from n3fit.errors import CommandLineError
from n3fit.progress import ProgressReporter

__all__ = ["Finished", "LostTaskError", "Pool", "open_pool"]


def open_pool(
    workers: int | None = None,
    cluster: str | Path | None = None,
    *,
    retries: int = RETRIES,
    progress: ProgressReporter,
) -> Pool:
    """Open a pool of workers.

    Parameters
    ----------
    workers : int, optional
        Number of processes of this machine.
    cluster : str or Path, optional
        Address of a scheduler of dask, such as ``tcp://host:8786``, or a file that describes a cluster. With neither
        of the two, tasks run in this process, one after the other, without dask.
    retries : int
        How often a task whose worker was lost is given to another one.
    progress : ProgressReporter
        Receives the progress of all tasks, in :meth:`Pool.next_finished`.

    Raises
    ------
    CommandLineError
        Both ``workers`` and ``cluster`` are given, or a number is out of range, or the file is not valid.
    MissingExtraError
        dask is needed and not installed.
    ResourceError
        The scheduler is not reached, or a worker has no n3fit or another version of it.
    """
    check_pool(workers, cluster, retries)
    if workers is None and cluster is None:
        return InlinePool(progress)
    from n3fit.cluster.connections import open_connection  # imports dask
    from n3fit.cluster.dask_pool import DaskPool

    return DaskPool(open_connection(workers, cluster, retries=retries, progress=progress), retries, progress)


def check_pool(workers: int | None, cluster: str | Path | None, retries: int) -> None:
    """Check, before the work begins, that a pool can be opened with these arguments.

    Raises
    ------
    CommandLineError
        Both ``workers`` and ``cluster`` are given, or a number is out of range.
    MissingExtraError
        dask is needed and not installed.
    """
    if workers is not None and cluster is not None:
        raise CommandLineError(
            "received both --workers and --cluster, expected one of them",
            hint="--workers N for processes of this machine, --cluster FILE for many machines",
        )
    if workers is not None and workers < 1:
        raise CommandLineError(f"workers: expected at least 1, received {workers}")
    if retries < 0:
        raise CommandLineError(f"retries: expected 0 or more, received {retries}")
    if workers is not None or cluster is not None:
        import_module("n3fit.cluster.connections")  # which fails without dask
