"""One command of n3fit that receives a signal while it runs."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs import start

SECONDS_TO_END = 120.0
"""Within which a process must end after a signal."""

LOOK_SECONDS = 0.0005
"""Between two looks for a file that is being written."""

CODES = {signal.SIGKILL: (-9,), signal.SIGTERM: (143,), signal.SIGINT: (130,)}
"""Exit codes after a signal, as :mod:`subprocess` counts them."""

OUTSIDE_CODES = {signal.SIGKILL: (-9,), signal.SIGTERM: (143, -15), signal.SIGINT: (130, -2, 1)}
"""The same where Python starts or ends, outside of n3fit."""


@dataclass(frozen=True)
class Moment:
    """When a signal is sent.

    Parameters
    ----------
    number : Signals
    seconds : float
        After the start of the process.
    at_write : bool
        Then wait for the next file or folder that appears where the fit writes.
    """

    number: signal.Signals
    seconds: float
    at_write: bool = False


@dataclass(frozen=True)
class Killed:
    """What a process was doing when it received a signal, and how it ended.

    Parameters
    ----------
    moment : Moment
    phase : str
        See :func:`phase_of`; ``ended`` when it was faster than the signal.
    epoch : int
        The last one reported.
    code : int
        Exit code, negative for a signal.
    seconds : float
        From the signal to its end.
    lines : tuple of str
        What it printed.
    """

    moment: Moment
    phase: str
    epoch: int
    code: int
    seconds: float
    lines: tuple[str, ...]

    @property
    def counts(self) -> bool:
        """Whether the signal arrived before the process had ended by itself."""
        return self.phase != "ended" and self.code != 0

    @property
    def unexpected(self) -> bool:
        """Whether the exit code is another one than that of the signal."""
        codes = OUTSIDE_CODES if self.phase in ("start", "exit") else CODES
        return self.counts and self.code not in codes[self.moment.number]


def phase_of(lines: Sequence[str], *, writes: bool = False) -> tuple[str, int]:
    """Return what a command was doing after it had printed these lines, and the last epoch.

    ``start`` before the first line, ``compilation`` in a training before its first epoch, ``checkpoint`` where
    ``writes`` says that a file was being written in a training, ``exit`` after the result, else the name of the phase.
    """
    phase, epoch = "start", 0
    for line in lines:
        event = json.loads(line)
        if event["event"] == "phase":
            phase, epoch = ("compilation" if event["name"] == "training" else event["name"]), 0
        elif event["event"] == "epoch":
            phase, epoch = "training", int(event["epoch"])
        elif event["event"] == "result":
            phase, epoch = "exit", 0
    if writes and phase in ("compilation", "training"):
        phase = "checkpoint"
    return phase, epoch


def run_and_kill(
    command: Sequence[str], moment: Moment, places: Sequence[Path], environment: Mapping[str, str], output: Path
) -> Killed:
    """Run a command, send it a signal, and wait for its end.

    Parameters
    ----------
    places : sequence of Path
        Folders in which it writes.
    output : Path
        File to which its standard error output is added.

    Raises
    ------
    TimeoutError
        It did not end.
    """
    process = start(command, environment=environment, output=output)
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()))
    reader.start()
    try:
        _wait(process, moment, places)
        running = process.poll() is None
        seen = len(lines)
        written = _unfinished(places)
        if running:
            process.send_signal(moment.number)
        sent = time.perf_counter()
        code = process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"still running {SECONDS_TO_END:.0f} s after {moment.number.name}: {command}") from error
    finally:
        process.kill()
        reader.join()
        if process.stdout is not None:
            process.stdout.close()
    phase, epoch = phase_of(lines[:seen], writes=bool(written)) if running else ("ended", 0)
    if running and phase_of(lines)[0] == "exit":  # the result was printed, but not yet read, when the signal was sent
        phase, epoch = "exit", 0
    return Killed(moment, phase, epoch, code, time.perf_counter() - sent, tuple(lines))


def _wait(process: subprocess.Popen[str], moment: Moment, places: Sequence[Path]) -> None:
    """Wait for the moment, or the end of the process."""
    try:
        process.wait(moment.seconds)
    except subprocess.TimeoutExpired:
        while moment.at_write and process.poll() is None and not _unfinished(places):
            time.sleep(LOOK_SECONDS)


def _unfinished(places: Sequence[Path]) -> set[str]:
    """Return the names of files and folders that are being written: those that begin with a dot, but for locks."""
    names: set[str] = set()
    for place in places:
        try:
            names |= {entry.name for entry in place.iterdir()}
        except OSError:
            continue
    return {name for name in names if name.startswith(".") and not name.endswith(".lock")}
