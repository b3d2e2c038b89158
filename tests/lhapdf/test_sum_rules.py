"""Momentum and quark numbers of grids whose integrals are Beta functions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import beta, betainc

from n3fit.lhapdf.grid import GridMember, SubGrid
from n3fit.lhapdf.sum_rules import NUCLEON_NUMBERS, describe_sum_rules, integrate_member, judge_member
from n3fit.theory.xgrids import export_xgrid

X = export_xgrid()
PIDS = (-3, -2, -1, 1, 2, 3, 21)


def member(power: float, *, strange: float = 0.0, scales: tuple[float, ...] = (1.65, 3.0, 10.0, 200.0)) -> GridMember:
    """x u_v = 2 x d_v = x^power (1 - x)^3 with two ups; sea and gluon carry the remaining momentum."""
    valence = X**power * (1 - X) ** 3 / beta(power, 4)
    sea = 0.01 * X**-0.1 * (1 - X) ** 5
    momentum = 3 * beta(power + 1, 4) / beta(power, 4) + 6 * 0.01 * beta(0.9, 6)
    gluon = (1 - momentum) * X**-0.1 * (1 - X) ** 5 / beta(0.9, 6)
    columns = {-3: sea, 3: sea + strange * valence, -2: sea, 2: sea + 2 * valence, -1: sea, 1: sea + valence, 21: gluon}
    values = np.repeat(np.stack([columns[pid] for pid in PIDS], axis=-1)[:, None], len(scales), axis=1)
    return GridMember(path=Path("one.dat"), subgrids=(SubGrid(x=X, q=np.array(scales), pids=PIDS, values=values),))


@pytest.mark.parametrize("power", [0.2, 0.5, 0.8])
def test_integrals_are_those_of_the_beta_function(power: float) -> None:
    found = integrate_member(member(power), 5.0)
    below = betainc(power, 4, X[0])
    assert found.momentum == pytest.approx(1.0, abs=1e-5)
    assert found.numbers == pytest.approx({"u": 2 * (1 - below), "d": 1 - below, "s": 0, "c": 0, "b": 0}, abs=1e-5)
    assert found.below["u"] == pytest.approx(2 * below, rel=1e-3)
    assert found.below["c"] == 0.0


def test_no_power_law_where_a_number_changes_its_sign_or_does_not_fall() -> None:
    values = member(0.5).subgrids[0].values.copy()
    values[:, :, PIDS.index(3)] += ((X - 5e-9) * (1 - X))[:, None]
    values[:, :, PIDS.index(1)] = values[:, :, PIDS.index(-1)] + (X**-0.1)[:, None]
    grid = SubGrid(x=X, q=np.array([1.65, 3.0, 10.0, 200.0]), pids=PIDS, values=values)
    found = integrate_member(GridMember(path=Path("one.dat"), subgrids=(grid,)), 5.0)
    assert np.isnan(found.below["s"])
    assert np.isnan(found.below["d"])


def test_scales_are_those_of_the_grid_and_the_worst_is_told() -> None:
    rows = judge_member(member(0.5, strange=0.1, scales=(2.0, 3.0, 5.0, 50.0)), 7, tolerance=1e-3)
    assert {row.q for row in rows} == {2.0, 10.0}
    failed = [row for row in rows if not row.passed]
    # the strange valence takes momentum that nothing else gave
    assert {row.name for row in failed} == {"s", "momentum"}
    assert "worst: s 0.09999 (expected 0) in member 7" in describe_sum_rules(rows, tolerance=1e-3)
    assert "4 of 12 beyond 0.001" in describe_sum_rules(rows, tolerance=1e-3)
    assert all(row.member == 7 for row in rows)


def test_flow_below_the_grid_is_accounted_for() -> None:
    """Numbers are 2 and 1 with the part below the grid, which has grown between two scales."""
    low, high = member(0.8).subgrids[0], member(0.2).subgrids[0]
    values = low.values.copy()
    values[:, 1:] = high.values[:, 1:]
    grid = SubGrid(x=X, q=low.q, pids=PIDS, values=values)
    rows = judge_member(GridMember(path=Path("one.dat"), subgrids=(grid,)), 0, tolerance=1e-3)
    ups = {row.q: row for row in rows if row.name == "u"}
    assert ups[10.0].deviation == pytest.approx(2 * betainc(0.2, 4, X[0]), rel=1e-2)
    assert ups[10.0].deviation > 1e-2
    assert ups[10.0].with_flow == pytest.approx(2.0, abs=1e-4)
    assert ups[10.0].passed
    assert "with what has moved below the grid" in describe_sum_rules([ups[10.0]], tolerance=1e-3)


def test_grid_that_ends_at_1e_6_is_judged_with_what_is_below() -> None:
    """A third of the valence numbers with x^0.1 lies below 1e-6; a power law through the lowest decade has it."""
    long = member(0.1).subgrids[0]
    inside = long.x > 0.9e-6
    short = GridMember(Path("one.dat"), (replace(long, x=long.x[inside], values=long.values[inside]),))
    rows = {(row.name, row.q): row for row in judge_member(short, 0, tolerance=1e-3)}
    assert rows["u", 10.0].deviation > 0.4
    assert rows["u", 10.0].with_flow == pytest.approx(2.0, abs=2e-4)
    assert all(row.passed for row in rows.values())


def test_numbers_of_the_neutron() -> None:
    rows = judge_member(member(0.5), 0, NUCLEON_NUMBERS[2112], tolerance=1e-3)
    assert {row.name for row in rows if not row.passed} == {"u", "d"}
    assert {row.name: row.expected for row in rows}["d"] == 2.0
