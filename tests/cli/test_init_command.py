"""The command ``init``."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from n3fit.api.new_cards import InitialRuncard

Run = Callable[..., Any]


def made(path: Path | None) -> InitialRuncard:
    return InitialRuncard("a: 1\n", path, ("A", "B:legacy"), "400", "EVOL", {"nnseed": 1}, ("n3fit check a.yml",))


def test_arguments_are_passed_on(api: Any, command: Run) -> None:
    api.results["init"] = made(Path("a.yml"))
    words = ("--data", "A", "--data", "B:legacy", "--theory", "400", "--basis", "EVOL", "--theory-path", "t")
    outcome = command("init", "-o", "a.yml", *words, "--seed", "3", "--t0", "S", "--unpolarized", "U", "--force")
    assert (outcome.code, outcome.out) == (0, "runcard: a.yml\nnext: n3fit check a.yml\n")
    assert api.calls == [
        (
            "init",
            (),
            {
                **{"output": Path("a.yml"), "data": ("A", "B:legacy"), "like": None, "theory": "400", "basis": "EVOL"},
                **{
                    "t0": "S",
                    "unpolarized": "U",
                    "seed": 3,
                    "theory_path": Path("t"),
                    "data_path": None,
                    "force": True,
                },
            },
        )
    ]


def test_without_a_file_the_card_is_printed(api: Any, command: Run) -> None:
    api.results["init"] = made(None)
    assert command("init", "--like", "dis").out == "a: 1\n"
    assert json.loads(command("init", "--json").out)["runcard"]["datasets"] == ["A", "B:legacy"]
