"""The progress bar of the functions of the API in notebooks, and nowhere else."""

from __future__ import annotations

import inspect
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from support.notebooks import Outputs, pretend_ipython

from n3fit import api
from n3fit.api.notebook_reporter import NotebookReporter
from n3fit.api.notebooks import find_display, shows_progress
from n3fit.errors import DataError
from n3fit.progress import NullReporter, ProgressReporter

FUNCTIONS = [getattr(api, name) for name in api.__all__ if inspect.isfunction(getattr(api, name))]
WITH_PROGRESS = [function for function in FUNCTIONS if "progress" in inspect.signature(function).parameters]


@shows_progress
def work(number: int, *, fails: BaseException | None = None, progress: ProgressReporter | None = None) -> Any:
    reporter = progress or NullReporter()
    reporter.phase("counting")
    reporter.step("numbers", number, 10)
    if fails is not None:
        raise fails
    return progress


def test_a_kernel_shows_progress_and_its_end(outputs: Outputs) -> None:
    assert isinstance(work(3), NotebookReporter)
    assert outputs.texts == ["work done in 0 s"]
    work(3)
    assert len(outputs.texts) == 2


@pytest.mark.parametrize("error", [DataError("no such file"), KeyboardInterrupt()])
def test_an_error_ends_the_bar(outputs: Outputs, error: BaseException) -> None:
    with pytest.raises(type(error)) as caught:
        work(3, fails=error)
    assert caught.value is error
    assert outputs.texts == ["work stopped after 0 s, while counting"]


def test_a_reporter_that_is_passed_is_the_one_used(outputs: Outputs) -> None:
    silent = NullReporter()
    assert work(3, progress=silent) is silent
    assert outputs.texts == []


@pytest.mark.parametrize("shell", [None, SimpleNamespace()], ids=["no shell", "a terminal"])
def test_outside_of_kernels_nothing_changes(monkeypatch: pytest.MonkeyPatch, shell: Any) -> None:
    outputs = pretend_ipython(monkeypatch, shell)
    assert work(3) is None
    assert outputs.texts == []
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace())  # as long as it is being imported
    assert find_display() is None


def test_ipython_is_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "IPython"]:
        monkeypatch.delitem(sys.modules, name)
    assert find_display() is None
    assert "IPython" not in sys.modules


def test_every_function_with_progress_shows_it() -> None:
    assert {"fit", "chi2", "evolve", "hyperopt", "get_pdf"} <= {function.__name__ for function in WITH_PROGRESS}
    assert [function.__name__ for function in WITH_PROGRESS if not hasattr(function, "__wrapped__")] == []


def test_names_and_signatures_stay() -> None:
    assert api.fit.__name__ == "fit"
    assert api.fit.__module__ == "n3fit.api.fitting"
    assert next(iter(inspect.signature(api.fit).parameters)) == "runcard"
