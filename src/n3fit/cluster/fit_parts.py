"""Fits of some of the replicas by processes of their own, merged by the one that finishes last."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.cluster.blocks import divide
from n3fit.cluster.parts import merge_parts, part_folder, plan_parts, split_at_gaps
from n3fit.errors import CommandLineError, DataError
from n3fit.fit.run import run_fit
from n3fit.results.adding import check_inputs, open_fit_of_card
from n3fit.results.layout import format_replicas, is_fit_folder
from n3fit.runcard import read_runcard
from n3fit.storage.files import resolve_folder
from n3fit.storage.locks import lock_folder

if TYPE_CHECKING:
    from n3fit.paths import SearchPaths
    from n3fit.progress import ProgressReporter
    from n3fit.results import FitFolder


def fit_part(
    source: Path,
    replicas: Sequence[int],
    folder: Path,
    *,
    part: tuple[int, int],
    paths: SearchPaths,
    progress: ProgressReporter,
    checkpoint: float | None = None,
) -> FitFolder:
    """Fit part K of N of the replicas, from its checkpoint if there is one; merge the fit if all parts are there.

    Returns
    -------
    FitFolder
        The fit, or the part as long as others are missing.

    Raises
    ------
    CommandLineError
        There is no such part.
    N3fitError
        Any other user error.
    """
    number, parts = part
    if not 1 <= number <= parts <= len(replicas):
        raise CommandLineError(
            f"--part: expected K/N with K from 1 to N, and N of at most {len(replicas)} replicas, "
            f"received {number}/{parts}"
        )
    numbers = divide(replicas, parts)[number - 1]
    text = read_runcard(source).source_text
    existing = _fit_with(folder, text, numbers)
    if existing is not None:
        progress.message(f"{folder}: has replicas {format_replicas(numbers)} already, nothing to do")
        return existing
    place = part_folder(folder, numbers)
    written = run_fit(source, numbers, place, paths=paths, progress=progress, resume=True, checkpoint=checkpoint)
    return _merge_if_complete(folder, text, replicas, progress) or written


def collect_parts(source: Path, replicas: Sequence[int], folder: Path, *, progress: ProgressReporter) -> FitFolder:
    """Merge the parts of a fit into its folder.

    Raises
    ------
    DataError
        Some replicas are missing; they are named.
    """
    text = read_runcard(source).source_text
    merged = _merge_if_complete(folder, text, replicas, progress)
    if merged is None:
        with lock_folder(folder, on_wait=progress.message) as target:
            plan = plan_parts(target, text, replicas)
        missing = [*plan.missing, *(number for numbers in plan.started for number in numbers)]
        raise DataError(
            f"{folder}: replicas {format_replicas(missing)} are not finished",
            hint="submit their jobs again: they go on from their checkpoints",
        )
    return merged


def add_to_fit(
    source: Path,
    replicas: Sequence[int],
    folder: Path,
    *,
    paths: SearchPaths,
    progress: ProgressReporter,
    checkpoint: float | None = None,
) -> FitFolder:
    """Fit replicas in a folder of their own and add them to the fit of the same runcard, which need not exist yet.

    Several processes may do so at the same time with different replicas.

    Raises
    ------
    N3fitError
        Any user error, such as a fit of another runcard in the folder.
    """
    text = read_runcard(source).source_text
    present: set[int] = set()
    if is_fit_folder(resolve_folder(folder)):
        fit = open_fit_of_card(folder, text)
        present = set(fit.replicas.tolist())
        if present.issuperset(replicas):
            progress.message(f"{folder}: has replicas {format_replicas(replicas)} already, nothing to do")
            return fit
    merged = None
    for numbers in split_at_gaps([number for number in replicas if number not in present]):
        place = part_folder(folder, numbers)
        written = run_fit(source, numbers, place, paths=paths, progress=progress, resume=True, checkpoint=checkpoint)
        progress.phase("adding the replicas")
        with lock_folder(folder, on_wait=progress.message) as target:
            existing = open_fit_of_card(target, text) if is_fit_folder(target) else None
            if existing is not None:
                check_inputs(existing, written.manifest.inputs)
            merged = merge_parts(target, [written], existing=existing, force=False)
    assert merged is not None
    return merged


def _fit_with(folder: Path, text: str, numbers: Sequence[int]) -> FitFolder | None:
    """Return the fit in a folder if it has all of these replicas."""
    if not is_fit_folder(resolve_folder(folder)):
        return None
    fit = open_fit_of_card(folder, text)
    return fit if set(numbers) <= set(fit.replicas.tolist()) else None


def _merge_if_complete(
    folder: Path, text: str, replicas: Sequence[int], progress: ProgressReporter
) -> FitFolder | None:
    """Merge the parts if all replicas are finished; None otherwise."""
    with lock_folder(folder, on_wait=progress.message) as target:
        plan = plan_parts(target, text, replicas)
        if plan.is_done:
            return plan.existing
        if plan.missing or plan.started:
            done = sum(len(part.replicas) for part in plan.finished)
            progress.message(f"{done} of {len(replicas)} replicas are finished; the last job merges them")
            return None
        progress.phase("merging the replicas")
        if plan.existing is not None:
            check_inputs(plan.existing, plan.finished[0].manifest.inputs)
        return merge_parts(target, plan.finished, existing=plan.existing, force=plan.replace)
