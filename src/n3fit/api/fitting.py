"""Fitting replicas."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.api.notebooks import shows_progress
from n3fit.defaults import REPLICAS, RETRIES
from n3fit.errors import CommandLineError
from n3fit.paths import PathLike, SearchPaths
from n3fit.progress import NullReporter, ProgressReporter

if TYPE_CHECKING:
    from n3fit.api.fit_object import Fit


@shows_progress
def fit(
    runcard: PathLike,
    *,
    replicas: Sequence[int] = REPLICAS,
    output: PathLike | None = None,
    theory_path: PathLike | None = None,
    pdf_path: PathLike | None = None,
    data_path: PathLike | None = None,
    force: bool = False,
    add: bool = False,
    resume: bool = False,
    checkpoint: float | None = None,
    workers: int | None = None,
    cluster: PathLike | None = None,
    block: int | None = None,
    retries: int = RETRIES,
    progress: ProgressReporter | None = None,
) -> Fit:
    """Fit replicas and write the fit folder.

    Parameters
    ----------
    runcard : path
        The file of the runcard.
    replicas : range or sequence of int
        Numbers of the replicas, from 1.
    output : path, optional
        The fit folder; by default named like the runcard, in the working directory.
    theory_path, pdf_path, data_path : path, optional
        Folders with theories, with PDF sets and with own data sets, besides those that are always searched.
    force : bool
        Replace an existing fit.
    add : bool
        Add the replicas to the existing fit, which must be of the same runcard and inputs. Its choice of replicas for
        the PDF set has to be made again; PDF sets inside the folder stay as they are.
    resume : bool
        Continue a fit that was interrupted, from its checkpoint; fit only the replicas that are not there.
    checkpoint : float, optional
        Minutes between checkpoints; zero for one after every chunk of epochs. By default so long, and at least half a
        minute, that they cost less than 1 % of the time.
    workers : int, optional
        Divide the replicas over so many processes of this machine.
    cluster : path or str, optional
        Divide them over a cluster: a file that describes it, or the address of a scheduler of dask. With ``workers``
        or ``cluster``, what an earlier run has finished is used as with ``resume``.
    block : int, optional
        Replicas that a worker trains together; by default one block per worker.
    retries : int
        How often a block whose worker was lost is given to another one.
    progress : ProgressReporter, optional
        Receives progress updates.

    Returns
    -------
    Fit

    Raises
    ------
    N3fitError
        Any user error; see ``n3fit.errors``.
    KeyboardInterrupt
        The fit was interrupted; replicas that had finished are in the folder, and ``resume`` continues from a
        checkpoint. From the first epoch on, an interruption waits for the end of the present chunk of epochs, or until
        the replicas are written; a second one does not.
    """
    from n3fit.api.fit_object import Fit
    from n3fit.fit.run import run_fit

    source = Path(runcard)
    reporter = progress if progress is not None else NullReporter()
    if block is not None and workers is None and cluster is None:
        raise CommandLineError("block: has a meaning only with workers or a cluster", hint="such as workers=2")
    if workers is not None or cluster is not None:
        from n3fit.cluster.fit_on_workers import fit_on_workers

        if block is not None and block < 1:
            raise CommandLineError(f"block: expected at least 1 replica, received {block}")
        if force and resume:
            raise CommandLineError("received both --resume and --force, expected one of them")
        return Fit(
            fit_on_workers(
                source,
                check_replicas(replicas),
                Path(output) if output is not None else Path(source.stem),
                paths=SearchPaths.of(theory_path, pdf_path, data_path),
                progress=reporter,
                workers=workers,
                cluster=None if cluster is None else os.fspath(cluster),
                block=block,
                retries=retries,
                force=force,
                checkpoint=check_minutes(checkpoint),
            )
        )
    folder = run_fit(
        source,
        check_replicas(replicas),
        Path(output) if output is not None else Path(source.stem),
        paths=SearchPaths.of(theory_path, pdf_path, data_path),
        progress=reporter,
        force=force,
        add=add,
        resume=resume,
        checkpoint=check_minutes(checkpoint),
    )
    return Fit(folder)


def check_replicas(replicas: Sequence[int]) -> list[int]:
    """Return replica numbers as a list.

    Raises
    ------
    CommandLineError
        There are none, or some are not positive or repeated.
    """
    numbers = [int(number) for number in replicas]
    if not numbers or min(numbers) < 1 or len(set(numbers)) < len(numbers):
        raise CommandLineError(
            f"replicas: expected different numbers from 1, received {replicas!r}", hint="such as range(1, 21)"
        )
    return numbers


def check_minutes(checkpoint: float | None) -> float | None:
    """Return the minutes between checkpoints.

    Raises
    ------
    CommandLineError
        They are negative or not finite.
    """
    if checkpoint is not None and not 0 <= checkpoint < math.inf:
        raise CommandLineError(f"checkpoint: expected minutes from 0, received {checkpoint!r}", hint="such as 10")
    return checkpoint
