"""Run the tests of the faults that n3fit survives, and print one line with the result of each.

In brackets is the number of tests that passed.

Run as ``python tools/list_faults.py [OPTIONS OF PYTEST]``. The exit code is 1 if a fault has
a test that fails, or none.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

# as `python -m pytest` does in the repository: processes that tests start import the tests too
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.faults import FAULTS, FOLDER, numbers_in

LONGEST = 100
"""Characters of a reason that are printed."""


class Results:
    """Plugin of pytest that collects, for each fault, what its tests did."""

    def __init__(self) -> None:
        self.passed: dict[int, int] = {}
        self.failed: dict[int, list[str]] = {}
        self.skipped: dict[int, list[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record one stage of one test."""
        name = report.nodeid.rpartition("::")[2] if "[" not in report.nodeid else _name(report.nodeid)
        for number in numbers_in(name):
            if report.failed:
                self.failed.setdefault(number, []).append(name)
            elif report.skipped:
                self.skipped.setdefault(number, []).append(_reason(report))
            elif report.when == "call":
                self.passed[number] = self.passed.get(number, 0) + 1

    def line(self, number: int) -> str:
        """Return the line of one fault."""
        failed = self.failed.get(number, [])
        skipped = self.skipped.get(number, [])
        passed = self.passed.get(number, 0)
        details = [", ".join(dict.fromkeys(failed))] if failed else []
        details += [f"skipped: {reason}" for reason in dict.fromkeys(skipped)]
        status = "FAILED" if failed else "passed" if passed else "skipped" if skipped else "MISSING"
        return "  ".join([f"{number:2}  {status:7}  {FAULTS[number]} ({passed})", *details])

    def is_bad(self, number: int) -> bool:
        """Return whether a test of a fault failed, or there is none."""
        return number in self.failed or not (number in self.passed or number in self.skipped)


def _name(nodeid: str) -> str:
    """Return the name of a parametrised test, whose parameters may have colons."""
    return nodeid.partition("[")[0].rpartition("::")[2]


def _reason(report: Any) -> str:
    longrepr = report.longrepr
    text = str(longrepr[2] if isinstance(longrepr, tuple) else longrepr)
    return text.removeprefix("Skipped: ")[:LONGEST]


def main(arguments: list[str]) -> int:
    """Run the tests with some options of pytest, print the table, and return the exit code."""
    results = Results()
    code = int(pytest.main([str(FOLDER), "--quiet", *arguments], plugins=[results]))
    print(*(results.line(number) for number in FAULTS), sep="\n")
    bad = [number for number in FAULTS if results.is_bad(number)]
    print(f"{len(FAULTS) - len(bad)} of {len(FAULTS)} faults survived" + (f", not {bad}" if bad else ""))
    return 1 if bad or code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
