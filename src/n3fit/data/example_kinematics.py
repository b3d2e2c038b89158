"""Examples of the kinematics of a measurement, for the skeletons of data sets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from n3fit.data.process_variables import COVERAGE, VARIABLES

Limits = tuple[float | None, float, float | None]
"""Lower limit, middle and upper limit of a bin; the limits are None for a point."""


def energy_of(set_name: str) -> float | None:
    """Return the energy in GeV in the third word of the name of a set, such as 13TEV or 2P76TEV."""
    found = re.fullmatch(r"(\d+)(?:P(\d+))?(GEV|TEV)", set_name.split("_")[2].upper())
    if found is None:
        return None
    return float(f"{found[1]}.{found[2] or 0}") * (1000.0 if found[3] == "TEV" else 1.0)


def example_kinematics(process: str, points: int, energy: float | None = None) -> Mapping[str, list[Limits]]:
    """Return bins (min, mid, max) of each variable of a process; one without limits has a middle alone.

    Parameters
    ----------
    process : str
    points : int
    energy : float, optional
        Centre-of-mass energy in GeV.
    """
    names = COVERAGE[process]
    if process.startswith("DIS"):
        s = (energy or 318.0) ** 2
        x = np.geomspace(VARIABLES["x"].low, VARIABLES["x"].high, points).round(6)
        columns = {"x": x, "Q2": (0.3 * x * s).round(4), "y": np.full(points, 0.3)}
        return {name: [(None, float(value), None) for value in column] for name, column in columns.items()}
    first = VARIABLES[names[0]]
    fixed = {name: _fixed(name, energy) for name in names}
    result: dict[str, list[Limits]] = {name: [(None, fixed[name], None)] * points for name in names}
    if names[0] == "sqrts":
        result["sqrts"] = [(None, fixed["sqrts"] + 1000.0 * row, None) for row in range(points)]
    else:
        edges = np.linspace(first.low, first.high, points + 1).round(6).tolist()
        pairs = pairwise(edges)
        result[names[0]] = [(low, round((low + high) / 2, 6), high) for low, high in pairs]
    return result


def _fixed(name: str, energy: float | None) -> float:
    if name == "sqrts" and energy is not None:
        return energy
    known = VARIABLES[name]
    return round((known.low + known.high) / 2, 6)
