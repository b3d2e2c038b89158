"""Checks of the kinematics file: complete bins, ordered limits, and no two points at one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from n3fit.data.checked_values import is_finite_number
from n3fit.data.checks.findings import Findings, Place, several
from n3fit.storage.yaml_files import Document
from n3fit.typing import Booleans, Floats

LIMITS = ("min", "mid", "max")
_EXTRA = "extra_"
_TABLES = "points of different observables, such as W+ and W-, are distinguished by their numbers: npoints: [11, 11]"


def check_kinematics(
    findings: Findings, document: Document, *, count: int | None, coverage: Sequence[str], groups: Sequence[int]
) -> None:
    """Check a kinematics file.

    Parameters
    ----------
    findings : Findings
    document : Document
        The file.
    count : int, optional
        Number of points in the metadata.
    coverage : sequence of str
        Variables that every bin must have.
    groups : sequence of int
        Numbers of points of each table of the measurement (``npoints``); points of different ones may lie at one place.
    """
    root = Place(findings, document, (), document.data)
    bins = bins_of(root, count)
    limits: list[dict[str, tuple[float, float, float]]] = []
    first = set(bins[0].value) if bins and isinstance(bins[0].value, dict) else set()
    for place in bins:
        row: dict[str, tuple[float, float, float]] = {}
        if not isinstance(place.value, dict):
            place.expect("a mapping of kinematic variables")
            limits.append(row)
            continue
        for name in [name for name in coverage if name not in place.value and not name.startswith(_EXTRA)]:
            place.problem(f"expected the variable {name} of the kinematic_coverage, received {', '.join(place.value)}")
        if set(place.value) != first:
            place.expect(f"the variables of the first bin, {', '.join(sorted(first))}")
        for name in place.value:
            found = _limits(place.at(name))
            if found is not None:
                row[name] = found
        limits.append(row)
    if all(row.keys() >= set(coverage) for row in limits):
        _check_places(root, limits, coverage, groups)


def bins_of(root: Place, count: int | None) -> list[Place]:
    """Return the bins of a file, whose number is to be that of the metadata."""
    content = root.value if isinstance(root.value, dict) else {}
    bins = root.at("bins")
    if not isinstance(bins.value, list) or not bins.value:
        root.problem(f"expected the key `bins` with a list, received {', '.join(content) or 'nothing'}")
        return []
    if count is not None and len(bins.value) != count:
        bins.problem(
            f"expected {count} bins (ndata in metadata.yaml), received {len(bins.value)}",
            "add or remove bins, or correct ndata",
        )
    return bins.entries()


def _limits(place: Place) -> tuple[float, float, float] | None:
    """Return min, mid and max of a variable in a bin, nan where there is none; None with a finding for a wrong one."""
    hint = "a bin has min, mid and max; a point mid alone, and null for the others"
    if not isinstance(place.value, dict):
        place.expect("a mapping with min, mid and max", hint)
        return None
    unknown = [name for name in place.value if name not in LIMITS]
    if unknown:
        place.problem(f"expected min, mid and max, received {', '.join(unknown)}", hint)
    values = [place.value.get(name) for name in LIMITS]
    wrong = [
        name for name, value in zip(LIMITS, values, strict=True) if value is not None and not is_finite_number(value)
    ]
    for name in wrong:
        place.at(name).expect("a finite number or null", "remove the point, or correct the value")
    if wrong:
        return None
    low, mid, high = (np.nan if value is None else float(value) for value in values)
    if np.isnan(mid) and (np.isnan(low) or np.isnan(high)):
        place.expect("mid, or both min and max", hint)
        return None
    if low > high or low > mid or mid > high:
        place.problem(f"expected min <= mid <= max, received {low:g}, {mid:g}, {high:g}")
        return None
    return low, mid if not np.isnan(mid) else 0.5 * (low + high), high


def _check_places(
    root: Place, limits: Sequence[Mapping[str, tuple[float, float, float]]], names: Sequence[str], groups: Sequence[int]
) -> None:
    """Check that no two points lie at one place: their bins overlap in every variable."""
    if not limits or not names:
        return
    values = np.array([[row[name] for name in names] for row in limits])
    low, mid, high = values[..., 0], values[..., 1], values[..., 2]
    binned = ~(np.isnan(low) | np.isnan(high)) & (low < high)
    low, high = np.where(binned, low, mid), np.where(binned, high, mid)
    sizes = groups if sum(groups) == len(limits) else [len(limits)]
    table = np.repeat(np.arange(len(sizes)), sizes)
    for row in range(len(limits)):
        same = _overlap(low, high, row) & (table == table[row])
        others = row + 1 + np.flatnonzero(same[row + 1 :])
        if others.size:
            equal = np.array_equal(low[row], low[others[0]]) and np.array_equal(high[row], high[others[0]])
            here = root.at("bins").at(row)
            if equal:
                where = f"point {row} lies at the place of {several(others.tolist())} in all kinematic variables"
                here.note(where, f"remove points that are there twice; {_TABLES}")
            else:
                text = f"expected bins that do not overlap, point {row} overlaps with {several(others.tolist())}"
                here.problem(text, f"correct the bins; {_TABLES}")


def _overlap(low: Floats, high: Floats, row: int) -> Booleans:
    """Return which points (n,) overlap with one: in every variable, by more than their limits."""
    length = np.minimum(high, high[row]) - np.maximum(low, low[row])
    scale = 1e-9 * np.maximum(np.abs(high), np.abs(low))
    point = (low == high) & (low[row] == high[row])
    inside = np.where(point, low == low[row], length > scale)
    # a point inside a bin
    inside |= ((low == high) != (low[row] == high[row])) & (length >= 0)
    overlap: Booleans = inside.all(axis=1)
    return overlap
