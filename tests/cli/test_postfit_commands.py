"""The commands ``postfit`` and ``merge``."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from n3fit.api.selection import PostfitSummary
from n3fit.results import Postfit, TooFewReplicasError

Run = Callable[..., Any]

VETOES = [
    {"replica": 2, "veto": "arc length", "quantity": "arc length of g", "value": 12.0, "limit": 3.25},
    {"replica": 3, "veto": "finite", "quantity": "not finite", "value": None, "limit": None},
]


@pytest.fixture
def selection() -> Postfit:
    return Postfit.model_validate(
        {
            "manifest": "0" * 64, "count": None, "chi2": None, "arc_length": 4.0, "integrability": 0.5, "total": 5,
            "chi2_limit": None, "arc_length_limits": (1.0, None, 3.0, 4.0, 5.0), "chosen": (1, 5), "passing": (1, 5),
            "vetoes": VETOES, "damaged": [{"replica": 4, "reason": "a.json: not valid JSON"}],
        }
    )  # fmt: skip


def test_postfit_passes_its_arguments_on_and_prints_the_vetoes(api: Any, command: Run, selection: Postfit) -> None:
    api.results["postfit"] = PostfitSummary(Path("a"), Path("a/postfit.json"), selection, ())
    outcome = command("postfit", "a", "-n", "7", "--chi2", "3.5", "--arc-length", "inf", "--skip-damaged")
    assert outcome.code == 0
    options = {"count": 7, "at_least": False, "chi2": 3.5, "arc_length": float("inf"), "integrability": 0.5}
    assert api.calls == [("postfit", (Path("a"),), options | {"skip_damaged": True})]
    assert outcome.out.splitlines() == [
        "replica  veto        quantity                value  limit",
        "      2  arc length  arc length of g            12   3.25",
        "      3  finite      not finite                  -      -",
        "      4  damaged     a.json: not valid JSON",
        "vetoed: finite 1, arc length 1, damaged 1",
        "replicas: 2 of 5 pass (1, 5)",
        "chosen: 2 (1, 5)",
        "selection: a/postfit.json",
    ]


def test_postfit_as_json(api: Any, command: Run, selection: Postfit) -> None:
    api.results["postfit"] = PostfitSummary(Path("a"), Path("a/postfit.json"), selection, (Path("a/postfit/b"),))
    result = json.loads(command("postfit", "a", "--json").out, parse_constant=pytest.fail)
    assert result["outdated"] == ["a/postfit/b"]
    assert result["selection"]["vetoes"] == VETOES
    assert api.calls[0][2]["count"] is None


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_too_few_replicas_are_a_table_and_an_error(
    api: Any, command: Run, selection: Postfit, words: tuple[str, ...]
) -> None:
    api.raises = TooFewReplicasError("a: 2 of 5 pass", hint="fit 9 more", selection=selection)
    outcome = command("postfit", "a", "-n", "7", *words)
    assert outcome.code == 5
    assert outcome.err.splitlines() == ["n3fit: error: a: 2 of 5 pass (fit 9 more)"]
    if words:
        events = [json.loads(line) for line in outcome.out.splitlines()]
        assert [event["event"] for event in events] == ["selection", "error"]
        assert events[0]["passing"] == [1, 5]
    else:
        assert outcome.out.splitlines()[-1] == "replicas: 2 of 5 pass (1, 5)"


def test_merge(api: Any, command: Run) -> None:
    api.results["merge"] = SimpleNamespace(path=Path("all"), summary=lambda: api.summary)
    outcome = command("merge", "a", "b", "-o", "all", "--force")
    assert outcome.code == 0
    assert api.calls == [("merge", ((Path("a"), Path("b")),), {"output": Path("all"), "force": True})]
    assert outcome.out.splitlines()[-1] == "fit folder: all"
    assert json.loads(command("merge", "a", "b", "-o", "all", "--json").out)["summary"]["replicas"] == 4
    assert command("merge", "a", "b").code == 2
