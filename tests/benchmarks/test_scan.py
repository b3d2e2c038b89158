"""The runcard of the scan that is measured, and the times of both programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

FOLDER = Path(__file__).parents[2] / "benchmarks"


def test_the_card_has_the_data_of_one_and_the_sections_of_the_scan(load, tmp_path) -> None:
    base = FOLDER.parent / "runcards" / "dis.yml"
    card = YAML(typ="safe").load(load("scan").write_scan_card(base, tmp_path / "scan.yml"))
    before = YAML(typ="safe").load(base)
    assert card["dataset_inputs"] == before["dataset_inputs"]
    assert card["parameters"]["epochs"] == 1000
    assert len(card["kfold"]["partitions"]) == 4
    held_out = [name for partition in card["kfold"]["partitions"] for name in partition["datasets"]]
    assert len(held_out) == len(set(held_out)) == 14
    assert set(card["hyperscan_config"]["optimizer"][1]["clipnorm"]) == {"min", "max"}


def test_the_peers_start_is_not_counted(load) -> None:
    times = load("peer_scan").scan_times({"fits": [{"setup": 40.0}, {"setup": 100.0}], "total_wall": 290.0}, 2, 300.0)
    assert (times.start, times.rest, times.trial, times.processor) == (40.0, 250.0, 125.0, 300.0)
    assert times.per_hour == pytest.approx(28.8)


def test_our_start_ends_with_the_first_trial(load) -> None:
    processes = load("processes")
    lines = tuple(
        (when, json.dumps({"event": "phase", "name": name}))
        for when, name in ((1.0, "reading data and theory"), (3.0, "scanning"))
    )
    times = load("scan").our_times(processes.Finished(0, 13.0, 0.0, lines, ""), 2)
    assert (times.start, times.trial) == (3.0, 5.0)


def test_the_ratio_is_that_of_the_medians(load) -> None:
    scan, peer_scan = load("scan"), load("peer_scan")
    rows = [("n3fit", peer_scan.ScanTimes(4, 5.0, 16.0, 25.0)), ("nnpdf", peer_scan.ScanTimes(1, 60.0, 200.0))]
    rows.append(("n3fit", peer_scan.ScanTimes(4, 5.0, 24.0)))
    text = scan.table(rows)
    assert "ratio of the trials per hour: 40.0" in text
    assert text.splitlines()[1].split() == ["n3fit", "4", "5", "4", "900", "25"]
    assert "ratio" not in scan.table(rows[:1])
