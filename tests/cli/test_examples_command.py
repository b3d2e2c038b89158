"""The command ``examples``."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from n3fit.api import ExampleCard

CARDS = (ExampleCard(Path("my cards/dis.yml"), "a fit"), ExampleCard(Path("my cards/scan.yml"), "a scan"))


def test_files_are_listed_with_the_next_command(api: Any, command: Callable[..., Any]) -> None:
    api.results["examples"] = CARDS
    outcome = command("examples", "-o", "my cards", "--force")
    assert (outcome.code, outcome.out.splitlines()) == (
        0,
        [
            "runcard            description",
            "my cards/dis.yml   a fit",
            "my cards/scan.yml  a scan",
            "next: n3fit check 'my cards/dis.yml'",
        ],
    )
    assert api.calls == [("examples", (), {"output": Path("my cards"), "force": True})]
    shown = json.loads(command("examples", "--json").out)
    assert shown["examples"][1] == {"path": "my cards/scan.yml", "description": "a scan"}
