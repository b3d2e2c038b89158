"""Calls of ``n3fit.api`` recorded instead of made, and a way to run the command."""

import inspect
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from n3fit import api as real_api
from n3fit.cli.main import run
from n3fit.cli.session import Session
from n3fit.results.describe import Chi2Row, FitSummary


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


class RecordedApi:
    """Calls of the functions of the api, each bound to the signature of the function that it stands for.

    A call that the function would not accept is a TypeError. Each call is recorded, reports progress to the reporter
    that it receives, and returns the result set under its name or raises.
    """

    def __init__(self, summary: FitSummary) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.raises: BaseException | None = None
        self.errors: dict[str, BaseException] = {}
        self.summary = summary
        self.results: dict[str, Any] = {
            "fit": SimpleNamespace(path=Path("fits/small"), summary=lambda: summary),
            "add_replicas": SimpleNamespace(path=Path("fits/small"), summary=lambda: summary),
            "report": Path("fits/small/report/index.html"),
        }

    def stand_in(self, name: str) -> Callable[..., Any]:
        signature = inspect.signature(getattr(real_api, name))

        def call(*args: Any, **kwargs: Any) -> Any:
            signature.bind(*args, **kwargs)
            self._record(name, args, kwargs)
            return self.results[name]

        return call

    def _record(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        progress = kwargs.get("progress")
        self.calls.append((name, args, {key: value for key, value in kwargs.items() if key != "progress"}))
        if progress is not None:
            progress.phase("reading data")
            progress.phase("training")
            progress.epoch(100, 200, {"training": 1.5, "validation": float("nan")}, 3, 4)
            progress.step("tables", 1, 2)
            progress.message("a message")
        error = self.errors.get(name, self.raises)
        if error is not None:
            raise error


@pytest.fixture
def summary() -> FitSummary:
    row = Chi2Row("NMC", 10, 1.25, 1.2, 1.5, 0.25)
    return FitSummary(
        name="small",
        path="fits/small",
        status="complete",
        replicas=4,
        passing=3,
        chosen=3,
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
def api(monkeypatch: pytest.MonkeyPatch, summary: FitSummary) -> RecordedApi:
    recorded = RecordedApi(summary)
    for name, value in vars(real_api).items():
        if name in real_api.__all__ and inspect.isfunction(value):
            monkeypatch.setattr(real_api, name, recorded.stand_in(name))
    return recorded


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def call(*words: str) -> Outcome:
        code = run(words, Session())
        out, err = capsys.readouterr()
        return Outcome(code, out, err)

    return call
