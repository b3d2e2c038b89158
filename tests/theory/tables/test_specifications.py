"""The specification of the tables: names, rows and kinematics from nnpdf-data."""

import numpy as np
import pytest

from n3fit.theory.tables import specifications
from n3fit.theory.tables.processes import Process
from n3fit.theory.tables.specifications import Row, table_specifications

TABLES = {table.name: table for table in table_specifications()}


def kept_rows(part):
    """Return the rows of the tables with a part in their name that pass cuts of 3.49 and 12.5 GeV^2."""
    return [
        row
        for name, table in TABLES.items()
        if part in name and table.target_mass
        for row in table.rows
        if row.q2 > 3.49 and row.q2 * (1 - row.x) / row.x > 12.5
    ]


@pytest.mark.parametrize(
    ("part", "points", "virtualities"),
    [("CHORUS", 2 * 416, 253), ("NUTEV_CC_NU", 39, 39), ("NUTEV_CC_NB", 37, 37), ("EMC", 16, 6)],
)
def test_points_after_the_strict_cuts(part, points, virtualities):
    kept = kept_rows(part)
    assert len(kept) == points
    assert len({row.q2 for row in kept}) == virtualities


def test_points_of_inclusive_neutral_and_charged_leptons():
    """2118 points in all (d/p ratio counted once) at 324 virtualities."""
    lepton = [
        row
        for name in TABLES
        if name.startswith(("NMC", "SLAC", "BCDMS", "HERA")) and "EAVG" not in name and name != "NMC_NC_EM_D_F2"
        for row in kept_rows(name)
    ]
    assert len(lepton) == 2118
    assert len({row.q2 for row in lepton} | {row.q2 for row in kept_rows("NMC_NC_EM_D_F2")}) == 324


def test_nmc_uses_the_exact_x_and_the_measured_y():
    first = TABLES["NMC_NC_EM_P_SIGMARED"].rows[0]
    assert (first.x, first.q2, first.y) == (0.0078, 0.8, 0.635)


def test_bcdms_is_split_by_beam_energy():
    sizes = [len(TABLES[f"BCDMS_NC_{energy}GEV_EM_P_F2"].rows) for energy in (100, 120, 200, 280)]
    assert sizes == [97, 99, 79, 76]
    # the deuteron table called 100GEV was taken at 120 GeV
    for name, energy in (("100GEV_EM_P", 100), ("120GEV_EM_P", 120), ("100GEV_EM_D", 120), ("280GEV_EM_D", 280)):
        for row in TABLES[f"BCDMS_NC_{name}_F2"].rows:
            assert row.q2 / (2 * 0.938 * row.x * row.y) == pytest.approx(energy, rel=0.03)


def test_processes():
    assert TABLES["HERA_CC_318GEV_EP_SIGMARED"].process.current == "CC"
    assert TABLES["HERA_CC_318GEV_EP_SIGMARED"].process.projectile == "positron"
    assert TABLES["NMC_NC_EM_D_F2"].process.target == "isoscalar"
    assert TABLES["NNPDF_POS_F2S_40"].process.charge == "strange"
    nutev, chorus = TABLES["NUTEV_CC_NB_FE_SIGMARED"], TABLES["CHORUS_CC_NU_PB_SIGMARED"]
    assert (nutev.observable, nutev.process) == ("XSNUTEVCC_charm", Process("CC", "antineutrino", "iron"))
    assert (chorus.observable, chorus.process) == ("XSCHORUSCC", Process("CC", "neutrino", "lead"))
    assert TABLES["HERA_NC_318GEV_EAVG_SIGMARED_BOTTOM"].observable == "XSHERANCAVG_bottom"
    charges = [process.charge for process in TABLES["NNPDF_POS_FLL_40"].process.by_charge()]
    assert charges == ["up", "down", "strange"]


def test_integrability_is_at_the_initial_scale():
    (row,) = TABLES["INTEGXT8"].rows
    assert row.x == 1e-9
    assert row.q2 == pytest.approx(1.65**2)
    assert np.isnan(row.y)


def test_selected_tables():
    assert [table.name for table in specifications.select_tables()] == [table.name for table in table_specifications()]
    chosen = specifications.select_tables(
        tables=["INTEGXT3", "NUTEV_CC_NU_FE_SIGMARED"], datasets=["BCDMS_NC_NOTFIXED_D_EM-F2"]
    )
    deuteron = [f"BCDMS_NC_{energy}GEV_EM_D_F2" for energy in (100, 200, 280)]
    assert [table.name for table in chosen] == [*deuteron, "NUTEV_CC_NU_FE_SIGMARED", "INTEGXT3"]
    with pytest.raises(specifications.TheoryError, match="--table: .*'INTEGXT4'") as error:
        specifications.select_tables(tables=["INTEGXT4"])
    assert "INTEGXT" in error.value.hint
    with pytest.raises(specifications.TheoryError, match="--dataset: .*'NMC'"):
        specifications.select_tables(datasets=["NMC"])


def test_rows_out_of_order():
    def row(energy):
        return Row(x=0.1, q2=10.0, y=10.0 / (2 * specifications.PROTON_MASS * 0.1 * energy))

    names = ("BCDMS_NC_100GEV_EM_P_F2", "BCDMS_NC_200GEV_EM_P_F2")
    split = specifications._split_by_beam(names, [row(100), row(100), row(200)])
    assert [len(split[name]) for name in names] == [2, 1]
    with pytest.raises(specifications.TheoryError, match="order of beam energies"):
        specifications._split_by_beam(names, [row(200), row(100)])
