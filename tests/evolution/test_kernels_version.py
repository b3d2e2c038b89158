"""Operators in the cache are keyed by KERNELS_VERSION: a change of their numbers must raise it."""

from __future__ import annotations

import numpy as np
import pytest

from n3fit.evolution.blocks import compress_operator
from n3fit.evolution.kernels import KERNELS_VERSION
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.evolution.operator_cache import MELLIN_NODES
from n3fit.theory.flavours import FK_BASIS
from n3fit.theory.theory_card import TheoryCard

XGRID = np.array([1e-4, 1e-3, 1e-2, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0])
TOLERANCE = 1e-9
"""Relative: three orders above the rounding of platforms; changes below it need no new version."""

REFERENCE_VERSION = 1
REFERENCE = {
    # ModEv, PTO, Q in GeV, nf: upwards through a threshold, downwards, iterated exact, iterated expanded
    ("TRN", 2, 100.0, 5): {
        ("Sigma", "Sigma"): 53631.67689267575, ("Sigma", "g"): 101804.47743183846,
        ("g", "Sigma"): 152534.72927425714, ("g", "g"): 286362.19393022376,
        ("V", "V"): 142.7478253579239, ("V3", "V3"): 124.28365317455139, ("T3", "T3"): 114.23586750849526,
        ("T24", "Sigma"): 9463.645698845354, ("T24", "g"): 18781.85187320323,
    },
    ("TRN", 2, 2.0, 3): {
        ("Sigma", "Sigma"): -1221.1194400658214, ("Sigma", "T15"): 2144.1155425442953,
        ("g", "g"): 2156.0313423117454, ("g", "T15"): 24349.089579319843, ("V", "V15"): 2.703331867218107,
    },
    ("EXA", 1, 10.0, 4): {
        ("Sigma", "g"): 27982.216168684507, ("g", "Sigma"): 59294.245661889014,
        ("V", "V"): 67.09647373595439, ("T15", "T15"): 63.66434069125074,
    },
    ("EXP", 2, 300.0, 6): {
        ("Sigma", "g"): 139367.40108424996, ("g", "Sigma"): 196229.99622952935,
        ("V35", "V"): 164.8961552732512, ("T35", "g"): 116534.62179860473,
    },
}  # fmt: skip
STANDARD_GRID_REFERENCE = {
    # just above the initial scale, where the evolution damps the Mellin integrals least
    ("TRN", 2, 1.7, 4): {
        ("Sigma", "Sigma"): 433735.8521196523, ("g", "Sigma"): -574146.4239670215,
        ("V", "V"): 154.9786125614287, ("V3", "V3"): 129.93579902229683, ("T15", "T15"): 127.58683593471636,
    },
}  # fmt: skip


def block_sums(method: str, order: int, q: float, nf: int, *, xgrid: np.ndarray) -> dict[tuple[str, str], float]:
    """Return every block of an operator as one number: the sum over its nodes with smooth weights."""
    card = TheoryCard(ModEv=method, PTO=order, ev_op_iterations=5)
    builder = EvolutionOperators(card, xgrid, nodes=MELLIN_NODES)
    operator = compress_operator(builder.operator(q, nf), nf_from=card.nf0, nf_to=nf)
    out, into = np.cos(0.5 * np.arange(len(xgrid))) + 1.5, np.sin(0.7 * np.arange(len(xgrid))) + 1.5
    return {
        (FK_BASIS[row], FK_BASIS[column]): float(out @ matrix @ into)
        for row, column, matrix in zip(operator.rows, operator.columns, operator.matrices, strict=True)
    }


def check_blocks(found: dict[tuple[str, str], float], reference: dict[tuple[str, str], float]) -> None:
    """Compare the blocks of an operator with reference numbers."""
    changed = {
        block: (expected, found.get(block))
        for block, expected in reference.items()
        if found.get(block) != pytest.approx(expected, rel=TOLERANCE)
    }
    assert not changed, (
        "evolution operators changed numerically: raise KERNELS_VERSION in n3fit.evolution.kernels, so that cached "
        f"operators are built again, and replace the reference numbers here; (expected, received): {changed}"
    )


@pytest.mark.parametrize("settings", REFERENCE, ids=str)
def test_operators_change_only_with_the_version_of_the_kernels(settings: tuple[str, int, float, int]) -> None:
    check_blocks(block_sums(*settings, xgrid=XGRID), REFERENCE[settings])


@pytest.mark.parametrize("settings", STANDARD_GRID_REFERENCE, ids=str)
def test_operators_on_the_standard_grid_depend_on_the_version_of_the_kernels(
    settings: tuple[str, int, float, int],
) -> None:
    """The end of the path of the Mellin integrals changes operators on dense nodes only."""
    check_blocks(block_sums(*settings, xgrid=standard_xgrid()), STANDARD_GRID_REFERENCE[settings])


def test_reference_numbers_are_of_this_version() -> None:
    assert REFERENCE_VERSION == KERNELS_VERSION, "replace the reference numbers of operators with those of this version"
