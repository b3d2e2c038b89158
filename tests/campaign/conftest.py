"""Fixtures: imaginary fits, and a way to run a campaign of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.campaigns import CLOSURE, FakeFits

from n3fit.campaign.result import CampaignResult
from n3fit.campaign.run import run_campaign
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter


@pytest.fixture
def fake_fits(monkeypatch: pytest.MonkeyPatch) -> FakeFits:
    fits = FakeFits()
    monkeypatch.setattr("n3fit.fit.run.run_fit", fits)
    return fits


@pytest.fixture
def campaign(tmp_path: Path) -> Callable[..., CampaignResult]:
    """Write a campaign file and its runcard, and run it."""

    def run(text: str, *, card: str = CLOSURE, output: str = "out") -> CampaignResult:
        (tmp_path / "card.yml").write_text(card)
        (tmp_path / "many.yml").write_text(text)
        return run_campaign(tmp_path / "many.yml", tmp_path / output, paths=SearchPaths(), progress=NullReporter())

    return run
