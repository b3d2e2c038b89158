"""Fits that jobs of a batch system do in parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.api.fitting import check_minutes, check_replicas
from n3fit.api.notebooks import shows_progress
from n3fit.defaults import REPLICAS
from n3fit.errors import CommandLineError, OutputExistsError, did_you_mean
from n3fit.paths import PathLike, SearchPaths
from n3fit.progress import NullReporter, ProgressReporter

if TYPE_CHECKING:
    from n3fit.api.fit_object import Fit


@shows_progress
def fit_part(
    runcard: PathLike,
    *,
    part: tuple[int, int],
    replicas: Sequence[int] = REPLICAS,
    output: PathLike | None = None,
    theory_path: PathLike | None = None,
    pdf_path: PathLike | None = None,
    data_path: PathLike | None = None,
    checkpoint: float | None = None,
    progress: ProgressReporter | None = None,
) -> Fit:
    """Fit part K of N of the replicas; the process that finishes the last part merges all of them.

    Parameters
    ----------
    part : (K, N)
        K from 1 to N.
    runcard, replicas, output, theory_path, pdf_path, data_path, checkpoint, progress
        As in :func:`n3fit.api.fit`. A part that was interrupted goes on from its checkpoint.

    Returns
    -------
    Fit
        The fit, or its part as long as others are missing.

    Raises
    ------
    N3fitError
        Any user error.
    """
    from n3fit.api.fit_object import Fit
    from n3fit.cluster.fit_parts import fit_part as run_part

    source = Path(runcard)
    folder = run_part(
        source,
        check_replicas(replicas),
        Path(output) if output is not None else Path(source.stem),
        part=part,
        paths=SearchPaths.of(theory_path, pdf_path, data_path),
        progress=progress or NullReporter(),
        checkpoint=check_minutes(checkpoint),
    )
    return Fit(folder)


@shows_progress
def collect(
    runcard: PathLike,
    *,
    replicas: Sequence[int] = REPLICAS,
    output: PathLike | None = None,
    progress: ProgressReporter | None = None,
) -> Fit:
    """Merge the parts of a fit, see :func:`fit_part`.

    Raises
    ------
    DataError
        Replicas are missing.
    """
    from n3fit.api.fit_object import Fit
    from n3fit.cluster.fit_parts import collect_parts

    source = Path(runcard)
    folder = Path(output) if output is not None else Path(source.stem)
    return Fit(collect_parts(source, check_replicas(replicas), folder, progress=progress or NullReporter()))


@shows_progress
def add_replicas(
    runcard: PathLike,
    *,
    replicas: Sequence[int],
    output: PathLike | None = None,
    theory_path: PathLike | None = None,
    pdf_path: PathLike | None = None,
    data_path: PathLike | None = None,
    checkpoint: float | None = None,
    progress: ProgressReporter | None = None,
) -> Fit:
    """Fit replicas and add them to the fit of the same runcard, which other processes may do at the same time.

    Parameters
    ----------
    runcard, replicas, output, theory_path, pdf_path, data_path, checkpoint, progress
        As in :func:`n3fit.api.fit`. The fit is created if there is none.

    Raises
    ------
    N3fitError
        Any user error.
    """
    from n3fit.api.fit_object import Fit
    from n3fit.cluster.fit_parts import add_to_fit

    source = Path(runcard)
    folder = add_to_fit(
        source,
        check_replicas(replicas),
        Path(output) if output is not None else Path(source.stem),
        paths=SearchPaths.of(theory_path, pdf_path, data_path),
        progress=progress or NullReporter(),
        checkpoint=check_minutes(checkpoint),
    )
    return Fit(folder)


def job_array(
    runcard: PathLike,
    *,
    jobs: int,
    system: str = "slurm",
    replicas: Sequence[int] = REPLICAS,
    output: PathLike | None = None,
    options: Sequence[str] = (),
) -> str:
    """Return the script of a job array that does a fit, with one part of the replicas per job.

    Parameters
    ----------
    jobs : int
        Number of jobs, at most one per replica.
    system : str
        ``slurm`` or ``htcondor``.
    runcard, replicas, output
        As in :func:`n3fit.api.fit`.
    options : sequence of str
        Further options of ``n3fit fit`` for each job.

    Raises
    ------
    CommandLineError
        One of them is out of range.
    """
    from n3fit.cluster.job_arrays import SYSTEMS, ArrayFit, array_script
    from n3fit.results import fit_name

    if system not in SYSTEMS:
        hint = did_you_mean(system, SYSTEMS)
        raise CommandLineError(f"system: expected one of {', '.join(SYSTEMS)}, received {system!r}", hint=hint)
    source = Path(runcard)
    folder = Path(output) if output is not None else Path(source.stem)
    fit_name(folder)
    return array_script(ArrayFit(source.resolve(), folder.resolve(), check_replicas(replicas), jobs, options), system)


def template_cluster(system: str, *, output: PathLike | None = None, force: bool = False) -> str:
    """Return a commented file that describes a cluster, for ``slurm`` or ``htcondor``.

    Parameters
    ----------
    output : path, optional
        Write it to this file too.
    force : bool
        Replace the file.

    Raises
    ------
    CommandLineError
        There is none for this system.
    OutputExistsError, ResourceError
        The file exists or cannot be written.
    """
    from n3fit.cluster.templates import TEMPLATES
    from n3fit.storage import write_atomically

    if system not in TEMPLATES:
        hint = did_you_mean(system, TEMPLATES)
        raise CommandLineError(f"system: expected one of {', '.join(TEMPLATES)}, received {system!r}", hint=hint)
    if output is not None:
        if Path(output).exists() and not force:
            raise OutputExistsError(f"{output}: exists already", hint="replace it with --force", ways=[["--force"]])
        write_atomically(Path(output), TEMPLATES[system])
    return TEMPLATES[system]
