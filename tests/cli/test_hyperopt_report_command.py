"""The commands ``hyperopt report`` and ``hyperopt best``: arguments, text and JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from n3fit.api import TrialCard
from n3fit.cli.hyperopt_report_command import best_card, scan_report
from n3fit.cli.session import Session


@pytest.fixture
def commands(api: Any) -> Any:
    """Run one of the commands."""

    def run(command: click.Command, *arguments: str) -> Result:
        return CliRunner().invoke(command, arguments, obj=Session(), catch_exceptions=False)

    return run


def test_report(api: Any, commands: Any) -> None:
    api.results["scan_report"] = Path("study/report.html")
    result = commands(scan_report, "study", "--force", "-o", "page.html")
    assert api.calls == [("scan_report", (Path("study"),), {"output": Path("page.html"), "force": True})]
    assert result.stdout.splitlines()[-1] == "report: study/report.html"
    result = commands(scan_report, "study", "--json")
    assert json.loads(result.stdout.splitlines()[-1])["report"] == "study/report.html"


def test_best_prints_the_card_alone(api: Any, commands: Any) -> None:
    api.results["best_card"] = TrialCard(7, 1.25, "# trial 7\na: 1\n", None)
    result = commands(best_card, "study")
    assert api.calls == [("best_card", (Path("study"),), {"trial": None, "output": None, "force": False})]
    assert result.stdout == "# trial 7\na: 1\n"


def test_best_into_a_file(api: Any, commands: Any) -> None:
    api.results["best_card"] = TrialCard(7, 1.25, "a: 1\n", Path("card.yml"))
    result = commands(best_card, "study", "--trial", "7", "--output", "card.yml")
    assert api.calls[0][2] == {"trial": 7, "output": Path("card.yml"), "force": False}
    assert result.stdout == "runcard: card.yml, of trial 7 with loss 1.25\n"
    result = commands(best_card, "study", "--json")
    assert json.loads(result.stdout.splitlines()[-1]) == {
        "event": "result", "trial": 7, "loss": 1.25, "output": "card.yml", "runcard": "a: 1\n",
    }  # fmt: skip
