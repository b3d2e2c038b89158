"""When a run of a campaign is done."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.campaigns import FakeFits

from n3fit.campaign.layout import card_path, record_path, run_folder
from n3fit.campaign.node import is_done, node_arguments
from n3fit.campaign.result import CampaignResult
from n3fit.paths import SearchPaths

ONE = "replicas: 3\nruns:\n- {name: a, runcard: card.yml}\n"
STEPS = {"postfit": None, "evolve": False, "report": False}


@pytest.fixture
def done(campaign: Callable[..., CampaignResult], fake_fits: FakeFits) -> Path:
    """The folder of a campaign of one run that is done."""
    return campaign(ONE).folder


def arguments(folder: Path, **changes: object) -> dict[str, object]:
    places = card_path(folder, "a"), run_folder(folder, "a"), record_path(folder, "a")
    return node_arguments(*places, **{"replicas": (1, 3), "steps": STEPS, "paths": SearchPaths()} | changes)  # type: ignore[arg-type]


def test_a_run_is_done_with_its_replicas_and_steps(done: Path) -> None:
    assert is_done(arguments(done))
    assert not is_done(arguments(done, replicas=(1, 4)))
    assert not is_done(arguments(done, steps=STEPS | {"report": True}))


@pytest.mark.parametrize("damage", ["record", "card", "manifest", "fit"])
def test_a_run_is_not_done_when_something_is_not_what_it_was(done: Path, damage: str) -> None:
    if damage == "record":
        record_path(done, "a").write_text("{")
    elif damage == "card":
        card_path(done, "a").write_text(card_path(done, "a").read_text() + "# another comment\n")
    elif damage == "manifest":
        manifest = run_folder(done, "a") / "manifest.json"
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"created": "yesterday"}))
    else:
        (run_folder(done, "a") / "manifest.json").unlink()
    assert not is_done(arguments(done))


def test_arguments_are_plain_and_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = arguments(Path("out"), paths=SearchPaths(theories=Path("theories"), data=Path("data")))
    assert json.loads(json.dumps(found)) == found
    assert found["folder"] == str(tmp_path.resolve() / "out" / "runs" / "a")
    assert (found["theory_path"], found["pdf_path"]) == (str(tmp_path.resolve() / "theories"), None)
    assert found["data_path"] == str(tmp_path.resolve() / "data")
