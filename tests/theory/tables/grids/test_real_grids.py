"""Tables of real grids: against those of theory 400 and against the convolution of grid and evolved PDF."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pineappl")

from support.grids import hadron

from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.storage.yaml_files import read_yaml
from n3fit.theory.fk_tables import read_fk_table
from n3fit.theory.flavours import EXPORT_PIDS, FLAVOUR_TO_FK
from n3fit.theory.tables.grids.evolve import evolve_grid
from n3fit.theory.tables.grids.grid_files import read_grid
from n3fit.theory.tables.grids.operators import GridOperators
from n3fit.theory.tables.grids.scales import GridScales
from n3fit.theory.tables.table_files import write_table
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.toy_pdf import les_houches_toy

SUFFIX = ".pineappl.lz4"
FAST = ("NNPDF_POS_F2U_40", "LHCB_WP_7TEV")
SLOW = (
    "ATLASTTBARTOT7TEV-TOPDIFF7TEVTOT", "CMS_SINGLETOP_TCH_TOT_7TEV-CMS_SINGLETOP_TCH_R_7TEV_T",
    "CMS_SINGLETOP_TCH_TOT_7TEV-CMS_SINGLETOP_TCH_R_7TEV_TB", "DYE866R_D", "DYE866R_P", "HERA_CC_318GEV_EM_SIGMARED",
    "HERA_NC_318GEV_EAVG_SIGMARED_BOTTOM", "NUTEV_CC_NU_FE_SIGMARED",
)  # fmt: skip
NAMES = [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]


@pytest.fixture(scope="module")
def mapping(shared_theories):
    return read_yaml(shared_theories / "theory_400" / "400.yaml", error=RuntimeError)


def toy_predictions(path: Path):
    table = read_fk_table(path)
    return table.predict((FLAVOUR_TO_FK @ les_houches_toy(EXPORT_PIDS, table.xgrid)).T)


def make_predictions(grid, operators, folder):
    write_table(evolve_grid(grid, operators).table, folder / f"T{SUFFIX}")
    return toy_predictions(folder / f"T{SUFFIX}")


@pytest.mark.parametrize("name", NAMES)
def test_tables_with_the_kernel_of_eko_are_those_of_theory_400(real_grids, shared_theories, mapping, name, tmp_path):
    """Rows below the charm threshold are left out: theory 400 does not evolve to them."""
    operators = GridOperators(GridScales.of_theory(TheoryCard.from_mapping(mapping), mapping), like_eko=True)
    grid = read_grid(real_grids / f"{name}{SUFFIX}")
    expected = toy_predictions(shared_theories / "theory_400" / "fastkernel" / f"{name}{SUFFIX}")
    found = make_predictions(grid, operators, tmp_path)
    above = np.ones(len(expected), dtype=bool)
    if name.startswith("NUTEV"):
        above = np.array([limits[0][0] > operators.scales.card.mc**2 for limits in grid.bin_limits()])
        assert above.sum() == 42
    difference = np.abs(found - expected)[above] / np.abs(expected).max()
    assert difference.max() < 1e-6


@pytest.mark.parametrize("name", [FAST[0], *(pytest.param(name, marks=pytest.mark.slow) for name in (FAST[1], *SLOW))])
def test_tables_are_the_convolution_of_grid_and_evolved_pdf(real_grids, mapping, name, tmp_path):
    """The PDF evolved on twice as many nodes; the difference is that of the interpolation on the nodes of the table."""
    card = TheoryCard.from_mapping({**mapping, "ModEv": "TRN"})
    scales = GridScales.of_theory(card, mapping)
    grid = read_grid(real_grids / f"{name}{SUFFIX}")
    expected = direct_predictions(grid, scales)
    deviations = []
    for nodes in (50, 80):
        found = make_predictions(grid, GridOperators(scales, xgrid=standard_xgrid(nodes)), tmp_path)
        deviations.append(np.abs(found / expected - 1).max())
    assert deviations[0] < 1e-3
    assert deviations[1] < 0.7 * deviations[0]


def direct_predictions(grid, scales):
    """Compute the predictions of a grid for the toy PDF evolved on 101 nodes, at the nodes of the grid."""
    dense = standard_xgrid(101)
    evolution = EvolutionOperators(scales.card, dense)
    initial = les_houches_toy(EXPORT_PIDS, dense) / dense
    mask = np.array([not any(order.as_tuple()[2:]) for order in grid.orders()])
    mask &= np.array([order.as_tuple()[1] == grid.orders()[0].as_tuple()[1] for order in grid.orders()])
    x = np.array(sorted(grid.evolve_info(mask).x1))
    to_grid = evolution.at_points(x)
    pdfs: dict[float, dict[tuple[int, float], float]] = {}

    def pdf(pid, point, q2):
        if q2 not in pdfs:
            operator = to_grid(np.sqrt(q2), scales.flavours(np.sqrt(q2)))
            values = np.einsum("ajbk,bk->aj", operator, initial) * x
            pdfs[q2] = {(pid, node): values[a, j] for a, pid in enumerate(EXPORT_PIDS) for j, node in enumerate(x)}
        return pdfs[q2].get((pid, point), 0.0)

    return grid.convolve(
        [hadron()] * len(grid.convolutions), [pdf] * len(grid.convolutions),
        lambda q2: scales.alpha_s(evolution.coupling, float(np.sqrt(q2))), order_mask=mask,
    )  # fmt: skip
