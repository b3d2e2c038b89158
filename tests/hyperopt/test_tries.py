"""Trials written in the form of nnpdf."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from support.scans import PARAMETERS

from n3fit.hyperopt.trial_result import TrialResult
from n3fit.hyperopt.tries import read_tries, trial_entry, tries_to_json

STARTED = datetime(2026, 2, 4, 10, 30, tzinfo=UTC)


def make_result() -> TrialResult:
    return TrialResult(
        status="ok",
        loss=np.float64(1.25),
        validation_loss=1.5,
        experimental_loss=2.5,
        validation_losses=np.array([1.0, 2.0]),
        hyper_losses=np.array([[1.0, 2.0, 3.0], [4.0, np.nan, 6.0]]),
        hyper_losses_chi2p=np.array([1.5, 2.5]),
        penalties={"saturation": np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])},
        seconds=12.5,
    )


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    failed = TrialResult(status="fail", reason="the loss is not a number in fold 2", seconds=1.0)
    entries = [
        trial_entry(make_result(), PARAMETERS, 0, started=STARTED),
        trial_entry(failed, {**PARAMETERS, "epochs": np.int64(7), "nodes_per_layer": (9, 8)}, 1),
    ]
    path = tmp_path / "tries.json"
    path.write_text(tries_to_json(entries))
    first, second = read_tries(path)
    assert (first.tid, first.state, first.status, first.loss, first.seconds) == (0, 2, "ok", 1.25, 12.5)
    assert first.parameters == PARAMETERS
    folds = first.result["kfold_meta"]
    assert folds["hyper_losses"] == [[1.0, 2.0, 3.0], [4.0, None, 6.0]]
    assert folds["hyper_losses_chi2p"] == [1.5, 2.5]
    assert folds["penalties"] == {"saturation": [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]}
    assert (second.status, second.reason) == ("fail", "the loss is not a number in fold 2")
    assert math.isnan(second.loss)
    assert second.parameters["epochs"] == 7
    assert second.parameters["nodes_per_layer"] == [9, 8]


def test_keys_of_the_old_form() -> None:
    entry = json.loads(tries_to_json([trial_entry(make_result(), PARAMETERS, 4, started=STARTED)]))[0]
    assert entry["state"] == 2
    assert entry["tid"] == entry["misc"]["tid"] == 4
    assert {"status", "loss", "validation_loss", "experimental_loss", "kfold_meta"} <= entry["result"].keys()
    assert {
        "validation_losses", "experimental_losses", "hyper_losses", "hyper_losses_chi2", "hyper_losses_phi2",
        "hyper_losses_logp", "trvl_losses_chi2", "trvl_losses_chi2exp", "trvl_losses_phi2", "trvl_losses_logp",
        "penalties",
    } <= entry["result"]["kfold_meta"].keys()  # fmt: skip
    assert entry["misc"]["vals"]["optimizer.learning_rate"] == [0.01]
    assert entry["misc"]["idxs"]["epochs"] == [4]
    assert (entry["book_time"], entry["refresh_time"]) == ("2026-02-04 10:30:00.000", "2026-02-04 10:30:12.500")
