"""Toy theories with varied scales: copies of tables of the embedded theory, multiplied bin by bin."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pineappl.grid import Grid

from n3fit.defaults import EMBEDDED_THEORY
from n3fit.storage.yaml_files import read_yaml
from n3fit.theory.theories import open_theory

SEVEN_POINT = {
    "1 1": 0.0, "2 1": 0.03, "0.5 1": -0.02, "1 2": 0.025, "1 0.5": -0.03, "2 2": 0.06, "0.5 0.5": -0.05,
}  # fmt: skip
"""Relative shift of the last bin of every table under each variation."""


def relative_shifts(bins: int, size: float) -> np.ndarray:
    """Return the relative shifts of the bins of a table, from half the ``size`` to the ``size``."""
    return size * np.linspace(0.5, 1.0, bins)


def write_varied_theory(
    folder: Path,
    identifier: str,
    tables: list[str],
    size: float,
    *,
    shifts: Callable[[int, float], np.ndarray] = relative_shifts,
    **card: Any,
) -> None:
    """Write a theory with some tables of the embedded one, shifted bin by bin."""
    plain = open_theory(EMBEDDED_THEORY)
    target = folder / f"theory_{identifier}"
    (target / "fastkernel").mkdir(parents=True)
    for name in tables:
        grid = Grid.read(str(plain.table_path(name)))
        grid.scale_by_bin((1.0 + shifts(grid.bins(), size)).tolist())
        grid.write_lz4(str(target / "fastkernel" / f"{name}.pineappl.lz4"))
    content = dict(read_yaml(plain.folder / "theory.yaml")) | {"ID": identifier} | card
    (target / "theory.yaml").write_text("\n".join(f"{key}: {json.dumps(value)}" for key, value in content.items()))


def alternating_shifts(bins: int, size: float) -> np.ndarray:
    """Return relative shifts with another sign in each bin, which no smooth PDF can follow."""
    return size * (-1.0) ** np.arange(bins)


def write_alphas_theories(
    folder: Path, tables: list[str], alphas: Sequence[float], *, slope: float = 25.0
) -> list[str]:
    """Write theories whose predictions depend linearly on alpha_s, unchanged at 0.118, and return their identifiers."""
    identifiers = [f"as_{round(1e5 * value):05d}" for value in alphas]
    for identifier, value in zip(identifiers, alphas, strict=True):
        size = slope * (value - 0.118)
        write_varied_theory(folder, identifier, tables, size, shifts=alternating_shifts, alphas=value)
    return identifiers


def write_seven_theories(folder: Path, tables: list[str]) -> dict[str, str]:
    """Write the theories of seven scales and return their identifiers by variation."""
    identifiers = {}
    for variation, size in SEVEN_POINT.items():
        factorisation, renormalisation = map(float, variation.split())
        identifiers[variation] = "scales_" + variation.replace(".", "p").replace(" ", "_")
        write_varied_theory(
            folder, identifiers[variation], tables, size, XIF=factorisation, XIR=renormalisation
        )  # fmt: skip
    return identifiers
