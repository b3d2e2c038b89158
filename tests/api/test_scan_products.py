"""Runcards of trials and pages of scans through the api."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scans import old_entry, write_scan

from n3fit import api
from n3fit.errors import OutputExistsError
from n3fit.runcard import read_runcard

CARD = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text()


def test_best_card(tmp_path: Path) -> None:
    entries = [old_entry(0, 2.0), old_entry(1, 1.0, epochs=77)]
    scan = write_scan(tmp_path / "scan", entries, "kfold: {partitions: []}\n" + CARD)
    card = api.best_card(scan, output=tmp_path / "best.yml")
    assert (card.trial, card.loss, card.output) == (1, 1.0, tmp_path / "best.yml")
    assert (tmp_path / "best.yml").read_text() == card.text
    assert read_runcard(tmp_path / "best.yml").parameters.epochs == 77
    assert api.best_card(scan, trial=0).output is None
    with pytest.raises(OutputExistsError, match=r"best.yml: exists already"):
        api.best_card(scan, output=tmp_path / "best.yml")
    assert api.best_card(scan, trial=0, output=tmp_path / "best.yml", force=True).trial == 0


def test_scan_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("n3fit.report.figure_rendering.usable_cores", lambda: 1)
    scan = write_scan(tmp_path / "scan", [old_entry(0, 2.0), old_entry(1, 1.0)], CARD)
    assert api.scan_report(scan) == scan / "report.html"
