"""Random PDFs: known integrals, and numbers that depend on the seed alone."""

import numpy as np
import pytest
from scipy.special import beta

from n3fit.compression.random_pdfs import BLOCK, add_charm_asymmetry, random_pdfs
from n3fit.theory.flavours import EVOLUTION_BASIS
from n3fit.theory.integration import integration_nodes
from n3fit.theory.sum_rules import VALENCE_TARGETS

GRID = np.geomspace(1e-6, 0.9, 7)
NODES, WEIGHTS = integration_nodes()


@pytest.fixture(scope="module")
def on_nodes() -> np.ndarray:
    """One block of PDFs on the nodes of the integrals, a quarter of each kind."""
    return random_pdfs(NODES, BLOCK, seed=1)


def momentum(pdfs: np.ndarray, name: str) -> np.ndarray:
    return pdfs[..., EVOLUTION_BASIS.index(name)] @ WEIGHTS


def test_sum_rules_hold_unless_the_factor_is_too_large(on_nodes: np.ndarray) -> None:
    rules = {name: (on_nodes[..., EVOLUTION_BASIS.index(name)] / NODES) @ WEIGHTS / to for name, to in VALENCE_TARGETS}
    rules["momentum"] = momentum(on_nodes, "Sigma") + momentum(on_nodes, "g")
    for name, values in rules.items():
        holds = np.abs(values - 1) < 1e-9
        assert holds.mean() > 0.9, name
        if name != "momentum":  # integrals near zero, times the largest factor
            assert np.all((values[~holds] > 0) & (values[~holds] < 1)), name


def test_quarks_carry_a_physical_momentum_fraction(on_nodes: np.ndarray) -> None:
    """Evenly from 0.3 to 0.7 in the first and third quarter, around that of the toy in the second."""
    kinds = np.split(momentum(on_nodes, "Sigma"), 4)
    for share in (kinds[0], kinds[2]):
        assert share.max() < 0.7 + 1e-9
        assert np.mean(share > 0.3 - 1e-9) > 0.95  # some singlets are too small for the largest factor
        assert np.median(share) == pytest.approx(0.5, abs=0.06)
    toy = 1 - 1.7 * beta(0.9, 6)  # hep-ph/0204316: x g = 1.7 x^-0.1 (1 - x)^5; some charm comes on top
    assert np.median(kinds[1]) == pytest.approx(toy, abs=0.05)
    assert kinds[3].std() > 0.3


def test_a_pdf_depends_on_the_seed_alone() -> None:
    """Not on the other points, nor on the number of PDFs after its block."""
    some = random_pdfs(GRID, BLOCK + 3, seed=5)
    assert some.shape == (BLOCK + 3, len(GRID), len(EVOLUTION_BASIS))
    assert np.isfinite(some).all()
    np.testing.assert_array_equal(random_pdfs(GRID, BLOCK, seed=5), some[:BLOCK])
    np.testing.assert_allclose(random_pdfs(GRID[::3], BLOCK + 3, seed=5), some[:, ::3], rtol=1e-9, atol=1e-12)
    assert not np.isclose(random_pdfs(GRID, 4, seed=6), some[:4], rtol=1e-3).any()
    # no two PDFs are equal, also across blocks
    assert len(np.unique(some[:, 3, 0])) == len(some)


def test_all_vanish_at_one_as_powers_do() -> None:
    """(1 - x)^beta with beta from 1 to 6: halving 1 - x divides by 2 to 64, next to the end."""
    ends = random_pdfs(np.array([1 - 2e-6, 1 - 1e-6]), 64, seed=2)
    powers = np.log2(np.abs(ends[:, 0] / ends[:, 1]))
    for start in (0, 48):  # networks in the evolution basis; other kinds add several powers
        assert powers[start : start + 16].min() > 1 - 1e-3
        assert powers[start : start + 16].max() < 6 + 1e-3


def test_charm_asymmetry_is_added_to_the_same_pdfs():
    symmetric = random_pdfs(GRID, 40, 5)
    asymmetric = add_charm_asymmetry(symmetric, GRID, 5)
    np.testing.assert_array_equal(asymmetric[..., :-1], symmetric)
    valence = symmetric[..., EVOLUTION_BASIS.index("V")]
    sizes = np.abs(asymmetric[..., -1] - valence).max(axis=1) / np.abs(valence).max(axis=1)
    assert 0 < sizes.min() < 0.3
    assert 0.7 < sizes.max() <= 1
    np.testing.assert_array_equal(add_charm_asymmetry(symmetric, GRID, 5), asymmetric)
