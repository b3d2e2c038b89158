"""Running a measurement in a process of its own, with its peak memory and a limit that protects the machine."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

INTERVAL = 0.25
"""Seconds between two looks at the memory of a process."""

PAUSE = 0.01
"""Seconds between two questions whether it has ended."""

RESERVE_MB = 1000.0
"""Memory of the machine that is never given away."""


@dataclass(frozen=True)
class Finished:
    """A process that has ended.

    Parameters
    ----------
    code : int
        Exit code, negative for a signal.
    seconds : float
    peak_mb : float
        Largest resident memory in MB (10^6 bytes), of the process and its children together at every look, and of the
        largest of them at any time before the last look. (The resources that the kernel reports for an ended process
        begin with those of the process that started it.)
    lines : tuple of (seconds since the start, text)
        What it printed on its standard output.
    errors : str
        The end of what it printed on its standard error output.
    killed : str
        Why it was ended from here; empty when it was not.
    processor_s : float
        Processor time, user and system, with the children that it has waited for.
    """

    code: int
    seconds: float
    peak_mb: float
    lines: tuple[tuple[float, str], ...]
    errors: str
    killed: str = ""
    processor_s: float = 0.0


def run_process(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    limit_mb: float = float("inf"),
    timeout: float = 3600.0,
) -> Finished:
    """Run a command to its end, or until it takes too much memory or time.

    Parameters
    ----------
    environment : mapping, optional
        Variables in addition to those of this process.
    folder : Path, optional
        Its working directory, by default that of this process.
    limit_mb : float
        Resident memory at which the process and its children are ended.
    timeout : float
        Seconds after which they are.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | dict(environment or {}),
        cwd=folder,
        start_new_session=True,
    )
    lines: list[tuple[float, str]] = []
    errors: list[str] = []
    readers = [
        threading.Thread(target=lambda: lines.extend((time.perf_counter() - started, line) for line in process.stdout)),
        threading.Thread(target=lambda: errors.extend(process.stderr)),
    ]
    for reader in readers:
        reader.start()
    peak, killed, status, looked = 0.0, "", 0, -INTERVAL
    try:
        while True:
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if ended:
                seconds = time.perf_counter() - started
                break
            elapsed = time.perf_counter() - started
            if elapsed >= looked + INTERVAL:
                looked = elapsed
                resident, largest = memory_mb(process.pid)
                peak = max(peak, resident, largest)
                if not killed:
                    killed = _reason_to_end(resident, limit_mb, elapsed, timeout)
                    if killed:
                        os.killpg(process.pid, signal.SIGKILL)
            time.sleep(PAUSE)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        for reader in readers:
            reader.join()
        process.stdout.close()
        process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    text = "".join(errors)[-4000:]
    return Finished(process.returncode, seconds, peak, tuple(lines), text, killed, used.ru_utime + used.ru_stime)


def memory_mb(pid: int) -> tuple[float, float]:
    """Return the resident memory of a process and all its descendants, and the largest that one of them ever had.

    In MB (10^6 bytes); zero when it has ended.
    """
    total, largest = 0.0, 0.0
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        try:
            fields = _status(Path(f"/proc/{current}/status"))
            for thread in Path(f"/proc/{current}/task").iterdir():
                waiting += [int(child) for child in (thread / "children").read_text().split()]
        except OSError:
            continue
        total += fields.get("VmRSS", 0.0)
        largest = max(largest, fields.get("VmHWM", 0.0))
    return total, largest


def _status(path: Path) -> dict[str, float]:
    """Return the entries in kB of a file like ``/proc/1/status``, in MB."""
    lines = (line.split() for line in path.read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) * 1024 / 1e6 for words in lines if words[-1:] == ["kB"]}


def available_mb() -> float:
    """Return the memory in MB that the machine can still hand out."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError("/proc/meminfo has no MemAvailable")


def _reason_to_end(resident: float, limit_mb: float, seconds: float, timeout: float) -> str:
    if resident > limit_mb:
        return f"more than {limit_mb:.0f} MB"
    if resident > RESERVE_MB and available_mb() < RESERVE_MB:
        return f"less than {RESERVE_MB:.0f} MB left on the machine"
    if seconds > timeout:
        return f"more than {timeout:.0f} s"
    return ""
