"""Momentum and quark numbers of the members of PDF sets, at any scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from n3fit.lhapdf.grid import GridMember, integration_weights
from n3fit.typing import Floats

PROTON_NUMBERS = MappingProxyType({"u": 2.0, "d": 1.0, "s": 0.0, "c": 0.0, "b": 0.0})
"""Quarks minus antiquarks in a proton."""

_NEUTRON_NUMBERS = MappingProxyType({**PROTON_NUMBERS, "u": 1.0, "d": 2.0})

NUCLEON_NUMBERS: Mapping[int | None, Mapping[str, float]] = MappingProxyType(
    {
        2212: PROTON_NUMBERS,
        2112: _NEUTRON_NUMBERS,
        -2212: MappingProxyType({name: -number for name, number in PROTON_NUMBERS.items()}),
        -2112: MappingProxyType({name: -number for name, number in _NEUTRON_NUMBERS.items()}),
    }
)
"""Quarks minus antiquarks in nucleons and antinucleons, by PDG number."""

SHORT_GRID = 1e-8
"""Grids whose smallest x lies above do not hold the integrals: a power law gives what is below."""

SUM_RULE_SCALES = (1.65, 10.0, 100.0)
"""GeV."""

_PIDS = {"d": 1, "u": 2, "s": 3, "c": 4, "b": 5}
_DECADE = 10.0


@dataclass(frozen=True)
class SumRules:
    """The integrals of one member at one scale.

    Attributes
    ----------
    momentum : float
        Integral of x f over x, all flavours, from the lowest node.
    numbers : dict of float
        Integrals of q - qbar over x, from the lowest node, by quark.
    below : dict of float
        What a power law through the lowest decade gives for the numbers below the lowest node; nan where there is no
        power that could be integrated.
    """

    momentum: float
    numbers: dict[str, float]
    below: dict[str, float]


@dataclass(frozen=True)
class SumRuleRow:
    """The worst member of one sum rule at one scale.

    Attributes
    ----------
    name : str
        ``momentum`` or a quark.
    q : float
        GeV.
    member : int
    expected, found : float
        Integrals over the grid.
    with_flow : float
        ``found`` with what evolution has moved below the lowest node since the lowest scale, or on a short grid with
        all that is below, from power laws; nan where there are none.
    passed : bool
        One of the two is as expected.
    """

    name: str
    q: float
    member: int
    expected: float
    found: float
    with_flow: float
    passed: bool

    @property
    def deviation(self) -> float:
        """Deviation of the integral over the grid from the expected one."""
        return abs(self.found - self.expected)


def integrate_member(member: GridMember, q: float) -> SumRules:
    """Integrate one member of a set at the scale ``q`` (GeV), with the interpolation that readers use.

    Raises
    ------
    DataError
        The scale lies outside the grid.
    """
    grid = member.subgrid(q)
    values = grid.at_scale(q)
    weights = integration_weights(grid.x)
    columns = {pid: values[:, index] for index, pid in enumerate(grid.pids)}
    zero = np.zeros(len(grid.x))
    valence = {name: columns.get(pid, zero) - columns.get(-pid, zero) for name, pid in _PIDS.items()}
    return SumRules(
        momentum=float((weights * grid.x) @ values.sum(axis=1)),
        numbers={name: float(weights @ value) for name, value in valence.items()},
        below={name: _integral_below(grid.x, value) for name, value in valence.items()},
    )


def _integral_below(x: Floats, values: Floats) -> float:
    """Integrate values = c x^a over log x from 0 to the lowest node, with a from the lowest decade."""
    other = int(np.searchsorted(x, _DECADE * x[0]))
    if values[0] == 0.0:
        return 0.0
    if other >= len(x) or values[0] * values[other] <= 0:
        return float("nan")
    power = np.log(values[other] / values[0]) / np.log(x[other] / x[0])
    return float(values[0] / power) if power > 0 else float("nan")


def judge_member(
    member: GridMember, number: int, quark_numbers: Mapping[str, float] = PROTON_NUMBERS, *, tolerance: float
) -> list[SumRuleRow]:
    """Check the sum rules of one member of a set at 1.65, 10 and 100 GeV, where these are inside its grids.

    Parameters
    ----------
    member : GridMember
    number : int
        That of the member.
    quark_numbers : mapping
        Quarks minus antiquarks in the hadron.
    tolerance : float
    """
    low, high = float(member.subgrids[0].q[0]), float(member.subgrids[-1].q[-1])
    start = integrate_member(member, low).below
    short = float(member.subgrid(low).x[0]) > SHORT_GRID
    rows = []
    scales = {max(scale, low) for scale in SUM_RULE_SCALES if scale <= high}
    for q in sorted(q for q in scales if any(grid.q[0] <= q <= grid.q[-1] for grid in member.subgrids)):
        found = integrate_member(member, q)
        values = {"momentum": (1.0, found.momentum, found.momentum)} | {
            name: (quarks, found.numbers[name], _with_flow(found, name, start[name], quarks, short=short))
            for name, quarks in quark_numbers.items()
        }
        for name, (expected, value, with_flow) in values.items():
            passed = abs(value - expected) <= tolerance or abs(with_flow - expected) <= tolerance
            rows.append(SumRuleRow(name, q, number, expected, value, float(with_flow), bool(passed)))
    return rows


def _with_flow(found: SumRules, name: str, start: float, expected: float, *, short: bool) -> float:
    """Return a number with what has moved below the grid since the start, or on a short grid with all below if nearer.

    The sum rules of a set may hold for the integrals over its grid at the start, or for those from zero.
    """
    moved = found.numbers[name] + found.below[name] - start
    everything = found.numbers[name] + found.below[name]
    return everything if short and abs(everything - expected) < abs(moved - expected) else moved


def describe_sum_rules(rows: Sequence[SumRuleRow], *, tolerance: float) -> str:
    """Return the worst of the rows in one sentence, and how many are beyond the tolerance."""
    worst = max(rows, key=lambda row: (not row.passed, row.deviation))
    text = f"worst: {worst.name} {worst.found:.5f} (expected {worst.expected:g}) in member {worst.member}"
    text += f" at {worst.q:g} GeV"
    if worst.passed and worst.deviation > tolerance:
        text += f", {worst.with_flow:.5f} with what has moved below the grid"
    failed = sum(not row.passed for row in rows)
    return text + (f"; {failed} of {len(rows)} beyond {tolerance:g}" if failed else "")
