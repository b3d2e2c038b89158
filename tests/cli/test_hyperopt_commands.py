"""The commands of scans, with a recorded api."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from n3fit.api import ScanSummary
from n3fit.errors import ResourceError

Run = Callable[..., Any]
DEFAULTS = {
    "trials": 20, "replicas": range(1, 11), "output": None, "sampler": "tpe", "seed": 42, "prune": False,
    "together": None, "workers": None, "cluster": None, "retries": 1, "theory_path": None, "pdf_path": None,
    "data_path": None, "force": False,
}  # fmt: skip
PARAMETERS = {"epochs": 900, "optimizer": {"optimizer_name": "Adam", "learning_rate": 0.00123456}, "nodes": [5, 8]}


@pytest.fixture
def scans(api: Any) -> Any:
    api.results["hyperopt"] = ScanSummary(Path("card"), 20, 3, 7, 1.23456, PARAMETERS)
    return api


@pytest.mark.parametrize(
    "words",
    [
        ("hyperopt", "card.yml", "--trials", "20"),
        ("hyperopt", "--trials", "20", "card.yml"),
        ("hyperopt", "scan", "card.yml", "--trials", "20"),
        ("hyperopt", "cards/card", "--trials=20"),
    ],
)
def test_a_scan(scans: Any, command: Run, words: tuple[str, ...]) -> None:
    outcome = command(*words)
    card = Path("cards/card" if "cards/card" in words else "card.yml")
    assert scans.calls == [("hyperopt", (card,), DEFAULTS)]
    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "trials: 20, of which 3 failed",
        "best: trial 7, loss 1.235",
        "  epochs: 900",
        "  optimizer: optimizer_name Adam, learning_rate 0.001235",
        "  nodes: [5, 8]",
        "scan: card",
    ]


def test_options(scans: Any, command: Run) -> None:
    folders = ("--theory-path", "t", "--pdf-path", "p", "-o", "out")
    words = (
        "-r",
        "2-4",
        "--sampler",
        "grid",
        "--seed",
        "7",
        "--prune",
        "--together",
        "4",
        "--workers",
        "3",
        "--retries",
        "2",
        "-f",
        *folders,
    )
    assert command("hyperopt", "card.yml", "--trials", "5", *words).code == 0
    (call,) = scans.calls
    assert call[2] == DEFAULTS | {
        "trials": 5, "output": Path("out"), "replicas": range(2, 5), "sampler": "grid", "seed": 7, "prune": True,
        "together": 4, "workers": 3, "retries": 2, "theory_path": Path("t"), "pdf_path": Path("p"), "force": True,
    }  # fmt: skip


def test_json_lines(scans: Any, command: Run) -> None:
    outcome = command("hyperopt", "card.yml", "--trials", "20", "--json")
    last = json.loads(outcome.out.splitlines()[-1])
    assert last["event"] == "result"
    assert last["summary"] == {
        "folder": "card", "trials": 20, "failed": 3, "best": 7, "loss": 1.23456, "parameters": PARAMETERS
    }  # fmt: skip


def test_no_good_trial(scans: Any, command: Run) -> None:
    scans.results["hyperopt"] = ScanSummary(Path("card"), 2, 2, None, None)
    assert command("hyperopt", "card.yml", "--trials", "2").out == "trials: 2, of which 2 failed\nscan: card\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("hyperopt", "card.yml"), "Missing option '--trials'"),
        (("hyperopt", "card.yml", "--trials", "0"), "0 is not in the range x>=1"),
        (("hyperopt", "card.yml", "--trials", "2", "--sampler", "best"), "'best' is not one of 'tpe'"),
        (("hyperopt", "scann"), "expected a command, received 'scann' (did you mean `n3fit hyperopt scan`?)"),
        (("card.yml", "1", "-r", "5", "--hyperopt", "4", "--evolve"), "--evolve belongs to a fit"),
        (("card.yml", "1", "-r", "5", "--hyperopt", "4", "--add"), "--add belongs to a fit"),
    ],
)
def test_mistakes(scans: Any, command: Run, words: tuple[str, ...], message: str) -> None:
    outcome = command(*words)
    assert (outcome.code, scans.calls) == (2, [])
    assert message in outcome.err


def test_the_old_form(scans: Any, command: Run, caplog: pytest.LogCaptureFixture) -> None:
    outcome = command("card.yml", "1", "-r", "5", "--hyperopt", "30", "-o", "out", "--restart", "--force")
    assert outcome.code == 0
    changes = {"trials": 30, "replicas": range(1, 6), "output": Path("out"), "force": True}
    assert scans.calls == [("hyperopt", (Path("card.yml"),), DEFAULTS | changes)]
    assert caplog.messages == ["--restart: without effect: the same command continues a scan"]
    assert "trials: 20, of which 3 failed" in outcome.out


def test_interrupted(scans: Any, command: Run) -> None:
    scans.raises = KeyboardInterrupt()
    outcome = command("hyperopt", "card.yml", "--trials", "2")
    assert outcome.code == 130
    assert "interrupted while training" in outcome.err


def test_errors_have_their_code(scans: Any, command: Run) -> None:
    scans.raises = ResourceError("no memory", hint="buy some")
    assert command("hyperopt", "card.yml", "--trials", "2").code == 4


def test_help_shows_the_commands(command: Run) -> None:
    outcome = command("hyperopt")
    assert outcome.code == 0
    assert all(f"\n  {name} " in outcome.out for name in ("scan", "report", "best"))
    assert "hyperopt" in command().out


def test_other_commands_of_the_group(scans: Any, command: Run) -> None:
    scans.results["scan_report"] = Path("study/report.html")
    assert command("hyperopt", "report", "scans/study").out == "report: study/report.html\n"
    assert scans.calls == [("scan_report", (Path("scans/study"),), {"output": None, "force": False})]
