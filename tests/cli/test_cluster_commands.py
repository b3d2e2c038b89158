"""The options of ``fit`` for many processes and machines, and the command ``cluster``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from n3fit.defaults import RETRIES

Run = Callable[..., Any]
SHARED = {
    "replicas": range(1, 5),
    "output": None,
    "theory_path": None,
    "pdf_path": None,
    "data_path": None,
    "checkpoint": None,
}
PLAIN = {"force": False, "add": False, "resume": False}


@pytest.fixture(autouse=True)
def others(api: Any) -> Any:
    for name in ("fit_part", "collect", "add_replicas"):
        api.results[name] = SimpleNamespace(path=Path("fits/small"), summary=lambda: api.summary)
    api.results["job_array"] = "#!/bin/bash\n"
    api.results["template_cluster"] = "class: SLURMCluster\n"
    return api


def test_workers_and_clusters(api: Any, command: Run) -> None:
    assert command("fit", "card.yml", "-r", "1-4", "--workers", "2", "--block", "3").code == 0
    assert command("fit", "card.yml", "-r", "1-4", "--cluster", "slurm.yml", "--retries", "5").code == 0
    assert command("fit", "card.yml", "-r", "1-4").code == 0
    assert [call[2] for call in api.calls] == [
        {**SHARED, **PLAIN, "workers": 2, "cluster": None, "block": 3, "retries": RETRIES},
        {**SHARED, **PLAIN, "workers": None, "cluster": "slurm.yml", "block": None, "retries": 5},
        {**SHARED, **PLAIN},
    ]


def test_existing_replicas_count_for_postfit_with_workers(api: Any, command: Run) -> None:
    api.results["check_steps"] = None
    api.raises = KeyboardInterrupt()
    command("fit", "card.yml", "-r", "1-4", "--workers", "2", "--postfit", "9")
    assert api.calls[0] == ("check_steps", (Path("card"),), {"replicas": range(1, 5), "postfit": None, "evolve": False})


def test_parts(api: Any, command: Run) -> None:
    assert command("fit", "card.yml", "-r", "1-4", "--part", "2/3", "--checkpoint", "5").code == 0
    assert command("fit", "card.yml", "-r", "1-4", "--collect", "-o", "fits/small").code == 0
    assert api.calls == [
        ("fit_part", (Path("card.yml"),), {**SHARED, "part": (2, 3), "checkpoint": 5.0}),
        ("collect", (Path("card.yml"),), {"replicas": range(1, 5), "output": Path("fits/small")}),
    ]


def test_the_script_of_a_job_array(api: Any, command: Run) -> None:
    outcome = command(
        *("fit", "card.yml", "-r", "1-4", "--array", "2", "--system", "htcondor"),
        *("--theory-path", "/theories", "--data-path", "/data", "--checkpoint", "10"),
    )
    assert (outcome.code, outcome.out) == (0, "#!/bin/bash\n")
    options = ["--theory-path", "/theories", "--data-path", "/data", "--checkpoint", "10"]
    expected = {"jobs": 2, "system": "htcondor", "replicas": range(1, 5), "output": None, "options": options}
    assert api.calls == [("job_array", (Path("card.yml"),), expected)]
    outcome = command("fit", "card.yml", "--array", "2", "--json")
    assert json.loads(outcome.out) == {"event": "result", "system": "slurm", "text": "#!/bin/bash\n"}


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--workers", "2", "--cluster", "a"), "expected at most one of --workers, --cluster"),
        (("--array", "2", "--part", "1/2"), "expected at most one of --array, --part"),
        (("--block", "2"), "expected --workers or --cluster with --block"),
        (("--part", "1"), "expected K/N such as 2/10, received '1'"),
        (("--part", "1/2", "--force"), "--force: has no meaning with --part, only when all parts are merged"),
        (("--array", "2", "--postfit", "3"), "--postfit: has no meaning with --array, only when all parts are merged"),
    ],
)
def test_options_that_do_not_go_together(api: Any, command: Run, words: tuple[str, ...], text: str) -> None:
    outcome = command("fit", "card.yml", *words)
    assert outcome.code == 2
    assert text in outcome.err
    assert api.calls == []


def test_the_old_form_adds_to_the_fit_of_other_jobs(
    api: Any, command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("card.yml", "7").code == 0
    assert api.calls == [("add_replicas", (Path("card.yml"),), {**SHARED, "replicas": range(7, 8)})]
    api.calls.clear()
    for beside in ("there", "parts/there.parts", "lock/.there.lock"):
        Path(beside).mkdir(parents=True)
        folder = Path(beside).with_name("there")
        assert command("card.yml", "1", "-r", "4", "-o", str(folder)).code == 0
        assert api.calls[-1] == ("add_replicas", (Path("card.yml"),), {**SHARED, "output": folder})


def test_the_old_form_of_a_range_is_one_fit(api: Any, command: Run) -> None:
    assert command("card.yml", "1", "-r", "4").code == 0
    assert api.calls[-1] == ("fit", (Path("card.yml"),), {**SHARED, **PLAIN})
    assert command("card.yml", "7", "--force").code == 0
    assert api.calls[-1] == ("fit", (Path("card.yml"),), {**SHARED, **PLAIN, "replicas": range(7, 8), "force": True})


def test_templates_of_cluster_files(api: Any, command: Run) -> None:
    assert command("cluster", "template", "slurm").out == "class: SLURMCluster\n"
    outcome = command("cluster", "template", "htcondor", "-o", "my.yml")
    assert outcome.out == "cluster file: my.yml; adapt it, then `n3fit fit CARD --cluster my.yml`\n"
    assert [call[1:] for call in api.calls] == [
        (("slurm",), {"output": None, "force": False}),
        (("htcondor",), {"output": Path("my.yml"), "force": False}),
    ]
    assert "template" in command("cluster").out
