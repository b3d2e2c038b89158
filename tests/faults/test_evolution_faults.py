"""Faults 35 and 36: evolution operators and grids that are not those of this theory or x-grid."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import outcomes

from n3fit import api
from n3fit.errors import DataError, TheoryError
from n3fit.evolution.grids import QSegment
from n3fit.evolution.operator_cache import OperatorCache
from n3fit.progress import NullReporter
from n3fit.results import FitFolder
from n3fit.results.evolve import evolve_fit
from n3fit.storage import CACHE_VARIABLE
from n3fit.theory.theory_card import TheoryCard

XGRID = np.concatenate([np.geomspace(1e-3, 0.1, 5)[:-1], np.linspace(0.1, 1.0, 5)])
SEGMENTS = (QSegment(4, np.array([3.0])),)


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))


def load(cache: OperatorCache) -> np.ndarray:
    return cache.load(SEGMENTS, progress=NullReporter())[0][0].matrices


@pytest.fixture
def operators_of_something_else(caplog: pytest.LogCaptureFixture) -> Callable[[OperatorCache], None]:
    """Return a function that puts an operator of another cache in the place of ours, where it must not be used."""

    def check(other: OperatorCache) -> None:
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

    return check


def test_fault_35_operators_of_another_theory_are_not_used(
    operators_of_something_else: Callable[[OperatorCache], None],
) -> None:
    operators_of_something_else(OperatorCache(TheoryCard(alphas=0.130), XGRID))


def test_fault_36_operators_of_another_xgrid_are_not_used(
    operators_of_something_else: Callable[[OperatorCache], None],
) -> None:
    operators_of_something_else(OperatorCache(TheoryCard(), XGRID[1:]))


def test_fault_35_everything_that_the_evolution_depends_on_is_in_the_name_of_an_operator() -> None:
    """So that a changed theory card never finds the operators of the old one."""
    changes: tuple[dict[str, Any], ...] = (
        {"alphas": 0.119},
        {"PTO": 1},
        {"ModEv": "TRN"},
        {"mb": 4.75},
        {"kbThr": 1.1},
        {"XIF": 2.0, "ModSV": "expanded"},
        {"Q0": 1.6},
    )
    names = [OperatorCache(TheoryCard(**change), XGRID).identity for change in ({}, *changes)]
    names.append(OperatorCache(TheoryCard(), XGRID, polarised=True).identity)
    names.append(OperatorCache(TheoryCard(), np.nextafter(XGRID, 0.0)).identity)
    assert len(set(names)) == len(names)


def test_fault_35_a_theory_with_other_flavours_at_the_initial_scale_is_refused(
    make_fit: Callable[..., FitFolder],
) -> None:
    fit = make_fit(2)
    with pytest.raises(TheoryError, match=r"expected 4 active flavours at 1\.65 GeV as in the fit, received 3"):
        evolve_fit(fit, settings=["kcThr=2"])
    assert not (fit.path / "postfit").exists()


def test_fault_36_a_grid_with_other_nodes_than_the_fit_is_named(tmp_path: Path) -> None:
    """The exportgrid of one replica, on another x-grid."""
    fit = outcomes.write_outcome(outcomes.make_outcome(3, sets=outcomes.SMALL_SETS), tmp_path / "toy")
    other = outcomes.make_outcome(3, sets=outcomes.SMALL_SETS)
    nodes = other.xgrid.copy()
    nodes[3] *= 1.01
    foreign = outcomes.write_outcome(replace(other, xgrid=nodes), tmp_path / "other" / "toy")
    name = "nnfit/replica_2/toy.exportgrid"
    shutil.copyfile(foreign.path / name, fit.path / name)
    with pytest.raises(DataError, match=r"replica_2/toy\.exportgrid"):
        api.postfit(fit.path)
