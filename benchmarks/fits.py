"""One fit by the command ``n3fit fit``, timed from outside by the lines that it prints."""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from processes import Finished, run_process

CACHE_VARIABLE = "N3FIT_CACHE_DIR"
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
"""Where it is set Python compiles every module again in every process; a plain installation does not have it."""


class FitError(RuntimeError):
    """A fit that was to be measured did not end well."""


@dataclass(frozen=True)
class FitTimes:
    """What was measured of one fit.

    Parameters
    ----------
    first_epoch_s : float
        From the start of the process to the end of the first epoch.
    epoch_ms : float
        Median over the stretches between two lines of progress.
    fastest_ms, slowest_ms : float
        Least and largest of them.
    peak_mb : float
    seconds : float
        The whole command.
    """

    first_epoch_s: float
    epoch_ms: float
    fastest_ms: float
    slowest_ms: float
    peak_mb: float
    seconds: float


def measure_fit(
    runcard: Path,
    replicas: int,
    *,
    cache: Path,
    options: Sequence[str | Path] = (),
    python: Path | str = sys.executable,
    backend: str = "jax",
    timeout: float = 3600.0,
) -> FitTimes:
    """Fit the replicas 1 to ``replicas`` in a process of its own.

    Parameters
    ----------
    cache : Path
        The cache folder of n3fit.
    options : sequence
        More words of the command line, such as ``--theory-path FOLDER``.
    python : path
        The interpreter of the environment.

    Raises
    ------
    FitError
        The command failed, or its report is incomplete.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [python, "-m", "n3fit", "fit", runcard, "-r", f"1-{replicas}"]
        command += ["-o", Path(folder) / "fit", "--json", *options]
        environment = {
            CACHE_VARIABLE: str(cache),
            "KERAS_BACKEND": backend,
            "TF_CPP_MIN_LOG_LEVEL": "2",
            NO_BYTECODE: "",
        }
        finished = run_process([str(word) for word in command], environment=environment, timeout=timeout)
    if finished.code != 0:
        reason = finished.killed or finished.errors.strip().rpartition("\n")[2]
        raise FitError(f"{runcard.name}, {replicas} replicas, {backend}: exit code {finished.code}: {reason}")
    return read_times(finished)


def read_times(finished: Finished) -> FitTimes:
    """Work out the times from the lines of progress.

    The first line of progress comes at the end of a stretch of epochs (100); the time of all but one of them is taken
    off to have the end of the first epoch.
    """
    epochs = []
    for when, line in finished.lines:
        event = json.loads(line)
        if event["event"] == "epoch":
            epochs.append((when, int(event["epoch"])))
    if len(epochs) < 2:
        raise FitError(f"{len(epochs)} lines of progress, expected two or more: give the fit more epochs")
    steps = [1e3 * (later - sooner) / (last - first) for (sooner, first), (later, last) in pairwise(epochs)]
    epoch_ms = statistics.median(steps)
    return FitTimes(
        first_epoch_s=epochs[0][0] - 1e-3 * epoch_ms * (epochs[0][1] - 1),
        epoch_ms=epoch_ms,
        fastest_ms=min(steps),
        slowest_ms=max(steps),
        peak_mb=finished.peak_mb,
        seconds=finished.seconds,
    )


def theory_options(theories: Path | None, pdfs: Path | None) -> list[str]:
    """Return the words of the command line for folders with theories and PDF sets."""
    named = (("--theory-path", theories), ("--pdf-path", pdfs))
    return [word for option, path in named if path is not None for word in (option, os.fspath(path.resolve()))]
