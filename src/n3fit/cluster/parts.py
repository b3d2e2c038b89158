"""Parts of a fit: folders beside that of the fit with blocks of its replicas, until they are merged."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from n3fit.errors import CommandLineError, N3fitError, OutputExistsError
from n3fit.fit.checkpoints import SUFFIX as CHECKPOINT
from n3fit.fit.checkpoints import checkpoint_folder, has_checkpoints
from n3fit.fit.output_plan import plan_output
from n3fit.results import FitFolder, merge_fits
from n3fit.results.adding import open_fit_of_card
from n3fit.results.layout import format_replicas, is_fit_folder
from n3fit.storage.files import resolve_folder

SUFFIX = ".parts"

_NAME = re.compile(rf"replicas-(\d{{1,9}})-(\d{{1,9}})(?:{re.escape(CHECKPOINT)})?")


@dataclass(frozen=True)
class PartsPlan:
    """What is there of a fit, and what is to be done.

    Parameters
    ----------
    existing : FitFolder or None
        The fit to which the parts are added.
    finished : tuple of FitFolder
        Parts that are complete.
    started : tuple of lists of int
        Blocks that were begun, which go on from their checkpoints.
    missing : tuple of int
        Replicas of which nothing is there.
    replace : bool
        Whether a fit in the folder is replaced.
    """

    existing: FitFolder | None
    finished: tuple[FitFolder, ...]
    started: tuple[list[int], ...]
    missing: tuple[int, ...]
    replace: bool

    @property
    def is_done(self) -> bool:
        """Whether all replicas are in the fit."""
        return not (self.finished or self.started or self.missing)


def parts_folder(folder: Path) -> Path:
    """Return the folder of the parts of the fit in ``folder``."""
    target = resolve_folder(folder)
    return target.with_name(target.name + SUFFIX)


def part_folder(folder: Path, numbers: Sequence[int]) -> Path:
    """Return the folder of a block of consecutive replicas of the fit in ``folder``."""
    return parts_folder(folder) / f"replicas-{numbers[0]}-{numbers[-1]}"


def turn_file(part: Path) -> Path:
    """Return the file whose lock a worker holds while it fits a part."""
    return part.with_name(f".{part.name}.turn")


def plan_parts(folder: Path, runcard_text: str, replicas: Sequence[int], *, force: bool = False) -> PartsPlan:
    """Return what is there of a fit and what is missing; the caller holds the lock of ``folder``.

    With ``force`` the parts that are there are removed first.

    Raises
    ------
    CommandLineError
        A part is of another runcard, or has other replicas besides those of the fit.
    OutputExistsError
        The place is taken, or has the checkpoint of a fit in one process.
    """
    plan = plan_output(folder, runcard_text, replicas, force=force, add=False, resume=not force)
    place = parts_folder(folder)
    if force:
        shutil.rmtree(place, ignore_errors=True)
    checkpoints = checkpoint_folder(resolve_folder(folder))
    if not force and has_checkpoints(checkpoints):
        raise OutputExistsError(
            f"{checkpoints}: has the checkpoints of a fit in one process",
            hint="continue it with --resume, without --workers and --cluster, or start anew with --force",
        )
    wanted = set(plan.replicas)
    finished, started = [], []
    for numbers in _blocks_in(place):
        here = wanted & set(numbers)
        if not here:
            continue
        part = part_folder(folder, numbers)
        if here != set(numbers):
            raise CommandLineError(
                f"{part}: has replicas {format_replicas(numbers)}, of which only some belong to "
                f"{format_replicas(plan.replicas)}",
                hint=f"continue with --replicas {numbers[0]}-{numbers[-1]}, or start anew with --force",
                ways=[["--replicas", f"{numbers[0]}-{numbers[-1]}"], ["--force"]],
            )
        fit = _complete_part(part, runcard_text, numbers)
        if fit is None:
            started.append(numbers)
        else:
            finished.append(fit)
        wanted -= here
    missing = tuple(number for number in plan.replicas if number in wanted)
    return PartsPlan(plan.existing, tuple(finished), tuple(started), missing, plan.replace or force)


def merge_parts(folder: Path, parts: Sequence[FitFolder], *, existing: FitFolder | None, force: bool) -> FitFolder:
    """Merge parts, and the fit that is there, into ``folder``; then remove the parts. The caller holds its lock.

    Raises
    ------
    N3fitError
        They cannot be merged; the parts are kept.
    """
    everything = [*([] if existing is None else [existing]), *parts]
    try:
        merged = merge_fits(everything, folder, force=force or existing is not None)
    except N3fitError as error:
        error.hint = f"{error.hint + '; ' if error.hint else ''}the parts are kept in {parts_folder(folder)}"
        raise
    for part in parts:
        shutil.rmtree(part.path, ignore_errors=True)
        shutil.rmtree(checkpoint_folder(part.path), ignore_errors=True)
        turn_file(part.path).unlink(missing_ok=True)
    remove_if_empty(parts_folder(folder))
    return merged


def remove_if_empty(place: Path) -> None:
    """Remove the folder of the parts unless something of another process is there."""
    with suppress(OSError):
        place.rmdir()


def split_at_gaps(numbers: Sequence[int]) -> list[list[int]]:
    """Return blocks of consecutive replicas.

    >>> split_at_gaps([1, 2, 5])
    [[1, 2], [5]]
    """
    blocks: list[list[int]] = []
    for number in numbers:
        if blocks and number == blocks[-1][-1] + 1:
            blocks[-1].append(number)
        else:
            blocks.append([number])
    return blocks


def _complete_part(part: Path, runcard_text: str, numbers: Sequence[int]) -> FitFolder | None:
    if not is_fit_folder(part):
        return None
    fit = open_fit_of_card(part, runcard_text)
    return fit if fit.manifest.status == "complete" and set(fit.replicas.tolist()) == set(numbers) else None


def _blocks_in(place: Path) -> list[list[int]]:
    """Return the blocks that were begun, sorted."""
    found = set()
    if place.is_dir():
        for path in place.iterdir():
            match = _NAME.fullmatch(path.name)
            if match and path.is_dir():
                found.add((int(match[1]), int(match[2])))
    return [list(range(first, last + 1)) for first, last in sorted(found)]
