"""Which signals are sent when, what a killed fit was doing, and what two folders differ in."""

from __future__ import annotations

import json
import random
import signal
import sys
from pathlib import Path

import pytest


def events(*contents: dict[str, object]) -> list[str]:
    return [json.dumps(content) for content in contents]


def phase(name: str) -> dict[str, object]:
    return {"event": "phase", "name": name}


EPOCH = {"event": "epoch", "epoch": 300}
TRAINING = phase("training")


@pytest.mark.parametrize(
    ("lines", "writes", "expected"),
    [
        ([], False, ("start", 0)),
        ([phase("reading the runcard"), {"event": "message"}], False, ("reading the runcard", 0)),
        ([TRAINING], False, ("compilation", 0)),
        ([TRAINING, EPOCH], False, ("training", 300)),
        ([TRAINING, EPOCH], True, ("checkpoint", 300)),
        ([TRAINING, EPOCH, phase("evaluating the replicas")], True, ("evaluating the replicas", 0)),
        ([TRAINING, EPOCH, phase("writing the fit folder"), {"event": "result"}], False, ("exit", 0)),
    ],
)
def test_the_phase_of_a_killed_fit_is_that_of_its_last_line(load, lines, writes, expected) -> None:
    assert load("killing").phase_of(events(*lines), writes=writes) == expected


WAITING = """
import pathlib, sys, time
print({line!r}, flush=True)
try:
    pathlib.Path({file!r}).touch()
    time.sleep(60)
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_a_process_receives_its_signal_when_it_writes(load, tmp_path) -> None:
    killing = load("killing")
    line = json.dumps(TRAINING)
    code = WAITING.format(line=line, file=str(tmp_path / ".123.checkpoint"))
    moment = killing.Moment(signal.SIGINT, 0.0, at_write=True)
    killed = killing.run_and_kill([sys.executable, "-c", code], moment, [tmp_path], {}, tmp_path / "log")
    assert (killed.code, killed.counts, killed.lines) == (130, True, (f"{line}\n",))


def test_a_process_that_was_faster_than_its_signal_does_not_count(load, tmp_path) -> None:
    killing = load("killing")
    killed = killing.run_and_kill(
        [sys.executable, "-c", ""], killing.Moment(signal.SIGKILL, 100.0), [], {}, tmp_path / "log"
    )
    assert (killed.phase, killed.code, killed.counts) == ("ended", 0, False)


def test_exit_codes_are_strict_once_a_fit_has_begun(load) -> None:
    killing = load("killing")

    def unexpected(number: signal.Signals, phase: str, code: int) -> bool:
        return killing.Killed(killing.Moment(number, 0.0), phase, 0, code, 0.0, ()).unexpected

    assert not unexpected(signal.SIGTERM, "training", 143)
    assert unexpected(signal.SIGTERM, "training", -15)
    assert not unexpected(signal.SIGTERM, "start", -15)
    assert unexpected(signal.SIGINT, "training", 1)
    assert not unexpected(signal.SIGKILL, "exit", -9)


def test_moments_follow_from_the_seed_and_cover_the_time(load) -> None:
    kills = load("kills")
    first, again, other = (list(kills.moments(random.Random(seed), 8.0, 400)) for seed in (1, 1, 2))
    assert first == again != other
    times = sorted(moment.seconds for moment in first)
    assert all(abs(time - 8.0 * (place + 0.5) / 400) < 0.7 for place, time in enumerate(times))
    assert {moment.number for moment in first} == {signal.SIGKILL, signal.SIGTERM, signal.SIGINT}
    assert 40 < sum(moment.at_write for moment in first) < 120


def write(folder: Path, **files: object) -> Path:
    folder.mkdir()
    for name, content in files.items():
        stem, _, suffix = name.rpartition("_")
        text = json.dumps(content) if suffix == "json" else str(content)
        (folder / f"{stem}.{suffix}").write_text(text)
    return folder


def test_folders_differ_in_everything_but_times(load, tmp_path) -> None:
    folders = load("folders")
    common = {"chi2_csv": "set,chi2\na,1.5\n", "pdf_grid": "1"}
    one = write(tmp_path / "one", fit_json={"timing": {"training": 1.0}, "seeds": [1]}, **common)
    same = write(tmp_path / "same", fit_json={"timing": {"training": 2.0}, "seeds": [1]}, **common)
    assert folders.differences(one, same) == {}
    changed = common | {"chi2_csv": "set,chi2\na,1.50000001\n", "pdf_grid": "2", "new_txt": ""}
    other = write(tmp_path / "other", fit_json={"timing": {}, "seeds": [2]}, **changed)
    found = folders.differences(one, other)
    assert found == {"new.txt": "only in one of them", "chi2.csv": "rounding, 7e-09"} | dict.fromkeys(
        ("fit.json", "pdf.grid"), "differs"
    )
    assert "chi2.csv" not in folders.real_differences(found)
    assert folders.table_distance("a,1\n", "b,1\n") == float("inf")
    assert folders.table_distance("a,1\n", "a,1,2\n") == float("inf")


def test_a_folder_without_a_manifest_is_half_written(load, tmp_path) -> None:
    folders = load("folders")
    assert folders.half_written(tmp_path / "none") == ""
    assert "manifest" in folders.half_written(write(tmp_path / "fit", fit_json={}))


def test_the_table_counts_signals_and_exit_codes(load) -> None:
    killing, kills = load("killing"), load("kills")
    kind = kills.Kind("deterministic", Path("card.yml"), 2, Path("fit"), 3.0)
    story = kills.Story(kind, 1, equal=True)
    for number, code in ((signal.SIGTERM, 143), (signal.SIGTERM, 143), (signal.SIGKILL, -9)):
        story.kills.append(killing.Killed(killing.Moment(number, 1.0), "training", 200, code, 0.5, ()))
    row = kills.phase_table([story]).splitlines()[-1].split()
    assert row == ["deterministic,", "training", "1", "2", "0", "-9", "(1)", "143", "(2)"]
    text = kills.summary([story])
    assert "3 signals to 1 fits; 1 with the bytes" in text
    assert "0 faults" in text
