"""The command next."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from n3fit.api.iteration import FlavourRanges, NextRuncard

Run = Callable[..., Any]


def card(folder: Path | None, outdated: bool = False) -> NextRuncard:
    ranges = (
        FlavourRanges("sng", (1.0, 1.25), (1.0625, 1.123456), (1.5, 3.0), (2.0, 2.5)),
        FlavourRanges("g", (0.5, 1.0), (-0.25, 0.5), None, None),
    )
    return NextRuncard(Path("b.yml"), "mine", folder, outdated, {"nnseed": 5, "trvlseed": 6}, ranges, 42)


def test_next_shows_what_changed(api: Any, command: Run) -> None:
    api.results["next_runcard"] = card(Path("fits/a/postfit"))
    outcome = command("next", "fits/a", "-o", "b.yml", "--t0", "mine", "--force")
    assert outcome.code == 0
    assert api.calls == [("next_runcard", (Path("fits/a"),), {"output": Path("b.yml"), "t0": "mine", "force": True})]
    assert outcome.out.splitlines() == [
        "flavour  smallx was  is              largex was  is",
        "sng      [1, 1.25]   [1.062, 1.123]  [1.5, 3]    [2, 2.5]",
        "g        [0.5, 1]    [-0.25, 0.5]    -           -",
        "ranges from 42 replicas; new seeds: nnseed, trvlseed",
        "t0 set: mine; fit with --pdf-path fits/a/postfit",
        "runcard: b.yml",
    ]


def test_next_says_how_the_t0_set_is_made_and_speaks_json(api: Any, command: Run) -> None:
    api.results["next_runcard"] = card(None)
    assert "t0 set: mine, which is not there yet: `n3fit evolve fits/a` makes it" in command("next", "fits/a").out
    result = json.loads(command("next", "fits/a", "--json").out)["next"]
    api.results["next_runcard"] = card(Path("fits/a/postfit"), outdated=True)
    assert "mine, made of other replicas: `n3fit evolve fits/a --force`" in command("next", "fits/a").out
    assert (result["t0_folder"], result["seeds"]["nnseed"]) == (None, 5)
    assert result["ranges"][1]["smallx"] == [-0.25, 0.5]
