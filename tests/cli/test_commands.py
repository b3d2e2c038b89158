"""The command fit, its old form, errors of the command line, and help."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import n3fit

Run = Callable[..., Any]

DEFAULTS = {
    **{"output": None, "theory_path": None, "pdf_path": None, "data_path": None},
    **{"force": False, "add": False, "resume": False, "checkpoint": None},
}


def test_fit_passes_its_arguments_on(api: Any, command: Run) -> None:
    outcome = command(
        "fit",
        "card.yml",
        "-r",
        "3-5",
        "-o",
        "fits/a",
        "--theory-path",
        "t",
        "--pdf-path",
        "p",
        "--data-path",
        "d",
        "--force",
    )
    assert outcome.code == 0
    assert api.calls == [
        (
            "fit",
            (Path("card.yml"),),
            {
                "replicas": range(3, 6),
                "output": Path("fits/a"),
                "theory_path": Path("t"),
                "pdf_path": Path("p"),
                "data_path": Path("d"),
                "force": True,
                "add": False,
                "resume": False,
                "checkpoint": None,
            },
        )
    ]


def test_fit_has_twenty_replicas_by_default(api: Any, command: Run) -> None:
    command("fit", "card.yml")
    assert api.calls == [("fit", (Path("card.yml"),), {"replicas": range(1, 21), **DEFAULTS})]


@pytest.mark.parametrize(
    ("words", "replicas"),
    [
        (("cards/x.yml", "1", "-r", "20"), range(1, 21)),
        (("x.yml", "-r", "9", "2"), range(2, 10)),
    ],
)
def test_old_form(api: Any, command: Run, words: tuple[str, ...], replicas: range) -> None:
    outcome = command(*words, "-o", "out")
    assert outcome.code == 0
    assert api.calls == [("fit", (Path(words[0]),), {"replicas": replicas, **DEFAULTS, "output": Path("out")})]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("x.yml",), "expected a command, received only the runcard (did you mean `n3fit fit x.yml -r 1-20`?)"),
        (("x.yml", "5", "-r", "4"), "expected the first replica before the last, received 5-4"),
        (("x.yml", "0"), "expected replicas from 1 on, received 0"),
        (("x.yml", "one"), "'one' is not a valid integer"),
        (("fit", "x.yml", "-r", "20"), "expected FIRST-LAST, received '20'"),
        (("fit",), "Missing argument 'RUNCARD'"),
        (("fti", "x.yml"), "expected a command, received 'fti' (did you mean `n3fit fit x.yml`?)"),
        (("zzz",), "commands: fit, "),
        (("fit", "x.yml", "--frobnicate"), "No such option"),
        (("theory", "lits"), "lits"),
    ],
)
def test_command_line_errors(api: Any, command: Run, words: tuple[str, ...], message: str) -> None:
    outcome = command(*words)
    assert outcome.code == 2
    first, *more = outcome.err.splitlines()
    assert message in first
    assert all(line.startswith("n3fit: try: n3fit ") for line in more)
    assert outcome.out == ""
    assert api.calls == []


def test_fit_prints_a_summary(api: Any, command: Run) -> None:
    outcome = command("fit", "card.yml", "--report")
    assert [call[0] for call in api.calls] == ["fit", "report"]
    assert api.calls[1] == ("report", (Path("fits/small"),), {"pdf_path": None, "force": True})
    assert "total" in outcome.out
    assert "fit folder: fits/small" in outcome.out
    assert "report: fits/small/report/index.html" in outcome.out
    assert "epoch 100/200" in outcome.err


def test_fit_as_json(api: Any, command: Run) -> None:
    outcome = command("fit", "card.yml", "--json")
    events = [json.loads(line, parse_constant=pytest.fail) for line in outcome.out.splitlines()]
    assert [event["event"] for event in events] == ["phase", "phase", "epoch", "step", "message", "result"]
    assert events[2] == {
        "event": "epoch",
        "epoch": 100,
        "total": 200,
        "losses": {"training": 1.5, "validation": None},
        "active": 3,
        "replicas": 4,
    }
    assert events[-1]["folder"] == "fits/small"
    assert events[-1]["report"] is None
    assert events[-1]["summary"]["datasets"][1]["replicas_mean"] is None
    assert outcome.err == ""


def test_help_and_version(command: Run) -> None:
    for words in ((), ("--help",), ("-h",)):
        outcome = command(*words)
        assert outcome.code == 0
        assert "fit-replicas" not in outcome.out
        for name in ("fit", "report", "check", "theory"):
            assert f"\n  {name} " in outcome.out
    assert command("--version").out == f"n3fit, version {n3fit.__version__}\n"
    assert "build" in command("theory").out
