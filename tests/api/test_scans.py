"""Scans as a function."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.scans import old_entry

from n3fit import api
from n3fit.api.scans import summarise_scan
from n3fit.errors import CommandLineError, RuncardError


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"trials": 0}, "trials: expected at least 1, received 0"),
        ({"trials": 1, "seed": -1}, "seed: expected at least 0, received -1"),
        ({"trials": 1, "replicas": (1, 1)}, "replicas: expected different numbers from 1"),
    ],
)
def test_arguments_are_checked_first(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(CommandLineError, match=message):
        api.hyperopt(tmp_path / "missing.yml", **options)


def test_the_card_is_read_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(RuncardError, match="missing.yml"):
        api.hyperopt(tmp_path / "missing.yml", trials=1, output=tmp_path / "scan")
    assert list(tmp_path.iterdir()) == []


def write_tries(folder: Path, *entries: dict[str, Any]) -> Path:
    (folder / "nnfit/replica_1").mkdir(parents=True)
    (folder / "nnfit/replica_1/tries.json").write_text(json.dumps(list(entries)))
    return folder


def test_summary(tmp_path: Path) -> None:
    folder = write_tries(
        tmp_path / "scan",
        old_entry(0, 3.0),
        old_entry(1, 2.0, epochs=77),
        old_entry(2, 1.0, status="fail"),
        {**old_entry(3, 0.5), "state": 1},
    )
    summary = summarise_scan(folder)
    assert (summary.trials, summary.failed, summary.best, summary.loss) == (3, 1, 1, 2.0)
    assert summary.parameters["epochs"] == 77


def test_summary_without_a_good_trial(tmp_path: Path) -> None:
    summary = summarise_scan(write_tries(tmp_path / "scan", old_entry(0, 3.0, status="fail")))
    assert (summary.trials, summary.failed, summary.best, summary.loss, summary.parameters) == (1, 1, None, None, {})
