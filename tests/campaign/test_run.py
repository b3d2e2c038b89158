"""Campaigns go on where they stopped, and one bad run does not stop the others."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.campaigns import SMALL, FakeFits

from n3fit.campaign.result import CampaignResult
from n3fit.errors import DataError, OutputExistsError
from n3fit.results.closure import closure_estimates
from n3fit.results.closure_statistics import combine_estimates
from n3fit.results.reader import read_fit_folder

Campaign = Callable[..., CampaignResult]
THREE = "analysis: closure\nruncard: card.yml\nreplicas: 4\nseeds: 3\n"


def test_all_runs_with_their_statistics(campaign: Campaign, fake_fits: FakeFits) -> None:
    result = campaign("description: A & B\n" + THREE)
    assert result.error is None
    assert fake_fits.made == ["run_1", "run_2", "run_3"]
    fits = [read_fit_folder(result.folder / "runs" / name) for name in fake_fits.made]
    assert result.analysis.closure == combine_estimates([closure_estimates(fit) for fit in fits])
    for row, fit in zip(result.rows, fits, strict=True):
        assert (row.name, row.status, row.replicas, row.points) == (fit.name, "complete", 4, 10)
        assert (row.chi2, row.chi2_experimental) == (fit.summary().total.t0, fit.summary().total.experimental)
        assert row.seconds == sum(fit.manifest.timing.values())
    with result.table.open(newline="") as stream:
        table = list(csv.DictReader(stream))
    assert [float(row["chi2"]) for row in table] == [row.chi2 for row in result.rows]
    content = json.loads((result.folder / "campaign.json").read_text())
    assert content["closure"]["fits"] == 3
    assert content["runs"][2]["folder"] == "runs/run_3"
    page = result.page.read_text()
    assert "A &amp; B" in page
    assert "3 of 3 runs complete" in page
    assert sorted(path.name for path in (result.folder / "report_figures").glob("*.csv")) == [
        "closure_ratio.csv",
        "runs_chi2.csv",
    ]


def test_the_same_command_runs_what_is_missing(campaign: Campaign, fake_fits: FakeFits) -> None:
    fake_fits.interrupted = {"run_2"}
    with pytest.raises(KeyboardInterrupt):
        campaign(THREE)
    assert fake_fits.made == ["run_1"]
    fake_fits.interrupted = set()
    first = campaign(THREE)
    assert fake_fits.made == ["run_1", "run_2", "run_3"]
    before = {path: path.stat().st_mtime_ns for path in (first.folder / "runs").rglob("*")}
    again = campaign(THREE.replace("seeds: 3", "seeds: 4"))
    assert fake_fits.made == ["run_1", "run_2", "run_3", "run_4"]
    assert again.rows[:3] == first.rows
    assert {path: path.stat().st_mtime_ns for path in before if path.name != "runs"} == {
        path: time for path, time in before.items() if path.name != "runs"
    }


def test_failed_runs_are_named_and_the_others_go_on(campaign: Campaign, fake_fits: FakeFits) -> None:
    fake_fits.failing = {"run_2"}
    result = campaign(THREE)
    assert [row.status for row in result.rows] == ["complete", "failed", "complete"]
    assert result.rows[1].problem == "run_2: no data (find some)"
    assert result.error is not None
    assert result.error.exit_code == DataError.exit_code
    assert result.error.message == "1 of 3 runs failed: run_2; run_2: run_2: no data"
    assert "the same command goes on" in result.error.hint
    assert result.analysis.closure is not None
    assert result.analysis.closure.fits == 2
    assert "run_2: no data" in result.page.read_text()
    fake_fits.failing = set()
    assert campaign(THREE).error is None
    assert fake_fits.made == ["run_1", "run_3", "run_2"]


def test_too_few_fits_are_the_error_of_the_command(campaign: Campaign, fake_fits: FakeFits) -> None:
    result = campaign(THREE.replace("seeds: 3", "seeds: 1"))
    assert isinstance(result.error, DataError)
    assert "at least two closure tests" in result.error.message
    assert "at least two closure tests" in result.page.read_text()


def test_a_fit_of_another_runcard_is_not_replaced(campaign: Campaign, fake_fits: FakeFits) -> None:
    first = campaign(THREE)
    content = (first.folder / "runs" / "run_1" / "filter.yml").read_text()
    result = campaign(THREE + "overrides: {parameters: {epochs: 77}}\n")
    assert isinstance(result.failures["run_1"], OutputExistsError)
    assert "is the fit of another runcard than the campaign file gives now" in result.rows[0].problem
    assert (first.folder / "runs" / "run_1" / "filter.yml").read_text() == content


def test_more_steps_are_done_for_fits_that_are_there(campaign: Campaign, fake_fits: FakeFits) -> None:
    result = campaign(THREE)
    assert read_fit_folder(result.folder / "runs" / "run_1").postfit is None
    result = campaign(THREE + "steps: {postfit: 2}\n")
    assert result.error is None
    assert len(fake_fits.made) == 3
    assert [row.chosen for row in result.rows] == [2, 2, 2]
    assert read_fit_folder(result.folder / "runs" / "run_1").postfit.count == 2
    result = campaign(THREE + "steps: {postfit: 4}\n")
    assert result.error is None
    assert [row.chosen for row in result.rows] == [4, 4, 4]


def test_a_table_of_different_runcards(campaign: Campaign, fake_fits: FakeFits, tmp_path: Path) -> None:
    (tmp_path / "other.yml").write_text(SMALL.replace("mcseed: 3", "mcseed: 4"))
    result = campaign(
        "replicas: 3\nruns:\n- {name: a, runcard: card.yml}\n- {name: b, runcard: other.yml, replicas: 2}\n"
    )
    assert result.error is None
    assert [(row.name, row.replicas) for row in result.rows] == [("a", 3), ("b", 2)]
    assert np.isfinite([row.chi2 for row in result.rows]).all()
    assert 'id="analysis"' not in result.page.read_text()
