"""The commands ``check`` and ``next-runcard``."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from n3fit.api.checking import OtherCardSummary, TrialCheck
from n3fit.api.data_cuts import RemovedPoints
from n3fit.api.iteration import NextRuncard
from n3fit.cli.runcard_commands import describe_trials
from n3fit.theory.exponents import ExponentRange

Run = Callable[..., Any]


def card(folder: Path | None, outdated: bool = False, fitted: tuple[int, ...] = tuple(range(1, 61))) -> NextRuncard:
    before = (
        ExponentRange("sng", (1.0, 1.25), (1.5, 3.0), trainable=True),
        ExponentRange("g", (0.5, 1.0), None, trainable=True),
    )
    ranges = (
        ExponentRange("sng", (1.0625, 1.123456), (2.0, 2.5), trainable=True),
        ExponentRange("g", (-0.25, 0.5), None, trainable=True),
    )
    seeds = {"nnseed": 5, "trvlseed": 6}
    changes = ("--- a/filter.yml", "+++ b.yml", "@@ -1 +1 @@", "-nnseed: 1", "+nnseed: 5")
    return NextRuncard(Path("b.yml"), "mine", folder, outdated, seeds, before, ranges, 42, changes, fitted)


def test_replicas_that_are_not_consecutive_are_left_to_the_user(api: Any, command: Run) -> None:
    api.results["next_runcard"] = card(Path("fits/a/postfit"), fitted=(1, 2, 4))
    assert "t0 set: mine; fit with `n3fit fit b.yml --pdf-path fits/a/postfit`\n" in command("next", "fits/a").out


def test_next_runcard_prints_the_changes(api: Any, command: Run) -> None:
    api.results["next_runcard"] = card(Path("fits/a/postfit"))
    outcome = command("next-runcard", "fits/a", "-o", "b.yml", "--t0", "mine", "--force")
    assert outcome.code == 0
    assert api.calls == [("next_runcard", (Path("fits/a"),), {"output": Path("b.yml"), "t0": "mine", "force": True})]
    assert outcome.out.splitlines() == [
        "--- a/filter.yml",
        "+++ b.yml",
        "@@ -1 +1 @@",
        "-nnseed: 1",
        "+nnseed: 5",
        "flavour  smallx was  is              largex was  is",
        "sng      [1, 1.25]   [1.062, 1.123]  [1.5, 3]    [2, 2.5]",
        "g        [0.5, 1]    [-0.25, 0.5]    -           -",
        "ranges from 42 replicas; new seeds: nnseed, trvlseed",
        "t0 set: mine; fit with `n3fit fit b.yml -r 1-60 --pdf-path fits/a/postfit`",
        "runcard: b.yml",
    ]


def test_changes_have_colours_on_terminals(api: Any, command: Run, monkeypatch: Any) -> None:
    api.results["next_runcard"] = card(Path("fits/a/postfit"))
    monkeypatch.setattr("n3fit.cli.runcard_commands.has_colours", lambda: True)
    assert "\x1b[31m-nnseed: 1\x1b[0m\n\x1b[32m+nnseed: 5\x1b[0m\n" in command("next-runcard", "fits/a").out


def test_the_short_name(api: Any, command: Run) -> None:
    api.results["next_runcard"] = card(Path("fits/a/postfit"))
    assert command("next", "fits/a").out == command("next-runcard", "fits/a").out
    assert [name for name, _, _ in api.calls] == ["next_runcard"] * 2
    assert command("next", "--help").out.startswith("Usage: n3fit next ")


def test_next_runcard_prints_how_to_make_the_t0_set(api: Any, command: Run) -> None:
    api.results["next_runcard"] = card(None)
    assert (
        "t0 set: mine, which does not exist yet: make it with `n3fit evolve fits/a`"
        in command("next-runcard", "fits/a").out
    )
    result = json.loads(command("next-runcard", "fits/a", "--json").out)["next"]
    api.results["next_runcard"] = card(Path("fits/a/postfit"), outdated=True)
    assert (
        "mine, of other replicas: make it again with `n3fit evolve fits/a --force`"
        in command("next-runcard", "fits/a").out
    )
    assert (result["t0_folder"], result["seeds"]["nnseed"]) == (None, 5)
    assert result["ranges"][1]["smallx"] == [-0.25, 0.5]


def test_check(api: Any, command: Run) -> None:
    removed = RemovedPoints("Q2 > 3.49", "DIS", "default", tuple(range(88)))
    row = SimpleNamespace(name="NMC", variant=None, points_file=292, points_kept=204, tables=3, removed=(removed,))
    api.results["check"] = SimpleNamespace(
        datasets=(row,),
        points=204,
        positivity=("NNPDF_POS_2P24GEV_F2U",),
        integrability=(),
        parameters=763,
        memory_mb=512.4,
        seconds_per_epoch=0.0123,
        minutes=3.5,
        trials=(),
    )
    outcome = command("check", "card.yml", "-r", "1-4")
    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "data set  variant  in the file  after cuts  tables  removed",
        "NMC                        292         204       3  88 by [1]",
        "points: 204",
        "positivity sets: NNPDF_POS_2P24GEV_F2U",
        "integrability sets: none",
        "free parameters of a replica: 763",
        "estimate: 512 MB of memory, 0.0123 s per epoch, 3 min 30 s in all",
        "",
        "kept are points with",
        "  [1] Q2 > 3.49 (default; DIS)",
    ]
    assert api.calls == [
        (
            "check",
            (Path("card.yml"),),
            {"replicas": range(1, 5), "theory_path": None, "pdf_path": None, "data_path": None},
        )
    ]


def test_trials_of_the_replicas() -> None:
    values = {"nodes_per_layer": [25, 20, 8], "activation": "tanh", "optimizer": "Nadam", "epochs": 17000}
    trials = [TrialCheck(404, 1.9126, (3, 6), values), TrialCheck(12, 2.0, (), values | {"nodes_per_layer": [8]})]
    assert describe_trials(trials) == [
        "trial   loss  replicas  nodes    activation  optimizer  epochs",
        "404    1.913  3 6       25-20-8  tanh        Nadam       17000",
        "12     2.000  none      8        tanh        Nadam       17000",
    ]
    assert describe_trials([]) == []


def test_check_of_a_card_without_a_fit(api: Any, command: Run) -> None:
    api.results["check"] = OtherCardSummary(("mc2hessian",), ("A", "B"))
    outcome = command("check", "card.yml")
    assert (outcome.code, outcome.out.splitlines()) == (
        0,
        ["not a card of a fit: its actions are of validphys (mc2hessian)", "PDF sets that are here: A, B"],
    )
    result = json.loads(command("check", "card.yml", "--json").out.splitlines()[-1])
    assert result["summary"] == {"actions": ["mc2hessian"], "pdf_sets": ["A", "B"]}


def test_schema_is_printed_or_written(api: Any, command: Run) -> None:
    api.results["schema"] = '{"title": "A"}\n'
    assert command("schema").out == '{"title": "A"}\n'
    assert command("schema", "-o", "here.json", "--force").out == "schema: here.json\n"
    assert json.loads(command("schema", "-o", "here.json", "--json").out) == {
        "event": "result",
        "schema": {"title": "A"},
        "output": "here.json",
    }
    assert api.calls == [
        ("schema", (), {"output": None, "force": False}),
        ("schema", (), {"output": Path("here.json"), "force": True}),
        ("schema", (), {"output": Path("here.json"), "force": False}),
    ]
