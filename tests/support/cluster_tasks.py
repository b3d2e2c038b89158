"""Functions that the tests of pools run on workers."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

from n3fit.cluster.fit_parts import add_to_fit
from n3fit.cluster.task import current_progress
from n3fit.errors import DataError, MissingExtraError
from n3fit.machine import memory_limit_mb, usable_cores
from n3fit.paths import SearchPaths


def square(number: int) -> int:
    return number**2


def limits() -> tuple[int, float]:
    """Return the cores and the memory in MB that this process may use."""
    return usable_cores(), memory_limit_mb()


def report_epochs(epochs: int) -> int:
    for epoch in range(1, epochs + 1):
        current_progress().epoch(epoch, epochs, {"training": 1.0 / epoch}, 2, 2)
    current_progress().message("trained")
    return os.getpid()


def fail(kind: str) -> None:
    if kind == "data":
        raise DataError("set.yml: expected 3 points, received 2", hint="restore it")
    if kind == "extra":
        raise MissingExtraError("yadism", "theory")
    raise ZeroDivisionError("a bug")


def return_a_lock() -> Any:
    return threading.Lock()


def die_at_first(folder: Path, times: int, number: int) -> int:
    """Kill the own process, until it was killed ``times`` times; then return the square."""
    for attempt in range(times):
        try:
            (folder / f"{number}-{attempt}").touch(exist_ok=False)
        except FileExistsError:
            continue
        threading.Event().wait(0.3)  # the client learns that the task had begun
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2


def train_until_stopped(folder: Path) -> str:
    """Report epochs until the task is stopped; write down that it was, as a fit its checkpoint."""
    (folder / "started").touch()
    epoch = 0
    try:
        while not (folder / "go on").exists():
            epoch += 1
            current_progress().epoch(epoch, 10**9, {}, 1, 1)
            threading.Event().wait(0.01)
    except KeyboardInterrupt:
        (folder / "go on").touch()
        (folder / "stopped").touch()
        raise
    return "finished"


def add_replica(card: Path, number: int, folder: Path, sets: Path) -> list[int]:
    """Fit a replica and add it to the fit; return the replicas of the fit."""
    fit = add_to_fit(card, [number], folder, paths=SearchPaths(pdf_sets=sets), progress=current_progress())
    return [int(replica) for replica in fit.replicas]


def alone_in(folder: Path) -> bool:
    """Return whether no other task was in the folder at the same time."""
    mark = folder / "here"
    mark.touch(exist_ok=False)
    threading.Event().wait(0.05)
    mark.unlink()
    return True
