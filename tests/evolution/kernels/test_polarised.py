"""Polarised evolution: first moments in closed form, and what evolution conserves."""

import numpy as np
import pytest
from support.polarised import polarised_toy

from n3fit.evolution.kernels import anomalous_dimensions
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.theory.flavours import EXPORT_PIDS, FK_BASIS, FLAVOUR_TO_FK
from n3fit.theory.theory_card import TheoryCard

FIRST = np.array([1.0 + 1e-9 + 0.0j])
"""The first moment, beside the pole of single terms."""


@pytest.mark.parametrize("nf", [3, 4, 5])
def test_first_moments_of_the_anomalous_dimensions(nf):
    """T3 and T8 do not evolve, and the gluon evolves like 1 / alpha_s: arXiv:1405.5131, section 3."""
    plus = anomalous_dimensions.non_singlet_dimensions(3, FIRST, nf, polarised=True)[0, 0]
    np.testing.assert_allclose(plus[:2], 0, atol=1e-5)
    assert abs(plus[2]) < 1e-3  # a parametrisation
    singlet = anomalous_dimensions.singlet_dimensions(3, FIRST, nf, polarised=True)[0].real
    betas = [11 - 2 * nf / 3, 102 - 38 * nf / 3, 2857 / 2 - 5033 * nf / 18 + 325 * nf**2 / 54]
    np.testing.assert_allclose(singlet[:, 1, 1], -np.array(betas), rtol=1e-4)
    assert singlet[0, 0, 0] == pytest.approx(0, abs=1e-7)
    assert singlet[0, 1, 0] == pytest.approx(-4)  # -3 C_F
    assert singlet[1, 0, 0] == pytest.approx(8 * nf, rel=1e-6)  # 12 C_F T_R nf


@pytest.mark.parametrize("order", [0, 1])
def test_axial_charges_are_conserved_through_the_thresholds(order):
    card = TheoryCard(PTO=order, Q0=1.0, nf0=3)
    evolution = EvolutionOperators(card, standard_xgrid(40, 1e-7), polarised=True)
    x = evolution.xgrid
    toy = polarised_toy(x)
    initial = np.stack([toy.get(pid, np.zeros_like(x)) for pid in EXPORT_PIDS]) / x
    evolved = evolution.evolve(initial, 100.0, 5)
    for name in ("T3", "T8"):
        row = FLAVOUR_TO_FK[FK_BASIS.index(name)]
        before, after = (first_moment(evolution, row @ values) for values in (initial, evolved))
        assert after == pytest.approx(before, rel=5e-3), name  # some is below the grid
    charm = EXPORT_PIDS.index(4)
    assert np.abs(evolved[charm]).max() > 0
    valence = FLAVOUR_TO_FK[FK_BASIS.index("V")]
    assert np.abs(valence @ evolved).max() > 0


def first_moment(evolution, values):
    """Integrate f over the grid."""
    edges = np.log(evolution.xgrid)
    roots, weights = np.polynomial.legendre.leggauss(8)
    half = 0.5 * np.diff(edges)
    log_x = (edges[:-1, None] + half[:, None] * (roots + 1)).ravel()
    measure = (half[:, None] * weights).ravel() * np.exp(log_x)
    return values @ (evolution.basis.evaluate(np.exp(log_x)).T @ measure)


def test_operators_of_polarised_evolution_have_a_key_of_their_own():
    from n3fit.evolution.operator_cache import OperatorCache

    grid = standard_xgrid(10, 1e-3)
    assert OperatorCache(TheoryCard(), grid).identity != OperatorCache(TheoryCard(), grid, polarised=True).identity
