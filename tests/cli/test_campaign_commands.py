"""The command ``campaign``: arguments, table, JSON and exit codes."""

import json
from pathlib import Path

import numpy as np
import pytest

from n3fit.campaign.alphas_scan import AlphasScan
from n3fit.campaign.analysis import Analysis
from n3fit.campaign.correlated_replicas import determine_alphas
from n3fit.campaign.result import CampaignResult
from n3fit.campaign.table import RunRow
from n3fit.errors import DataError, FitError

ROWS = (
    RunRow("run_1", "complete", theory="t1", alphas=0.118, replicas=4, chosen=3, points=10, chi2=1.05,
           chi2_experimental=1.01, chi2_replicas=1.2, chi2_deviation=0.1, best_epoch=50.0, seconds=75.0,
           folder="runs/run_1"),
    RunRow("run_2", "failed", "no data", "t1"),
)  # fmt: skip


def result(failures=None, analysis=None, kind="table"):
    return CampaignResult(Path("fits/many"), "many", kind, ROWS, analysis or Analysis(), failures or {})


def scan():
    alphas = np.array([0.116, 0.118, 0.120])
    minima = np.array([0.117, 0.119, 0.125])
    chi2 = 100 + 1e5 * (alphas - minima[:, np.newaxis]) ** 2
    return AlphasScan(determine_alphas(alphas, np.arange(1, 4), chi2), np.array([101.0, 100.5, 103.0]), 42)


def test_the_table_has_a_line_for_each_run(api, command):
    api.results["campaign"] = result()
    outcome = command(
        "campaign", "many.yml", "-o", "fits/many", "--workers", "2", "--theory-path", "t", "--pdf-path", "p"
    )
    assert outcome.code == 0
    options = {"output": Path("fits/many"), "workers": 2, "cluster": None}
    options |= {"theory_path": Path("t"), "pdf_path": Path("p"), "data_path": None}
    assert api.calls == [("campaign", (Path("many.yml"),), options)]
    header, first, second, *rest = outcome.out.splitlines()
    assert header.split() == [
        "run",
        "status",
        "theory",
        "alpha_s",
        "replicas",
        "chosen",
        "chi2",
        "exp",
        "of",
        "replicas",
        "time",
    ]
    assert first.split() == [
        "run_1",
        "complete",
        "t1",
        "0.1180",
        "4",
        "3",
        "1.050",
        "1.010",
        "1.200",
        "+-",
        "0.100",
        "1",
        "min",
        "15",
        "s",
    ]
    assert second.split()[:3] == ["run_2", "failed", "t1"]
    assert rest == ["table: fits/many/table.csv", "report: fits/many/report.html"]


def test_the_exit_code_is_that_of_the_failed_runs(api, command):
    api.results["campaign"] = result({"run_2": DataError("no data", hint="find some")})
    outcome = command("campaign", "many.yml")
    assert outcome.code == 3
    assert "run_1" in outcome.out
    assert "1 of 2 runs failed: run_2; run_2: no data (find some; the same command goes on" in outcome.err
    api.results["campaign"] = result({"run_1": DataError("no data"), "run_2": FitError("nan")})
    assert command("campaign", "many.yml").code == 5
    api.results["campaign"] = result(analysis=Analysis(problem=DataError("too few fits")), kind="closure")
    outcome = command("campaign", "many.yml")
    assert (outcome.code, "too few fits" in outcome.err) == (3, True)


def test_alpha_s_is_printed_with_its_curves(api, command):
    api.results["campaign"] = result(analysis=Analysis(alphas=scan()), kind="alphas")
    out = command("campaign", "many.yml").out
    assert "alpha_s(MZ) = 0.12033 +- 0.00416 from 3 of 3 replicas" in out
    assert "median 0.11900" in out
    assert "1 minima lie outside of the scan" in out
    rows = [line.split() for line in out.splitlines()]
    assert ["0.1180", "3", "101.7", "100.5"] in rows


def test_json_has_everything(api, command):
    api.results["campaign"] = result(analysis=Analysis(alphas=scan()), kind="alphas")
    lines = [json.loads(line) for line in command("campaign", "many.yml", "--json").out.splitlines()]
    assert lines[-1]["event"] == "result"
    content = lines[-1]["campaign"]
    assert content["alphas"]["minima"] == pytest.approx([0.117, 0.119, 0.125])
    assert content["runs"][0]["chi2"] == 1.05
    assert content["runs"][1]["chi2"] is None
    api.results["campaign"] = result({"run_2": DataError("no data")})
    outcome = command("campaign", "many.yml", "--json")
    assert [json.loads(line)["event"] for line in outcome.out.splitlines()][-2:] == ["partial", "error"]
    assert outcome.code == 3
