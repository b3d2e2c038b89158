"""Series of checkpoints."""

import logging

import numpy as np
import pytest

from n3fit.errors import ResourceError
from n3fit.storage.checkpoints import CheckpointSeries, try_to_write


@pytest.fixture
def series(tmp_path):
    return CheckpointSeries(tmp_path / "made" / "here", "replicas-1-4")


def names(series):
    return sorted(path.name for path in series.folder.iterdir())


def test_the_latest_two_are_kept(series):
    assert series.read() is None
    for number in range(12):
        series.write({"number": number}, {"values": np.arange(number)})
    assert names(series) == ["replicas-1-4.11.safetensors", "replicas-1-4.12.safetensors"]
    latest = series.read()
    assert latest.header == {"number": 11}
    np.testing.assert_array_equal(latest.arrays["values"], np.arange(11))


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: b"", lambda content: content[:40]])
def test_a_damaged_one_is_noticed_and_the_one_before_is_used(series, caplog, damage):
    for number in range(2):
        series.write({"number": number}, {"values": np.full(100, number)})
    path = series.folder / "replicas-1-4.2.safetensors"
    path.write_bytes(damage(path.read_bytes()))
    with caplog.at_level(logging.WARNING):
        assert series.read().header == {"number": 0}
    assert "replicas-1-4.2.safetensors: damaged, the checkpoint before it is used" in caplog.text


def test_one_changed_bit_is_noticed(series):
    for number in range(2):
        series.write({"number": number}, {"values": np.full(100, number)})
    path = series.folder / "replicas-1-4.2.safetensors"
    content = bytearray(path.read_bytes())
    content[-8] ^= 1
    path.write_bytes(content)
    assert series.read().header == {"number": 0}


def test_the_next_one_replaces_the_damaged_one(series):
    for number in range(2):
        series.write({"number": number}, {})
    (series.folder / "replicas-1-4.2.safetensors").write_bytes(b"")
    series.write({"number": 7}, {})
    assert series.read().header == {"number": 7}


def test_series_of_other_names_are_separate(series):
    other = CheckpointSeries(series.folder, "replicas-1-40")
    series.write({"of": "four"}, {})
    other.write({"of": "forty"}, {})
    other.write({"of": "forty"}, {})
    other.write({"of": "forty"}, {})
    assert series.read().header == {"of": "four"}


def test_without_a_place_the_work_goes_on(tmp_path, caplog):
    (tmp_path / "file").write_text("no folder")
    series = CheckpointSeries(tmp_path / "file" / "folder", "replicas-1-4")
    with pytest.raises(ResourceError, match="cannot be created"):
        series.write({}, {})
    with caplog.at_level(logging.WARNING):
        assert try_to_write(series, {}, {}) is False
    assert "the work goes on without" in caplog.text
    assert series.read() is None
