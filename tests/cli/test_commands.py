import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import n3fit

Run = Callable[..., Any]

DEFAULTS = {"output": None, "theory_path": None, "pdf_path": None, "force": False, "add": False}


def test_fit_passes_its_words_on(api: Any, command: Run) -> None:
    outcome = command(
        "fit", "card.yml", "-r", "3-5", "-o", "fits/a", "--theory-path", "t", "--pdf-path", "p", "--force"
    )
    assert outcome.code == 0
    assert api.calls == [
        (
            "fit",
            (Path("card.yml"),),
            {
                "replicas": (3, 5),
                "output": Path("fits/a"),
                "theory_path": Path("t"),
                "pdf_path": Path("p"),
                "force": True,
                "add": False,
            },
        )
    ]


def test_fit_has_twenty_replicas_by_default(api: Any, command: Run) -> None:
    command("fit", "card.yml")
    assert api.calls == [("fit", (Path("card.yml"),), {"replicas": (1, 20), **DEFAULTS})]


@pytest.mark.parametrize(
    ("words", "replicas"),
    [(("cards/x.yml", "1", "-r", "20"), (1, 20)), (("x.yml", "7"), (7, 7)), (("x.yml", "-r", "9", "2"), (2, 9))],
)
def test_old_form(api: Any, command: Run, words: tuple[str, ...], replicas: tuple[int, int]) -> None:
    outcome = command(*words, "-o", "out")
    assert outcome.code == 0
    assert api.calls == [("fit", (Path(words[0]),), {"replicas": replicas, **DEFAULTS, "output": Path("out")})]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("x.yml",), "expected a command, as in `n3fit fit x.yml -r 1-20`, received only the runcard"),
        (("x.yml", "5", "-r", "4"), "expected the first replica before the last, received 5-4"),
        (("x.yml", "0"), "expected replicas from 1 on, received 0"),
        (("x.yml", "one"), "'one' is not a valid integer"),
        (("fit", "x.yml", "-r", "20"), "expected FIRST-LAST, received '20'"),
        (("fit",), "Missing argument 'RUNCARD'"),
        (("fti", "x.yml"), "expected a command, received 'fti' (did you mean 'fit'?)"),
        (("zzz",), "commands: fit, "),
        (("fit", "x.yml", "--frobnicate"), "No such option"),
        (("theory", "lits"), "lits"),
    ],
)
def test_command_line_mistakes(api: Any, command: Run, words: tuple[str, ...], message: str) -> None:
    outcome = command(*words)
    assert outcome.code == 2
    assert message in outcome.err
    assert len(outcome.err.splitlines()) == 1
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


def test_fit_for_machines(api: Any, command: Run) -> None:
    outcome = command("fit", "card.yml", "--json")
    events = [json.loads(line, parse_constant=pytest.fail) for line in outcome.out.splitlines()]
    assert [event["event"] for event in events] == ["phase", "phase", "epoch", "step", "message", "result"]
    assert events[2] == {
        "event": "epoch",
        "epoch": 100,
        "total": 200,
        "losses": {"training": 1.5, "validation": None},
        "alive": 3,
        "replicas": 4,
    }
    assert events[-1]["folder"] == "fits/small"
    assert events[-1]["report"] is None
    assert events[-1]["summary"]["datasets"][1]["replicas_mean"] is None
    assert outcome.err == ""


def test_report(api: Any, command: Run) -> None:
    outcome = command("report", "fits/small", "--force")
    assert outcome.out == "report: fits/small/report/index.html\n"
    expected = {"reference": None, "output": None, "pdf_path": None, "force": True}
    assert api.calls == [("report", ((Path("fits/small"),),), expected)]
    assert json.loads(command("report", "fits/small", "--json").out.splitlines()[-1]) == {
        "event": "result",
        "report": "fits/small/report/index.html",
    }


def test_check(api: Any, command: Run) -> None:
    row = SimpleNamespace(name="NMC", variant=None, points_file=292, points_kept=204, tables=3)
    api.results["check"] = SimpleNamespace(
        datasets=(row,),
        points=204,
        positivity=("NNPDF_POS_2P24GEV_F2U",),
        integrability=(),
        parameters=763,
        memory_mb=512.4,
        seconds_per_epoch=0.0123,
        minutes=3.5,
    )
    outcome = command("check", "card.yml", "-r", "1-4")
    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "data set  variant  in the file  after cuts  tables",
        "NMC                        292         204       3",
        "points: 204",
        "positivity sets: NNPDF_POS_2P24GEV_F2U",
        "integrability sets: none",
        "free parameters of a replica: 763",
        "estimate: 512 MB of memory, 0.0123 s per epoch, 3 min 30 s in all",
    ]
    assert api.calls == [("check", (Path("card.yml"),), {"replicas": (1, 4), "theory_path": None, "pdf_path": None})]


def test_help_and_version(command: Run) -> None:
    for words in ((), ("--help",), ("-h",)):
        outcome = command(*words)
        assert outcome.code == 0
        assert "fit-replicas" not in outcome.out
        for name in ("fit", "report", "check", "theory"):
            assert f"\n  {name} " in outcome.out
    assert command("--version").out == f"n3fit, version {n3fit.__version__}\n"
    assert "build" in command("theory").out


def test_evolve_passes_its_words_on(api: Any, command: Run) -> None:
    api.results["evolve"] = Path("sets/mine")
    outcome = command("evolve", "fits/a", "--name", "mine", "-o", "sets", "--members", "finite", "--q-max", "1e3")
    assert outcome.code == 0
    assert "PDF set: sets/mine" in outcome.out
    expected = {"name": "mine", "output": Path("sets"), "members": "finite", "q_max": 1e3, "force": False}
    assert api.calls == [("evolve", (Path("fits/a"),), expected)]


def test_evolve_has_the_passing_replicas_by_default_and_speaks_json(api: Any, command: Run) -> None:
    api.results["evolve"] = Path("fits/a/postfit/a")
    outcome = command("evolve", "fits/a", "--force", "--json")
    assert json.loads(outcome.out.splitlines()[-1])["folder"] == "fits/a/postfit/a"
    expected = {"name": None, "output": None, "members": "passing", "q_max": 1e5, "force": True}
    assert api.calls == [("evolve", (Path("fits/a"),), expected)]


def test_evolve_knows_its_kinds_of_members(api: Any, command: Run) -> None:
    outcome = command("evolve", "fits/a", "--members", "all")
    assert outcome.code == 2
    assert "'all' is not one of 'passing', 'finite', 'central'" in outcome.err
