"""Runs of pytest in a process of its own, and what they came to, also of one that was ended early."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from processes import run_process

WORDS = "PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS"
ALONE = re.compile(rf"^(\S+::.*?) ({WORDS})(?: \(.*\))?(?: +\[ *\d+%\])?$")
BESIDE_OTHERS = re.compile(rf"^\[gw\d+\] \[ *\d+%\] ({WORDS}) (\S+::.*?) *$")
REASON = re.compile(r"^(?:FAILED|ERROR) (\S+::.*?) - (.*)$")
WORKERS = 4


@dataclass(frozen=True)
class Outcomes:
    """The outcomes of a run.

    Parameters
    ----------
    passed, skipped : int
    failed : mapping of str to str
        Names of those that failed, with the first line of the reason.
    seconds : float
    ended : str
        Why the run has no end of its own, such as a limit of time; empty when it has.
    """

    passed: int
    skipped: int
    failed: Mapping[str, str]
    seconds: float
    ended: str = ""


def run_tests(root: Path, folders: Sequence[str], *, environment: Mapping[str, str], timeout: float) -> Outcomes:
    """Run the quick tests of some folders of a source tree, side by side where pytest-xdist is installed.

    Parameters
    ----------
    environment : mapping
        More variables of the environment.
    timeout : float
        Seconds after which what is not done is left out.
    """
    command = [sys.executable, "-m", "pytest", "-c", str(root / "pyproject.toml"), "--rootdir", str(root)]
    command += ["-m", "not slow", "-v", "--tb=short", "--color=no", "-p", "no:cacheprovider", "-W", "default"]
    if importlib.util.find_spec("xdist") is not None:
        command += ["-n", str(WORKERS), "--dist", "loadscope"]
    finished = run_process([*command, *folders], environment=environment, folder=root, timeout=timeout)
    passed, skipped, failed = read_outcomes(line for _, line in finished.lines)
    ended = finished.killed
    if not ended and finished.code not in (0, 1):
        words = finished.errors.strip().splitlines() or [line.strip() for _, line in finished.lines[-1:]]
        ended = f"exit code {finished.code} of pytest: {words[-1] if words else 'no output'}"
    return Outcomes(passed, skipped, failed, finished.seconds, ended)


def read_outcomes(lines: Iterable[str]) -> tuple[int, int, dict[str, str]]:
    """Return the numbers of tests that passed and were skipped, and those that failed with their reasons."""
    outcomes: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for line in lines:
        text = line.rstrip("\n")
        if match := ALONE.match(text):
            outcomes[match[1]] = match[2]
        elif match := BESIDE_OTHERS.match(text):
            outcomes[match[2]] = match[1]
        elif match := REASON.match(text):
            reasons[match[1]] = match[2]
    failed = {
        name: reasons.get(name, "") for name, outcome in outcomes.items() if outcome in ("FAILED", "ERROR", "XPASS")
    }
    counts = list(outcomes.values())
    return counts.count("PASSED"), counts.count("SKIPPED") + counts.count("XFAIL"), failed
