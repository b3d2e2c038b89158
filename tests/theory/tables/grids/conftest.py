"""Operators of small theories, and the real grids beside the repository on some machines."""

from pathlib import Path

import pytest

from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.theory.theory_card import TheoryCard

REPOSITORY = Path(__file__).parents[4]


@pytest.fixture(scope="session")
def leading_order():
    """Operators at LO on few nodes."""
    from n3fit.theory.tables.grids.operators import GridOperators
    from n3fit.theory.tables.grids.scales import GridScales

    return GridOperators(GridScales.of_theory(TheoryCard(PTO=0, ModEv="EXA"), {}), xgrid=standard_xgrid(20, 1e-3))


@pytest.fixture(scope="session")
def real_grids():
    """The folder of thirteen grids of theory 400."""
    folder = REPOSITORY.parent / "shared" / "grids"
    if not folder.is_dir():
        pytest.skip("the grids of theory 400 are not beside the repository")
    return folder
