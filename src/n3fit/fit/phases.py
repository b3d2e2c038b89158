"""The stages of a command: told to the user, and timed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.progress import ProgressReporter

if TYPE_CHECKING:
    from n3fit.fit.inputs import FitInputs
    from n3fit.results import FitOutcome
    from n3fit.runcard import Runcard


class Stages:
    """Tells the stages to the reporter and measures them."""

    def __init__(self, reporter: ProgressReporter) -> None:
        self.reporter = reporter
        self.seconds: dict[str, float] = {}
        self._current: tuple[str, float] | None = None

    def begin(self, name: str) -> None:
        self.end()
        self._current = (name, time.perf_counter())
        self.reporter.phase(name)

    def end(self) -> None:
        if self._current is not None:
            name, started = self._current
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started
            self._current = None

    def stamp(self, outcome: FitOutcome) -> FitOutcome:
        from dataclasses import replace

        return replace(outcome, timing=dict(self.seconds))


def read_inputs(runcard: Runcard, theory_path: Path | None, pdf_path: Path | None, timing: Stages) -> FitInputs:
    from n3fit.fit.inputs import load_inputs

    timing.begin("reading data and theory")
    inputs = load_inputs(runcard, theory_path=theory_path, pdf_path=pdf_path, progress=timing.reporter)
    timing.end()
    return inputs
