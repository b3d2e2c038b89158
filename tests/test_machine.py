"""Cores and memory that affinity and control groups allow (fault 68)."""

import os
import sys

import psutil
import pytest

from n3fit.errors import CommandLineError
from n3fit.machine import core_quota, memory_limit_mb, return_freed_memory, usable_cores


@pytest.mark.parametrize(
    ("text", "expected"),
    [("max 100000", None), ("150000 100000", 1.5), ("50000 100000", 0.5), ("", None), ("nonsense", None)],
)
def test_the_quota_of_version_two(tmp_path, text, expected):
    (tmp_path / "cpu.max").write_text(text)
    assert core_quota(tmp_path) == expected


@pytest.mark.parametrize(("quota", "expected"), [(-1, None), (250000, 2.5)])
def test_the_quota_of_version_one(tmp_path, quota, expected):
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(f"{quota}\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert core_quota(tmp_path) == expected


def test_no_control_group_no_quota(tmp_path):
    assert core_quota(tmp_path) is None


def test_the_smallest_limit_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(psutil, "cpu_count", lambda logical: 16)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(6)), raising=False)
    assert usable_cores(tmp_path) == 6
    (tmp_path / "cpu.max").write_text("250000 100000")
    assert usable_cores(tmp_path) == 3
    (tmp_path / "cpu.max").write_text("10000 100000")
    assert usable_cores(tmp_path) == 1


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("memory.max", "2000000000\n", 2000.0),
        ("memory.max", "max\n", None),
        ("memory/memory.limit_in_bytes", "3000000000\n", 3000.0),
        ("memory/memory.limit_in_bytes", "9223372036854771712\n", None),
    ],
)
def test_limit_of_the_control_group(tmp_path, name, text, expected):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    machine = psutil.virtual_memory().total / 1e6
    assert memory_limit_mb(tmp_path) == pytest.approx(machine if expected is None else min(expected, machine))


@pytest.mark.parametrize(("variable", "limit"), [("N3FIT_CORES", usable_cores), ("N3FIT_MEMORY", memory_limit_mb)])
def test_a_limit_in_an_environment_variable(tmp_path, monkeypatch, variable, limit):
    without = limit(tmp_path)
    monkeypatch.setenv(variable, "1")
    assert limit(tmp_path) == 1
    monkeypatch.setenv(variable, "1000000000")
    assert limit(tmp_path) == without
    monkeypatch.setenv(variable, "half")
    with pytest.raises(CommandLineError, match=f"{variable}: expected a number of .* from 1, received 'half'"):
        limit(tmp_path)


def test_limit_without_a_control_group(tmp_path):
    assert memory_limit_mb(tmp_path) == psutil.virtual_memory().total / 1e6


@pytest.mark.skipif(sys.platform != "linux", reason="the C library is another one")
def test_freed_memory_is_returned():
    """Blocks below one that is in use are kept by the C library of GNU until it is called."""
    process = psutil.Process()
    blocks = [bytearray(100_000) for _ in range(1500)]
    last = blocks.pop()
    del blocks
    before = process.memory_info().rss
    return_freed_memory()
    assert process.memory_info().rss < before - 100e6
    assert len(last) == 100_000
