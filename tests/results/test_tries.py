"""Trials of scans, read from the files of nnpdf."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from support.scans import PARAMETERS, field_losses, make_entries, old_entry, write_scan

from n3fit.errors import DataError
from n3fit.results.tries import best_tries, read_tries


@pytest.mark.parametrize("text", [False, True])
def test_lists_and_printed_arrays_give_the_same(tmp_path: Path, text: bool) -> None:
    folder = write_scan(tmp_path / "scan", [old_entry(0, 1.5, text=text), old_entry(1, 2.25, text=text)])
    first, second = read_tries(folder)
    assert (first.tid, first.state, first.status, first.loss, second.loss) == (0, 2, "ok", 1.5, 2.25)
    assert first.parameters == PARAMETERS
    folds = second.result["kfold_meta"]
    assert folds["hyper_losses"] == [[2.25, 2.35, 2.45], [2.25, 2.55, 2.85]]
    assert folds["experimental_losses"] == pytest.approx([2.35, 2.55], abs=1e-8)
    assert folds["penalties"]["saturation"][1] == pytest.approx([0.225, 0.255, 0.285])
    assert first.seconds == 30.5
    assert first.ended_well


def test_a_file_is_accepted_and_numbers_may_be_text(tmp_path: Path) -> None:
    entry = old_entry(3, 1.5, epochs="1200", nodes_per_layer="[25 20  8]", activation_per_layer="['tanh' 'linear']")
    entry["result"]["loss"] = "1.25"
    entry["book_time"], entry["refresh_time"] = {"$date": 5000}, {"$date": 7500}
    path = write_scan(tmp_path / "scan", [entry]) / "nnfit" / "replica_1" / "tries.json"
    [trial] = read_tries(path)
    assert (trial.tid, trial.loss, trial.seconds) == (3, 1.25, 2.5)
    assert trial.parameters["epochs"] == 1200
    assert trial.parameters["nodes_per_layer"] == [25, 20, 8]
    assert trial.parameters["activation_per_layer"] == ["tanh", "linear"]


def test_failed_and_unfinished_trials(tmp_path: Path) -> None:
    failed = old_entry(0, math.nan, status="fail") | {"refresh_time": None}
    failed["result"]["reason"] = "1"
    nothing = old_entry(1, 1.0, status="fail")
    nothing["result"]["loss"] = None
    running = {"state": 1, "tid": 2, "result": {"status": "new"}, "misc": {"tid": 2}}
    trials = read_tries(write_scan(tmp_path / "scan", [failed, nothing, running]))
    assert [trial.state for trial in trials] == [2, 2, 1]
    assert [trial.status for trial in trials] == ["fail", "fail", ""]
    assert all(math.isnan(trial.loss) and not trial.ended_well for trial in trials)
    assert trials[0].reason == "1"
    assert math.isnan(trials[0].seconds)
    assert best_tries(trials) == ()


def test_best_after_thermalisation(tmp_path: Path) -> None:
    trials = read_tries(write_scan(tmp_path / "scan", make_entries(field_losses(420))))
    assert [trial.tid for trial in best_tries(trials, thermalization=400, number=3)] == [404, 415, 407]
    assert [trial.tid for trial in best_tries(trials, number=2)] == [0, 101]  # equal losses in the order of the file


def _changed(**changes: Any) -> dict[str, Any]:
    return old_entry(0, 1.0) | changes


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"state": 2}, "expected a list of trials, received a mapping"),
        ([1], "trial 0: expected a mapping, received 1"),
        ([_changed(state="2")], "trial 0: state: expected an integer, received '2'"),
        ([_changed(tid=True)], "trial 0: tid: expected an integer, received True"),
        ([_changed(result=None)], "trial 0: result: expected a mapping, received nothing"),
        ([_changed(result={"status": "good"})], "trial 0: result.status: expected ok or fail, received 'good'"),
        ([_changed(result={"status": "ok", "loss": "low"})], "trial 0: result.loss: expected a number, received 'low'"),
        ([_changed(misc={})], "misc.space_vals: expected a mapping, the parameters of the trial, received nothing"),
        ([_changed(result={"status": "ok", "kfold_meta": 1})], "result.kfold_meta: expected a mapping, received 1"),
    ],
)  # fmt: skip
def test_defects_are_named(tmp_path: Path, content: Any, message: str) -> None:
    path = tmp_path / "tries.json"
    path.write_text(json.dumps(content))
    with pytest.raises(DataError) as caught:
        read_tries(path)
    assert caught.value.message.startswith(str(path))
    assert message in caught.value.message
    assert "\n" not in caught.value.message


def test_every_defect_is_a_line_up_to_twenty(tmp_path: Path) -> None:
    path = tmp_path / "tries.json"
    path.write_text(json.dumps([old_entry(0, 1.0), 1, *[None] * 30]))
    with pytest.raises(DataError) as caught:
        read_tries(path)
    lines = caught.value.message.splitlines()
    assert lines[0] == f"{path}: trial 1: expected a mapping, received 1"
    assert len(lines) == 21
    assert lines[-1] == f"{path}: further errors not shown"


@pytest.mark.parametrize("text", ['[{"state": 2', "", "[" * 5000 + "]" * 5000])
def test_broken_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tries.json"
    path.write_text(text)
    with pytest.raises(DataError, match="not valid JSON"):
        read_tries(path)


def test_deep_nesting_in_a_result_is_left_alone(tmp_path: Path) -> None:
    entry = old_entry(0, 1.0)
    entry["result"]["kfold_meta"]["deep"] = "DEEP"
    path = tmp_path / "tries.json"
    path.write_text(json.dumps([entry]).replace('"DEEP"', "[" * 900 + "]" * 900))
    assert read_tries(path)[0].loss == 1.0


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"tries\.json: missing"):
        read_tries(tmp_path)
