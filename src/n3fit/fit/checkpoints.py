"""The checkpoints of a fit: a folder beside the fit folder, from which the same fit goes on."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from n3fit import __version__
from n3fit.errors import DataError
from n3fit.results.layout import format_replicas
from n3fit.storage.arrays import SUFFIX as ARRAYS
from n3fit.storage.checkpoints import CheckpointSeries, try_to_write
from n3fit.storage.files import resolve_folder

if TYPE_CHECKING:
    from n3fit.training.checkpoint import TrainingCheckpoint

logger = logging.getLogger(__name__)

FORMAT = 1
SUFFIX = ".checkpoint"

SHORTEST_INTERVAL = 30.0
"""Seconds between two checkpoints, where no interval is given."""

COST = 200
"""Without a given interval, it is at least this many times as long as the latest checkpoint took."""

_NEW = "choose another folder, or start anew with --force"


def checkpoint_folder(folder: Path) -> Path:
    """Return the folder of the checkpoints of the fit in ``folder``."""
    return folder.with_name(folder.name + SUFFIX)


def has_checkpoints(folder: Path) -> bool:
    """Return whether a folder holds checkpoints."""
    return folder.is_dir() and any(folder.glob(f"*{ARRAYS}"))


class FitCheckpoints:
    """The checkpoints of one fit.

    Each group of replicas that train together has a series of its own; a group that has finished has its final state
    there, so that nothing is trained twice.

    Parameters
    ----------
    folder : Path
        See :func:`checkpoint_folder`.
    identity : mapping
        What has to be the same when the fit goes on: name of each input to its checksum or value, plain JSON.
    replicas : sequence of int
        Numbers of all replicas of the fit.
    minutes : float, optional
        Between two checkpoints; zero for every chunk of epochs. By default so long that they cost less than 1 %.
    clock : callable
        Monotonic time in seconds.

    Attributes
    ----------
    written : int
        Number of checkpoints written.
    """

    def __init__(
        self,
        folder: Path,
        identity: Mapping[str, Any],
        replicas: Sequence[int],
        *,
        minutes: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self.identity = dict(identity)
        self.replicas = list(replicas)
        self.written = 0
        self._interval = None if minutes is None else 60 * minutes
        self._clock = clock
        self._latest = clock()
        self._duration = 0.0

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def series(self, numbers: Sequence[int]) -> CheckpointSeries:
        """Return the checkpoints of a group of replicas, with these numbers."""
        return CheckpointSeries(self.folder, f"replicas-{numbers[0]}-{numbers[-1]}-of-{len(numbers)}")

    def is_due(self) -> bool:
        """Return whether the interval since the latest checkpoint, or since the start, is over."""
        interval = self._interval
        if interval is None:
            interval = max(SHORTEST_INTERVAL, COST * self._duration)
        return self._clock() - self._latest >= interval

    def write(self, numbers: Sequence[int], make_checkpoint: Callable[[], TrainingCheckpoint]) -> None:
        """Write the state of a group; where that is impossible, a warning says so and the training goes on.

        The state is made here, since copying it from the device is a part of what a checkpoint costs.
        """
        started = self._clock()
        header, arrays = make_checkpoint().to_arrays()
        content = {
            "format": FORMAT,
            "identity": self.identity,
            "replicas": self.replicas,
            "group": list(numbers),
            "training": header,
        }
        self.written += try_to_write(self.series(numbers), content, arrays)
        self._latest = self._clock()
        self._duration = self._latest - started

    def read(self, numbers: Sequence[int]) -> TrainingCheckpoint | None:
        """Return the latest state of a group of replicas, None without one.

        Raises
        ------
        DataError
            The checkpoint is of another fit; what differs is named.
        """
        from n3fit.training.checkpoint import TrainingCheckpoint

        found = self.series(numbers).read()
        if found is None:
            return None
        header = found.header
        if header.get("format") != FORMAT:
            raise DataError(f"{self.folder}: written by another version of n3fit", hint=_NEW, ways=[["--force"]])
        self._check(header)
        if header.get("group") != list(numbers):
            return None
        try:
            return TrainingCheckpoint.from_arrays(header["training"], found.arrays)
        except (KeyError, ValueError) as error:
            raise DataError(f"{self.folder}: {error}", hint=_NEW, ways=[["--force"]]) from error

    def check(self) -> None:
        """Check that the checkpoints in the folder are of this fit.

        Raises
        ------
        DataError
            They are of another one; what differs is named.
        """
        names = {path.name.split(".")[0] for path in self.folder.glob(f"*{ARRAYS}")}
        for name in sorted(names):
            found = CheckpointSeries(self.folder, name).read()
            if found is not None:
                self._check(found.header)

    def _check(self, header: Mapping[str, Any]) -> None:
        replicas = header.get("replicas")
        if replicas != self.replicas and isinstance(replicas, list):
            numbers = format_replicas(replicas)
            raise DataError(
                f"{self.folder}: is of replicas {numbers}, received {format_replicas(self.replicas)}",
                hint=f"continue with --replicas {numbers}, {_NEW}",
                ways=[*([] if "," in numbers or "-" not in numbers else [["--replicas", numbers]]), ["--force"]],
            )
        before = header.get("identity")
        before = before if isinstance(before, dict) else {}
        changed = [
            _describe(name, before.get(name), self.identity.get(name))
            for name in sorted({*before, *self.identity})
            if before.get(name) != self.identity.get(name)
        ]
        if changed:
            raise DataError(
                f"{self.folder}: was made with other inputs: {', '.join(changed)}",
                hint=f"restore them to continue; or {_NEW}",
            )


def open_checkpoints(
    folder: Path, hashes: Mapping[str, str], replicas: Sequence[int], *, minutes: float | None, resume: bool
) -> FitCheckpoints:
    """Return the checkpoints of the fit that is written to ``folder``.

    Those that are there are removed, unless the fit resumes.

    Parameters
    ----------
    hashes : mapping
        SHA-256 by the name of each input.
    replicas : sequence of int
        To be fitted.
    minutes : float, optional
        Between checkpoints.

    Raises
    ------
    DataError
        The fit resumes, and the checkpoints are of another fit.
    """
    from n3fit.backends.keras_choice import choose_keras_backend

    # by its name alone: to describe the device would start it, before its precision and threads are chosen
    identity = {"n3fit": __version__, "backend": choose_keras_backend(), **hashes}
    checkpoints = FitCheckpoints(checkpoint_folder(resolve_folder(folder)), identity, replicas, minutes=minutes)
    if resume:
        checkpoints.check()
    else:
        checkpoints.remove()
    return checkpoints


def discard_checkpoints(folder: Path) -> None:
    """Remove the checkpoints of the complete fit in ``folder``."""
    shutil.rmtree(checkpoint_folder(resolve_folder(folder)), ignore_errors=True)


def _describe(name: str, before: Any, now: Any) -> str:
    """Return the name of an input, with its values where these are short."""
    if len(str(before)) > 40 or len(str(now)) > 40:
        return name
    return f"{name} ({before} then, {now} now)"
