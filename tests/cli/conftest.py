"""A stand-in for ``n3fit.api`` that remembers its calls, and a way to run the command."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

import n3fit
from n3fit.cli.main import run
from n3fit.cli.session import Session
from n3fit.results.describe import Chi2Row, FitSummary


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


class FakeApi:
    """The functions of the api: each notes its arguments, reports progress if asked, and gives or raises a result."""

    def __init__(self, summary: FitSummary) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.raises: BaseException | None = None
        self.summary = summary
        self.results: dict[str, Any] = {}

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        self._note("fit", args, kwargs)
        return SimpleNamespace(path=Path("fits/small"), summary=lambda: self.summary)

    def report(self, *args: Any, **kwargs: Any) -> Path:
        self._note("report", args, kwargs)
        return Path("fits/small/report/index.html")

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self._note(name, args, kwargs)
            return self.results[name]

        return call

    def _note(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        progress = kwargs.get("progress")
        self.calls.append((name, args, {key: value for key, value in kwargs.items() if key != "progress"}))
        if progress is not None:
            progress.phase("reading data")
            progress.phase("training")
            progress.epoch(100, 200, {"training": 1.5, "validation": float("nan")}, 3, 4)
            progress.step("tables", 1, 2)
            progress.message("all is well")
        if self.raises is not None:
            raise self.raises


@pytest.fixture
def summary() -> FitSummary:
    row = Chi2Row("NMC", 10, 1.25, 1.2, 1.5, 0.25)
    return FitSummary(
        name="small",
        path="fits/small",
        status="complete",
        replicas=4,
        passing=3,
        finite=4,
        guarded=0,
        selection="passing",
        points=30,
        datasets=(row, Chi2Row("HERA", 20, 1.0, 1.1, float("nan"), float("nan"))),
        experiments=(row,),
        total=Chi2Row("total", 30, 1.125, 1.1, 1.3, 0.1),
        epochs=200,
        mean_best_epoch=150.0,
        timing={"training": 65.0},
    )


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, summary: FitSummary) -> FakeApi:
    fake = FakeApi(summary)
    monkeypatch.setitem(sys.modules, "n3fit.api", fake)
    monkeypatch.setattr(n3fit, "api", fake, raising=False)
    return fake


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def call(*words: str) -> Outcome:
        code = run(words, Session())
        out, err = capsys.readouterr()
        return Outcome(code, out, err)

    return call
