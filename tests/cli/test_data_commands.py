"""The command ``data cuts``."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from n3fit.api import CutSummary, DatasetCuts, RemovedPoints

Run = Callable[..., Any]

DEFAULT = RemovedPoints("Q2 > 8", "charm", "default", (0, 1, 4))


def positivity(number: int) -> DatasetCuts:
    removed = RemovedPoints("x > 0.1", "", f"added_filter_rules[{number}]", (7,))
    return DatasetCuts(f"POS_{number}", None, 20, 19, (removed,))


@pytest.fixture
def summary() -> CutSummary:
    datasets = (DatasetCuts("NMC", "legacy", 10, 7, (DEFAULT,)), DatasetCuts("HERA", None, 5, 5, ()))
    return CutSummary(datasets, (positivity(0), positivity(1)), ())


def test_points_and_rules_as_text(api: Any, command: Run, summary: CutSummary) -> None:
    api.results["data_cuts"] = summary
    outcome = command("data", "cuts", "card.yml", "--theory-path", "th")
    assert outcome.out.splitlines() == [
        "data set  variant  in the file  after cuts  removed",
        "NMC       legacy            10           7  3 by [1]",
        "HERA                         5           5",
        "points: 12",
        "",
        "positivity or integrability set  variant  in the file  after cuts  removed",
        "POS_0                                              20          19  1 by [2]",
        "POS_1                                              20          19  1 by [2]",
        "",
        "kept are points with",
        "  [1] Q2 > 8 (default; charm)",
        "  [2] x > 0.1 (added_filter_rules)",
    ]
    assert api.calls == [
        ("data_cuts", (Path("card.yml"),), {"theory_path": Path("th"), "pdf_path": None, "data_path": None})
    ]


def test_json_is_a_list_with_an_object_for_each_data_set(api: Any, command: Run, summary: CutSummary) -> None:
    api.results["data_cuts"] = summary
    outcome = command("data", "cuts", "card.yml", "--json")
    assert json.loads(outcome.out) == [
        {
            "dataset": "NMC",
            "variant": "legacy",
            "points": 10,
            "kept": 7,
            "removed": [{"rule": "Q2 > 8", "reason": "charm", "origin": "default", "points": [0, 1, 4]}],
        },
        {"dataset": "HERA", "variant": None, "points": 5, "kept": 5, "removed": []},
    ]


def test_the_group_without_a_command_prints_its_help(command: Run) -> None:
    assert "cuts" in command("data").out
