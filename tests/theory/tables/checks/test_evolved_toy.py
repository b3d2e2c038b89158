"""The evolved toy PDF at many scales."""

import numpy as np
import pytest
from support.synthetic_grids import CARD

from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.tables.checks.evolved_toy import EvolvedToy
from n3fit.theory.tables.heavy_quarks import PartonSet
from n3fit.theory.toy_pdf import les_houches_toy

SCALES = np.geomspace(CARD["Q0"], 300.0, 80)


@pytest.fixture(scope="module")
def evolution() -> EvolutionOperators:
    return EvolutionOperators(CARD, standard_xgrid(21, 1e-5))


@pytest.mark.parametrize(
    ("q", "partons"),
    [
        (1.66, PartonSet(4)),
        (1.8, PartonSet(3)),
        (3.3, PartonSet(4, intrinsic=True)),
        (17.0, PartonSet(5)),
        (290.0, PartonSet(5)),
    ],
)
def test_interpolation_in_the_scale(evolution: EvolutionOperators, q: float, partons: PartonSet) -> None:
    initial = les_houches_toy(EXPORT_PIDS, evolution.xgrid) / evolution.xgrid
    expected = evolution.evolve(initial, q, partons.nf, intrinsic=partons.intrinsic)
    found = EvolvedToy(evolution, [*SCALES, q]).at(q, partons)
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-7)


def test_few_scales_are_not_interpolated(evolution: EvolutionOperators) -> None:
    toy = EvolvedToy(evolution, [2.0, 50.0])
    expected = evolution.evolve(toy._initial, 50.0, 5)
    np.testing.assert_array_equal(toy.at(50.0, PartonSet(5)), expected)
