"""A fit whose replicas are divided over the workers of a pool."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from n3fit.cluster.blocks import blocks_of
from n3fit.cluster.parts import PartsPlan, merge_parts, part_folder, parts_folder, plan_parts, split_at_gaps
from n3fit.cluster.pool import Pool, check_pool, open_pool
from n3fit.defaults import RETRIES
from n3fit.errors import CommandLineError, N3fitError
from n3fit.fit.checkpoints import discard_checkpoints
from n3fit.fit.inputs import load_inputs
from n3fit.fit.settings import fit_settings
from n3fit.results.adding import check_inputs, open_fit_of_card
from n3fit.runcard import read_runcard
from n3fit.storage import write_atomically
from n3fit.storage.locks import lock_folder

if TYPE_CHECKING:
    from n3fit.paths import SearchPaths
    from n3fit.progress import ProgressReporter
    from n3fit.results import FitFolder


def fit_on_workers(
    source: Path,
    replicas: Sequence[int],
    folder: Path,
    *,
    paths: SearchPaths,
    progress: ProgressReporter,
    workers: int | None = None,
    cluster: str | Path | None = None,
    block: int | None = None,
    retries: int = RETRIES,
    force: bool = False,
    checkpoint: float | None = None,
) -> FitFolder:
    """Fit replicas in blocks on workers, and merge them into the fit folder when all are there.

    What an earlier run has finished, or left checkpoints of, is used.

    Parameters
    ----------
    source : Path
        The runcard, which all workers can read.
    replicas : sequence of int
    folder : Path
        On a file system that all workers share; the parts are beside it until they are merged.
    paths : SearchPaths
    progress : ProgressReporter
        Receives the joint progress.
    workers, cluster, retries
        See :func:`n3fit.cluster.pool.open_pool`.
    block : int, optional
        Replicas that one worker trains together; by default as many as make one block per worker.
    force : bool
        Replace an existing fit.
    checkpoint : float, optional
        Minutes between checkpoints.

    Raises
    ------
    N3fitError
        Any user error; blocks that are finished are kept.
    KeyboardInterrupt
        The same command goes on from what is finished and from the checkpoints.
    """
    check_pool(workers, cluster, retries)
    progress.phase("reading the runcard")
    card = read_runcard(source)
    if fit_settings(card, tensorboard_folder=folder).training.tensorboard is not None:
        raise CommandLineError("tensorboard: has no logs of several workers", hint="remove the key from the runcard")
    with lock_folder(folder) as target:
        plan = plan_parts(target, card.source_text, replicas, force=force)
        if plan.is_done and plan.existing is not None:
            progress.message(f"{folder}: has all of these replicas already, nothing to do")
            return plan.existing
        progress.phase("reading data and theory")
        inputs = load_inputs(card, paths, progress=progress)
        parts = list(plan.finished)
        if plan.started or plan.missing:
            place = parts_folder(target)
            token = place / f".token-{secrets.token_hex(8)}"
            write_atomically(token, token.name)
            fit = {
                "theories": _absolute(paths.theories),
                "pdf_sets": _absolute(paths.pdf_sets),
                "data": _absolute(paths.data),
                "hashes": inputs.hashes,
                "token": str(token),
                "checkpoint": checkpoint,
            }
            try:
                progress.phase("starting workers")
                with open_pool(workers, cluster, retries=retries, progress=progress) as pool:
                    blocks = _blocks(plan, pool.size, block)
                    _describe(plan, blocks, pool, progress)
                    _run(pool, target, str(source.resolve()), blocks, fit, progress)
            finally:
                with suppress(OSError):
                    token.unlink()
            parts += [open_fit_of_card(part_folder(target, numbers), card.source_text) for numbers in blocks]
        progress.phase("merging the replicas")
        if plan.existing is not None:
            check_inputs(plan.existing, parts[0].manifest.inputs)
        merged = merge_parts(target, parts, existing=plan.existing, force=plan.replace)
        discard_checkpoints(target)
        return merged


def _blocks(plan: PartsPlan, workers: int, size: int | None) -> list[list[int]]:
    """Return the blocks to be fitted: those that were begun, and new ones of consecutive replicas."""
    free = max(1, workers - len(plan.started))
    new = blocks_of(plan.missing, workers=free, size=size) if plan.missing else []
    return [*plan.started, *(run for numbers in new for run in split_at_gaps(numbers))]


def _describe(plan: PartsPlan, blocks: Sequence[Sequence[int]], pool: Pool, progress: ProgressReporter) -> None:
    done = sum(len(part.replicas) for part in plan.finished)
    if done:
        progress.message(f"{done} replicas are finished already")
    sizes = sorted({len(numbers) for numbers in blocks})
    each = f"{sizes[0]} to {sizes[-1]}" if len(sizes) > 1 else f"{sizes[0]}"
    blocks_text = "1 block" if len(blocks) == 1 else f"{len(blocks)} blocks"
    workers_text = "1 worker" if pool.size == 1 else f"{pool.size} workers"
    progress.message(f"{blocks_text} of {each} replicas for {workers_text}")


def _run(
    pool: Pool, target: Path, source: str, blocks: Sequence[list[int]], fit: dict[str, Any], progress: ProgressReporter
) -> None:
    """Fit the blocks; when one fails, the others still end.

    Raises
    ------
    N3fitError
        The error of the first block that failed.
    """
    from n3fit.cluster.fit_block import fit_block

    progress.phase("training")
    names = {}
    for numbers in blocks:
        part = part_folder(target, numbers)
        names[part.name] = numbers
        pool.submit(part.name, fit_block, source, numbers, str(part), fit)
    errors: dict[str, N3fitError] = {}
    for done in range(1, len(blocks) + 1):
        finished = pool.next_finished()
        progress.step("blocks", done, len(blocks))
        if finished.error is not None:
            errors[finished.name] = finished.error
    for name in names:
        if name in errors:
            error = errors[name]
            others = len(blocks) - len(errors)
            kept = (
                f"; {others} of {len(blocks)} blocks are finished and kept: the same command goes on" if others else ""
            )
            error.hint = f"{error.hint}{kept}".removeprefix("; ")
            raise error


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())
