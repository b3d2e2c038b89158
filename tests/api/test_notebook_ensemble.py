"""Ensembles in notebooks: the same members, and a bar for what takes longer than a second."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
from support import ensembles as ensemble_examples
from support.notebooks import Outputs

from n3fit import api
from n3fit.api import notebook_reporter
from n3fit.api.notebook_ensemble import NotebookEnsemble
from n3fit.ensembles import Ensemble, SetEnsemble
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.errors import CommandLineError
from n3fit.lhapdf.pdf_sets import load_pdf_set
from n3fit.progress import NullReporter, ProgressReporter

SET = "n3fit_dis_t0"


class SlowEnsemble(Ensemble):
    """The toy with two members, each of which takes some seconds of the clock of the reporter."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        self.label, self.q0, self.q_max, self.x_min = "toy", 1.65, 100.0, 1e-9
        self._now, self._seconds = 0.0, seconds
        reporter: Any = partial(notebook_reporter.NotebookReporter, clock=lambda: self._now)
        monkeypatch.setattr(notebook_reporter, "NotebookReporter", reporter)

    def _evaluate(self, scales: Sequence[float], progress: ProgressReporter) -> list[EnsembleOnGrid]:
        for done in (1, 2):
            self._now += self._seconds
            progress.step("members of toy", done, 2)
        return [ensemble_examples.toy_snapshot(2, q=q) for q in scales]


def test_a_long_call_shows_a_bar_and_a_short_one_nothing(outputs: Outputs, monkeypatch: pytest.MonkeyPatch) -> None:
    ensemble = NotebookEnsemble(SlowEnsemble(monkeypatch, 1.5))
    assert ensemble.at(10.0).q == 10.0
    assert outputs.texts == ["toy done in 3 s"]
    NotebookEnsemble(SlowEnsemble(monkeypatch, 0.4)).at_scales([10.0, 20.0])
    ensemble.at_scales([10.0], progress=NullReporter())
    assert outputs.texts == ["toy done in 3 s"]


def test_members_and_errors_are_those_of_the_ensemble(outputs: Outputs) -> None:
    found = api.open_ensemble(SET)
    plain = SetEnsemble(load_pdf_set(SET))
    assert isinstance(found, NotebookEnsemble)
    assert repr(found) == repr(plain)
    np.testing.assert_array_equal(found.at(10.0).members, plain.at(10.0).members)
    x = np.array([1e-3, 0.2])
    np.testing.assert_array_equal(found.on_nodes(x, 10.0).members, plain.on_nodes(x, 10.0).members)
    with pytest.raises(CommandLineError, match=f"{SET}: Q: expected 1.65 to 100 GeV, received 1 GeV"):
        found.at(1.0)
    assert outputs.texts == []


def test_outside_of_notebooks_ensembles_are_as_they_are() -> None:
    assert isinstance(api.open_ensemble(SET), SetEnsemble)
