"""What the benchmarks make of the lines, processes and records that they see."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

FOLDER = Path(__file__).parents[2] / "benchmarks"


def epoch_line(when: float, epoch: int) -> tuple[float, str]:
    return when, json.dumps({"event": "epoch", "epoch": epoch})


def test_times_of_a_fit_come_from_its_lines(load) -> None:
    processes, fits = load("processes"), load("fits")
    phase = (0.5, json.dumps({"event": "phase", "name": "training"}))
    lines = (phase, epoch_line(10.0, 100), epoch_line(12.0, 200), epoch_line(14.0, 300), epoch_line(20.0, 400))
    times = fits.read_times(processes.Finished(0, 21.0, 500.0, lines, ""))
    assert times.epoch_ms == pytest.approx(20.0)
    assert times.first_epoch_s == pytest.approx(10.0 - 99 * 0.02)
    assert (times.fastest_ms, times.slowest_ms) == (pytest.approx(20.0), pytest.approx(60.0))
    with pytest.raises(fits.FitError, match="1 lines of progress"):
        fits.read_times(processes.Finished(0, 21.0, 500.0, lines[:2], ""))


def test_a_process_is_measured_with_its_children_and_ended_at_its_limit(load) -> None:
    processes = load("processes")
    own = bytearray(b"1" * (500 * 10**6))  # what this process holds is none of the other's
    child = "x = bytearray(200 * 10**6); import time; time.sleep(2.5); print('done')"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    finished = processes.run_process([sys.executable, "-c", parent])
    assert (finished.code, finished.killed) == (0, "")
    assert [line for _, line in finished.lines] == ["done\n"]
    assert 200 < finished.peak_mb < 300 < len(own) / 1e6
    ended = processes.run_process([sys.executable, "-c", parent], limit_mb=100)
    assert (ended.code, ended.killed) == (-9, "more than 100 MB")
    failed = processes.run_process([sys.executable, "-c", "raise SystemExit('no')"])
    assert (failed.code, failed.errors) == (1, "no\n")


def test_the_newest_run_of_each_case_makes_the_table(load, tmp_path) -> None:
    records, render = load("records"), load("render")
    path = tmp_path / "peer.jsonl"
    common = {"case": "dis-1", "replicas": 1}
    for run, epoch in (("1", 99.0), ("2", 20.0), ("2", 30.0)):
        peer = {"kind": "peer", "fast_yaml": False, "epoch_ms": epoch, "first_epoch_s": 100.0, "peak_mb": 3000.0}
        records.append_record(path, {"run": run, **common, **peer})
    for cache, first in (("cold", 20.0), ("warm", 5.0)):
        ours = {"kind": "ours", "cache": cache, "epoch_ms": 0.5, "first_epoch_s": first, "peak_mb": 1000.0}
        records.append_record(path, {"run": "2", **common, **ours})
    with path.open("a") as stream:
        stream.write('{"run": "3", "case": "cut o')
    row = render.peer_table(path, markdown=False).splitlines()[-1].split()
    assert row == ["dis-1", "25", "0.5", "50", "100", "20", "5", "5", "20", "3", "000", "1", "000", "3"]


def test_the_page_is_filled_between_its_markers(load, monkeypatch) -> None:
    render = load("render")
    monkeypatch.setattr(render, "SECTIONS", {"peer": lambda: "| table |"})
    text = "before\n<!-- begin peer -->\nold\n<!-- end peer -->\nafter\n"
    filled = render.fill_page(text)
    assert filled == "before\n<!-- begin peer -->\n\n| table |\n\n<!-- end peer -->\nafter\n"
    assert render.fill_page(filled) == filled
    with pytest.raises(ValueError, match="no markers for 'peer'"):
        render.fill_page("nothing")
    page = (FOLDER.parent / "docs" / "performance.md").read_text(encoding="utf-8")
    assert "<!-- begin peer -->" in page
    assert "<!-- begin bench -->" in page


def test_copies_of_a_card_differ_where_they_should(load, tmp_path) -> None:
    cards = load("cards")
    source = FOLDER.parent / "runcards" / "dis.yml"
    copy = cards.copy_with_epochs(source, tmp_path, 77)
    changed = [
        (a, b) for a, b in zip(source.read_text().splitlines(), copy.read_text().splitlines(), strict=True) if a != b
    ]
    assert len(changed) == 1
    assert changed[0][1].split() == ["epochs:", "77"]
    text = cards.copy_with(source, tmp_path, epochs=5, datasets=2, parameters={"dropout": 0.1}).read_text()
    assert text.count("variant:") == 2
    assert "dropout: 0.1" in text
    (tmp_path / "none.yml").write_text("a: 1\n")
    with pytest.raises(ValueError, match="no line `epochs:`"):
        cards.copy_with_epochs(tmp_path / "none.yml", tmp_path, 3)


def test_the_processor_time_of_a_process_counts_its_children(load) -> None:
    processes = load("processes")
    child = "import time\nwhile time.process_time() < 0.6: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    finished = processes.run_process([sys.executable, "-c", parent])
    assert 0.6 < finished.processor_s < 6
    waiting = processes.run_process([sys.executable, "-c", "import time; time.sleep(0.8)"])
    assert waiting.processor_s < 0.6 < waiting.seconds


def test_a_copy_of_a_card_keeps_the_other_keys_of_an_entry(load, tmp_path) -> None:
    source = FOLDER.parent / "runcards" / "dis.yml"
    copy = load("cards").copy_with(source, tmp_path, epochs=5, parameters={"positivity": {"threshold": 7.0}}, seed=11)
    before, after = (YAML(typ="safe").load(path) for path in (source, copy))
    assert after["parameters"]["positivity"] == before["parameters"]["positivity"] | {"threshold": 7.0}
    assert (after["nnseed"], after["mcseed"]) == (11, before["mcseed"])
