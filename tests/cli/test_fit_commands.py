"""The steps after a fit in one command."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from n3fit.api.selection import PostfitSummary
from n3fit.errors import CommandLineError, TheoryError
from n3fit.results import Postfit, TooFewReplicasError

Run = Callable[..., Any]
FOLDER = Path("fits/small")
STEPS = ("fit", "card.yml", "-r", "1-4", "--postfit", "2", "--evolve", "--report")


@pytest.fixture
def selection() -> Postfit:
    veto = {"replica": 3, "veto": "chi2", "quantity": "chi2 per point", "value": 2.51234, "limit": 1.5}
    return Postfit.model_validate(
        {
            "manifest": "0" * 64, "count": 2, "chi2": 4.0, "arc_length": 4.0, "integrability": 0.5, "total": 4,
            "chi2_limit": 1.5, "arc_length_limits": (1.0, 2.0, 3.0, 4.0, 5.0), "chosen": (1, 2), "passing": (1, 2, 4),
            "vetoes": (veto,),
        }
    )  # fmt: skip


@pytest.fixture
def ahead(api: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stand for the process that computes operators beside the fit; it records when it begins, is awaited and ends."""
    record = api.calls

    @contextmanager
    def evolution_ahead(runcard: Path, *, theory_path: Path | None = None) -> Iterator[Any]:
        record.append(("ahead", (runcard,), {"theory_path": theory_path}))
        try:
            yield SimpleNamespace(wait=lambda: record.append(("wait", (), {})))
        finally:
            record.append(("end", (), {}))

    monkeypatch.setattr("n3fit.api.evolution_ahead", evolution_ahead)


@pytest.fixture
def steps(api: Any, ahead: None, selection: Postfit) -> Any:
    api.results["check_steps"] = None
    api.results["postfit"] = PostfitSummary(FOLDER, FOLDER / "postfit.json", selection, (FOLDER / "postfit/old",))
    api.results["open_fit"] = SimpleNamespace(path=FOLDER, summary=lambda: api.summary)
    api.results["evolve"] = FOLDER / "postfit" / "small"
    return api


def test_the_steps_run_in_order_and_print_their_products(steps: Any, command: Run) -> None:
    outcome = command(*STEPS)
    assert outcome.code == 0
    order = ["check_steps", "ahead", "fit", "postfit", "open_fit", "wait", "evolve", "report", "end"]
    assert [call[0] for call in steps.calls] == order
    assert steps.calls[1] == ("ahead", (Path("card.yml"),), {"theory_path": None})
    assert steps.calls[0] == (
        "check_steps", (Path("card"),), {"replicas": range(1, 5), "postfit": 2, "evolve": True}
    )  # fmt: skip
    assert steps.calls[3] == ("postfit", (FOLDER,), {"count": 2})
    for line in (
        "replica  veto  quantity        value  limit",
        "      3  chi2  chi2 per point  2.512    1.5",
        "vetoed: chi2 1",
        "replicas: 3 of 4 pass (1-2, 4)",
        "chosen: 2 (1-2)",
        "PDF set: fits/small/postfit/small",
        "report: fits/small/report/index.html",
    ):
        assert line in outcome.out.splitlines()
    assert "made of other replicas: fits/small/postfit/old" in outcome.out


@pytest.mark.parametrize(
    ("options", "command_after"),
    [
        ((), "n3fit postfit fits/small"),
        (("--postfit", "2"), "n3fit evolve fits/small"),
        (("--postfit", "2", "--evolve"), "n3fit report fits/small"),
        (("--postfit", "2", "--evolve", "--report"), "n3fit next-runcard fits/small"),
        (("--report",), "n3fit postfit fits/small"),
    ],
)
def test_the_last_line_is_the_next_command(
    steps: Any, command: Run, options: tuple[str, ...], command_after: str
) -> None:
    assert command("fit", "card", "-r", "1-4", *options).out.splitlines()[-1] == f"next: {command_after}"


def test_the_steps_as_json(steps: Any, command: Run) -> None:
    *events, result = [json.loads(line) for line in command(*STEPS, "--json").out.splitlines()]
    assert {"choosing replicas", "writing the report"} <= {event.get("name") for event in events}
    assert result["event"] == "result"
    assert result["postfit"]["selection"]["chosen"] == [1, 2]
    assert (result["folder"], result["pdf_set"]) == ("fits/small", "fits/small/postfit/small")


def test_after_a_step_that_fails_the_commands_of_the_rest_are_printed(steps: Any, command: Run) -> None:
    steps.errors["evolve"] = TheoryError("no evolution", hint="use theory 400")
    outcome = command(*STEPS)
    assert outcome.code == TheoryError.exit_code
    assert outcome.err.splitlines()[-1] == (
        "n3fit: error: no evolution (use theory 400; the fit is complete; continue with `n3fit evolve fits/small`; "
        "`n3fit report fits/small`)"
    )
    assert "chosen: 2 (1-2)" in outcome.out
    assert "fit folder: fits/small" in outcome.out
    assert "report:" not in outcome.out
    last = [json.loads(line) for line in command(*STEPS, "--json").out.splitlines()[-2:]]
    assert [event["event"] for event in last] == ["partial", "error"]
    assert last[0]["postfit"]["file"] == "fits/small/postfit.json"
    assert last[0]["report"] is None


def test_vetoes_are_printed_if_too_few_replicas_pass(steps: Any, command: Run, selection: Postfit) -> None:
    steps.errors["postfit"] = TooFewReplicasError("3 of 4 pass", hint="fit 2 more", selection=selection)
    outcome = command(*STEPS)
    assert outcome.code == 5
    assert "      3  chi2  chi2 per point  2.512    1.5" in outcome.out.splitlines()
    assert "continue with `n3fit postfit fits/small -n 2`; `n3fit evolve" in outcome.err


def test_a_fit_that_fails_is_followed_by_nothing(steps: Any, command: Run) -> None:
    steps.raises = CommandLineError("no card", hint="write one")
    outcome = command("fit", "card.yml", "--report")
    assert outcome.err.splitlines()[-1] == "n3fit: error: no card (write one)"
    assert [call[0] for call in steps.calls] == ["fit"]
