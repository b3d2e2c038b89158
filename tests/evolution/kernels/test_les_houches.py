"""The Les Houches benchmark of parton evolution: LO, NLO and NNLO, with four and with a variable number of flavours.

The tables are those of hep-ph/0204316 (LO, NLO) and hep-ph/0511119 (NNLO), computed independently by two programs, one
in x and one in Mellin space, with the exact solution of the evolution equations.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.toy_pdf import les_houches_toy

REFERENCE = json.loads((Path(__file__).parent / "reference" / "les_houches_tables.json").read_text())
TABLES = {(table["order"], table["flavours"]): table for table in REFERENCE["tables"]}
SMALLEST_X = 1e-5

slow = pytest.mark.slow


def benchmark_xgrid() -> np.ndarray:
    """Return ten nodes per decade up to 0.1, steps of 1/40 up to 0.8 and 1/80 above, with all x of the tables."""
    return np.concatenate(
        [np.geomspace(SMALLEST_X, 0.1, 41)[:-1], np.linspace(0.1, 0.8, 29)[:-1], np.linspace(0.8, 1.0, 17)]
    )


def benchmark_card(order: int, flavours: str) -> TheoryCard:
    """Return the card of hep-ph/0204316, eqs. (30) to (34), and hep-ph/0511119, section 4.4."""
    nf0 = 4 if flavours == "4" else 3
    return TheoryCard(PTO=order, Q0=2**0.5, nf0=nf0, Qref=2**0.5, nfref=nf0, alphas=0.35, mc=2**0.5, mb=4.5, mt=175.0)


def test_the_shipped_theory_has_the_exact_solution() -> None:
    assert benchmark_card(2, "4").ModEv == TheoryCard.ModEv == "EXA"


def combine(values: np.ndarray) -> dict[str, np.ndarray]:
    """Return the combinations of the tables from x f (14, nx)."""
    f = dict(zip(EXPORT_PIDS, values, strict=True))
    sums = {f"{name}_p": f[pid] + f[-pid] for name, pid in (("s", 3), ("c", 4), ("b", 5))}
    light = {"L_m": f[-1] - f[-2], "L_p": 2 * (f[-1] + f[-2]), "s_v": f[3] - f[-3], "g": f[21]}
    return {"u_v": f[2] - f[-2], "d_v": f[1] - f[-1], **light, **sums}


@pytest.fixture(scope="module", params=[
    pytest.param((0, "4"), marks=slow), pytest.param((0, "variable"), marks=slow), pytest.param((1, "4"), marks=slow),
    pytest.param((1, "variable"), marks=slow), pytest.param((2, "4"), marks=slow), (2, "variable"),
], ids=lambda key: f"{'N' * key[0]}LO-{key[1]}")  # fmt: skip
def evolved(request: pytest.FixtureRequest) -> tuple[dict[str, Any], dict[str, np.ndarray], float]:
    """One table, the evolved toy PDF in its combinations at the nodes, and alpha_s."""
    order, flavours = request.param
    evolution = EvolutionOperators(benchmark_card(order, flavours), benchmark_xgrid(), nodes=120)
    nf, grid = (4 if flavours == "4" else 5), evolution.xgrid
    values = evolution.evolve(les_houches_toy(EXPORT_PIDS, grid) / grid, 100.0, nf) * grid
    return TABLES[request.param], combine(values), evolution.coupling.alpha_s(100.0, nf)


def test_evolved_toy_agrees_with_the_tables(evolved: tuple[dict[str, Any], dict[str, np.ndarray], float]) -> None:
    """To 1e-4, or 1e-6 of the up valence: entries below a per cent of it at large x have fewer digits."""
    table, found, _ = evolved
    grid = benchmark_xgrid()
    compared = 0
    for column, x in enumerate(map(float, REFERENCE["x"])):
        if x < SMALLEST_X * 0.99:
            continue
        node = int(np.argmin(np.abs(grid - x)))
        assert grid[node] == pytest.approx(x, rel=1e-12)
        up = float(table["values"]["u_v"][column])
        for name, entries in table["values"].items():
            expected = float(entries[column])
            assert found[name][node] == pytest.approx(expected, rel=1e-4, abs=1e-6 * up), (name, x)
            compared += 1
    assert compared == 9 * len(table["values"])
    assert len(table["values"]) in (7, 8)


def test_coupling_agrees_with_the_tables(evolved: tuple[dict[str, Any], dict[str, np.ndarray], float]) -> None:
    table, _, alpha_s = evolved
    assert alpha_s == pytest.approx(float(table["alpha_s"]), abs=6e-7)
