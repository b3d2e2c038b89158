"""Operators in blocks against the dense operators."""

from __future__ import annotations

import numpy as np
import pytest

from n3fit.evolution.blocks import active_elements, compress_operator, fill_inactive, multiply_blocks
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.theory.flavours import EXPORT_PIDS, FK_BASIS, FK_TO_FLAVOUR, FLAVOUR_TO_FK
from n3fit.theory.theory_card import TheoryCard


@pytest.fixture(scope="module")
def operators(small_xgrid: np.ndarray) -> EvolutionOperators:
    return EvolutionOperators(TheoryCard(), small_xgrid[::2], nodes=60)


@pytest.mark.parametrize(
    ("q", "nf", "blocks"),
    # four for (Sigma, g), V, three each of V3.. and T3..; a threshold adds T24 from (Sigma, g) and V24 from V
    [(1.65, 4, 9), (4.0, 4, 11), (4.92, 5, 14), (90.0, 5, 14)],
)
def test_blocks_act_like_the_dense_operator(operators: EvolutionOperators, q: float, nf: int, blocks: int) -> None:
    dense = operators.operator(q, nf)
    compressed = compress_operator(dense, nf_from=4, nf_to=nf)
    random = np.random.default_rng(1)
    flavours = random.normal(size=(3, 14, len(operators.xgrid)))
    for index, pid in enumerate(EXPORT_PIDS):
        if 4 < abs(pid) < 21 or pid == 22:
            flavours[:, index] = 0.0
    expected = np.einsum("ajbk,rbk->raj", dense, flavours, optimize=True)
    result = compressed.apply(np.einsum("ab,rbj->raj", FLAVOUR_TO_FK, flavours))
    np.testing.assert_allclose(
        np.einsum("ab,rbj->raj", FK_TO_FLAVOUR, result), expected, rtol=0, atol=1e-11 * np.abs(expected).max()
    )
    assert len(compressed.rows) == blocks


@pytest.mark.parametrize(
    "card",
    [TheoryCard(), TheoryCard(IC=0), TheoryCard(IC=0, nf0=3, Q0=1.4), TheoryCard(XIF=2.0, ModSV="expanded")],
    ids=["fitted charm", "charm of the lighter partons", "three flavours", "varied scale"],
)
@pytest.mark.parametrize(("q", "nf"), [(1.65, 4), (4.92, 4), (4.92, 5), (200.0, 5), (500.0, 6)])
def test_blocks_are_computed_without_the_dense_operator(
    small_xgrid: np.ndarray, card: TheoryCard, q: float, nf: int
) -> None:
    builder = EvolutionOperators(card, small_xgrid[::2], nodes=40)
    expected = compress_operator(builder.operator(q, nf), nf_from=card.nf0, nf_to=nf)
    found = builder.block_operator(q, nf)
    assert found.nf == nf
    places = [sorted(zip(one.rows.tolist(), one.columns.tolist(), strict=True)) for one in (found, expected)]
    assert places[0] == places[1]
    scale = np.abs(expected.matrices).max()
    for row, column, matrix in zip(expected.rows, expected.columns, expected.matrices, strict=True):
        index = np.flatnonzero((found.rows == row) & (found.columns == column))
        np.testing.assert_allclose(found.matrices[index[0]], matrix, rtol=0, atol=1e-12 * scale)


def test_product_of_blocks_acts_like_one_after_the_other(operators: EvolutionOperators) -> None:
    first, second = operators.block_operator(4.0, 4), operators.block_operator(20.0, 4)
    values = fill_inactive(np.random.default_rng(2).normal(size=(2, 14, len(operators.xgrid))), 4)
    expected = second.apply(first.apply(values))
    found = multiply_blocks(second, first).apply(values)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12 * np.abs(expected).max())


@pytest.mark.parametrize("nf", [3, 4, 5, 6])
def test_filled_elements_belong_to_vanishing_quarks(nf: int) -> None:
    random = np.random.default_rng(nf)
    values = np.full((2, 14, 3), np.nan)
    active = active_elements(nf)
    assert len(active) == 2 * nf + 1
    values[:, active] = random.normal(size=(2, len(active), 3))
    flavours = np.einsum("ab,rbj->raj", FK_TO_FLAVOUR, fill_inactive(values, nf))
    for index, pid in enumerate(EXPORT_PIDS):
        vanishes = pid == 22 or nf < abs(pid) < 21
        assert (np.abs(flavours[:, index]).max() < 1e-14) == vanishes


def test_active_elements_are_those_of_the_flavours() -> None:
    names = {FK_BASIS[index] for index in active_elements(4)}
    assert names == {"Sigma", "g", "V", "V3", "V8", "V15", "T3", "T8", "T15"}
