"""Imaginary fits for campaigns: the fit of a run is written at once, with numbers that follow from its seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.data.closure import ClosureTruth
from n3fit.errors import DataError
from n3fit.results import FitFolder
from n3fit.results.layout import is_fit_folder
from n3fit.results.reader import read_fit_folder
from n3fit.runcard import read_runcard
from support import outcomes

SMALL = (Path(__file__).parent / "small_fit.yml").read_text()
CLOSURE = SMALL + "closuretest: {level: 2, fakepdf: toy, filterseed: 1}\n"


class FakeFits:
    """Stands for ``run_fit``; records the runs, and fails or is interrupted where a test says so."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.failing: set[str] = set()
        self.interrupted: set[str] = set()
        self.inputs: dict[str, dict[str, str]] = {}

    def __call__(self, source: Path, replicas: Sequence[int], folder: Path, **options: Any) -> FitFolder:
        assert options["resume"] is True
        if is_fit_folder(folder) and set(read_fit_folder(folder).replicas) >= set(replicas):
            return read_fit_folder(folder)
        name = folder.name
        if name in self.failing:
            raise DataError(f"{name}: no data", hint="find some")
        if name in self.interrupted:
            raise KeyboardInterrupt
        self.made.append(name)
        card = read_runcard(source)
        outcome = outcomes.make_outcome(len(replicas), sets=outcomes.SMALL_SETS, seed=card.mcseed % 1000)
        closure = None
        if card.closure_level is not None:
            closure = ClosureTruth(
                2, "known", "f" * 64, card.closuretest.filterseed, np.ones(10), outcome.experimental_covariance
            )
        passed = np.ones(len(replicas), dtype=bool)
        changed = replace(
            outcome, name=name, closure=closure, positivity_passed=passed, inputs=self.inputs.get(name, {})
        )
        theory = outcomes.THEORY | {"id": str(card.theory.theoryid)}
        return outcomes.write_outcome(changed, folder, runcard_text=card.source_text, theory=theory, source=source)
