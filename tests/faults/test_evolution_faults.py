"""Faults 35 and 36: evolution operators that are not those of this theory or x-grid."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import numpy as np
import pytest

from n3fit.evolution.grids import QSegment
from n3fit.evolution.operator_cache import OperatorCache
from n3fit.progress import NullReporter
from n3fit.storage import CACHE_VARIABLE
from n3fit.theory.theory_card import TheoryCard

XGRID = np.concatenate([np.geomspace(1e-3, 0.1, 5)[:-1], np.linspace(0.1, 1.0, 5)])
SEGMENTS = (QSegment(4, np.array([3.0])),)


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))


def load(cache: OperatorCache) -> np.ndarray:
    return cache.load(SEGMENTS, progress=NullReporter())[0][0].matrices


@pytest.mark.parametrize(
    "other",
    [OperatorCache(TheoryCard(alphas=0.130), XGRID), OperatorCache(TheoryCard(), XGRID[1:])],
    ids=["fault_35_another_theory", "fault_36_another_xgrid"],
)
def test_operator_of_something_else_is_not_used(other: OperatorCache, caplog: pytest.LogCaptureFixture) -> None:
    mine = OperatorCache(TheoryCard(), XGRID)
    expected, foreign = load(mine), load(other)
    assert foreign.shape != expected.shape or np.abs(foreign - expected).max() > 1e-3
    path = mine.path(3.0, 4)
    shutil.copyfile(other.path(3.0, 4), path)
    with caplog.at_level(logging.WARNING):
        found = load(mine)
    assert f"{path}: damaged cache entry (it was stored for something else)" in caplog.text
    np.testing.assert_array_equal(found, expected)
    caplog.clear()
    np.testing.assert_array_equal(load(mine), expected)
    assert caplog.text == ""
