"""The journal on disk."""

import logging
import os
from pathlib import Path

import pytest

from n3fit.errors import DataError
from n3fit.hyperopt.journal import cut_torn_line, open_study


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "trials.journal"
    study = open_study(file)
    for loss in (3.0, 2.0, 4.0):
        trial = study.ask()
        trial.suggest_float("x", 0, 1)
        study.tell(trial, loss)
    return file


def test_trials_are_read_back(path: Path) -> None:
    assert [trial.value for trial in open_study(path).trials] == [3.0, 2.0, 4.0]
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["trials.journal"]


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_torn_line_is_cut_off(path: Path, cut: int, caplog: pytest.LogCaptureFixture) -> None:
    """The last line says that the third trial ended."""
    content = path.read_bytes()
    path.write_bytes(content[:-cut])
    with caplog.at_level(logging.WARNING):
        study = open_study(path)
    lines = content.count(b"\n")
    assert caplog.messages == [f"{path}:{lines}: cut off: a line that a killed process left incomplete"]
    assert [trial.value for trial in study.trials] == [3.0, 2.0, None]
    assert path.read_bytes() == b"".join(content.splitlines(keepends=True)[:-1])
    study.tell(2, 4.0)
    assert [trial.value for trial in open_study(path).trials] == [3.0, 2.0, 4.0]


def test_a_damaged_last_line_is_cut_off(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content + b'{"op_code": 6, "tri\x00\x00\n')
    assert cut_torn_line(path) > 0
    assert path.read_bytes() == content
    assert cut_torn_line(path) == 0


def test_damage_before_the_end_is_an_error(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3][:10] + b"\n"
    path.write_bytes(b"".join(lines))
    with pytest.raises(DataError, match=r"trials.journal:4: expected a record of a scan, received a damaged line"):
        open_study(path)


def test_records_of_something_else_are_an_error(path: Path) -> None:
    path.write_text('{"op_code": 4, "worker_id": "a"}\n')
    with pytest.raises(DataError, match="expected the journal of a scan"):
        open_study(path)


@pytest.mark.filterwarnings("ignore:The value of `grace_period` might be too small")
def test_the_lock_of_a_killed_process_is_ignored(path: Path) -> None:
    lock = Path(f"{path}.lock")
    os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
    study = open_study(path, grace=1)
    trial = study.ask()
    study.tell(trial, 1.0)
    assert not lock.exists()
    assert len(open_study(path).trials) == 4


def test_no_journal_yet(tmp_path: Path) -> None:
    assert cut_torn_line(tmp_path / "none") == 0
    assert open_study(tmp_path / "none").trials == []
