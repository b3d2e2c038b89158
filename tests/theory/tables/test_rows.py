"""Rows of tables: the folding of flavours and of evolution."""

import sys

import numpy as np
import pytest

pytest.importorskip("yadism")

from n3fit.errors import MissingExtraError
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.theory.flavours import EXPORT_PIDS, FK_PIDS, FLAVOUR_TO_FK
from n3fit.theory.tables.channels import channel_pids
from n3fit.theory.tables.heavy_quarks import PartonSet
from n3fit.theory.tables.processes import Process
from n3fit.theory.tables.rows import (
    RowCalculator,
    Unit,
    cross_section_coefficients,
    is_provided,
    plan_units,
)
from n3fit.theory.tables.specifications import Row, TableSpecification, table_specifications
from n3fit.theory.theories import open_theory
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.toy_pdf import les_houches_toy

GRID = standard_xgrid(20, 1e-4)
PHOTON = Process("EM")


def table(observable, rows, process=PHOTON, *, target_mass=False):
    return TableSpecification("T", "D", observable, process, target_mass, tuple(rows))


def test_leading_order_f2_at_the_initial_scale():
    """F2 = x sum e_q^2 (q + qbar), through the complete calculation."""
    card = TheoryCard(PTO=0, TMC=0, FNS="ZM-VFNS")
    calculator = RowCalculator(card, GRID)
    x = float(GRID[10])
    (row,) = calculator.rows([table("F2_total", [Row(x, card.Q0**2, np.nan)])], Unit(card.Q0**2, ((0, 0),)))
    toy = les_houches_toy(EXPORT_PIDS, GRID) / GRID
    fk = FLAVOUR_TO_FK @ toy
    prediction = np.sum(row * np.array([fk[FK_PIDS.index(pid)] for pid in channel_pids(TheoryCard())]))
    charges = {2: 4 / 9, 1: 1 / 9, 3: 1 / 9}
    expected = sum(c * les_houches_toy([pid, -pid], x).sum() for pid, c in charges.items())
    assert prediction == pytest.approx(expected, rel=1e-10)


def test_parton_distributions_as_observables():
    card = TheoryCard(PTO=0, FNS="ZM-VFNS")
    calculator = RowCalculator(card, GRID)
    (row,) = calculator.rows([table("pid -2", [Row(0.3, card.Q0**2, np.nan)])], Unit(card.Q0**2, ((0, 0),)))
    toy = les_houches_toy(EXPORT_PIDS, GRID) / GRID
    fk = FLAVOUR_TO_FK @ toy
    prediction = np.sum(row * np.array([fk[FK_PIDS.index(pid)] for pid in channel_pids(TheoryCard())]))
    assert prediction == pytest.approx(les_houches_toy([-2], 0.3)[0, 0], rel=2e-3)


@pytest.mark.parametrize(
    ("projectile", "current", "sign"), [("electron", "NC", 1), ("positron", "NC", -1), ("electron", "CC", 1)]
)
def test_reduced_cross_sections(projectile, current, sign):
    """sigma_NC = F2 - y^2/Y+ FL -+ Y-/Y+ xF3; sigma_CC = Y+/4 F2 - y^2/4 FL -+ Y-/4 xF3 (arXiv:1506.06042)."""
    y = 0.4
    plus, minus = 1 + (1 - y) ** 2, 1 - (1 - y) ** 2
    norm = 1 / plus if current == "NC" else 0.25
    specification = table("XSHERANC" if current == "NC" else "XSHERACC", [], Process(current, projectile))
    result = cross_section_coefficients(specification, Row(0.1, 500.0, y), TheoryCard())
    np.testing.assert_allclose(result, np.array([plus, -(y**2), sign * minus]) * norm, rtol=1e-12)


def test_cross_sections_of_neutrinos():
    """In 1e-38 cm^2 per GeV for CHORUS, and relative to G^2 M E / (100 pi) for NuTeV: hep-ex/0102049, eq. (1)."""
    card, x, q2, y = TheoryCard(), 0.1, 20.0, 0.4
    propagator = 1 / (1 + q2 / card.MW**2) ** 2
    plus = 1 + (1 - y) ** 2 - 2 * (card.MP * x * y) ** 2 / q2
    minus = 1 - (1 - y) ** 2
    chorus = 3.893793e10 * card.GF**2 * card.MP / (2 * np.pi) * propagator
    for observable, norm in (("XSCHORUSCC", chorus), ("XSNUTEVCC_charm", 50 * propagator)):
        for projectile, sign in (("neutrino", 1), ("antineutrino", -1)):
            specification = table(observable, [], Process("CC", projectile, "iron"))
            result = cross_section_coefficients(specification, Row(x, q2, y), card)
            np.testing.assert_allclose(result, norm * np.array([plus, -(y**2), sign * minus]), rtol=1e-12)


def test_a_part_of_a_cross_section_is_that_of_its_structure_functions():
    """The cross-section of charm is Y+ F2c - y^2 FLc -+ Y- xF3c; the average over the beams has no x F3."""
    card = TheoryCard(PTO=1, TMC=0, FNS="ZM-VFNS")
    calculator = RowCalculator(card, GRID)
    for observable, process in (("XSNUTEVCC", Process("CC", "neutrino", "iron")), ("XSHERANCAVG", Process("NC"))):
        row = Row(0.05, 9.0, 0.6)
        names = (f"{observable}_charm", "F2_charm", "FL_charm", "F3_charm")
        specified = [(table(name, [row], process), row) for name in names]
        total, *structure = (operator[PartonSet(4)] for operator in calculator.operators(specified))
        coefficients = cross_section_coefficients(*specified[0], card)
        assert (coefficients[2] == 0) == (observable == "XSHERANCAVG")
        expected = sum(factor * values for factor, values in zip(coefficients, structure, strict=True))
        np.testing.assert_allclose(total, expected, rtol=1e-12, atol=1e-14)


def test_a_row_does_not_depend_on_those_computed_with_it():
    charm, total = (
        (table(observable, [], PHOTON), Row(x, 9.0, np.nan))
        for observable, x in (("F2_charm", 0.1), ("F2_total", 1e-3))
    )
    (alone,), (_, together) = (
        RowCalculator(TheoryCard(PTO=1), GRID).operators(specified) for specified in ([charm], [total, charm])
    )
    assert alone.keys() == together.keys()
    for partons, values in alone.items():
        np.testing.assert_array_equal(values, together[partons])


def test_units_group_by_virtuality_without_rows_below_the_initial_scale():
    tables = [
        table("F2_total", [Row(0.1, 5.0, np.nan), Row(0.1, 1.0, np.nan), Row(1.0, 5.0, np.nan)]),
        table("pid 21", [Row(0.2, 5.0, np.nan), Row(0.2, 4.0, np.nan)]),
        table("initial T3", [Row(1e-9, 2.7225, np.nan)]),
    ]
    units = plan_units(tables, TheoryCard())
    assert units == (Unit(4.0, ((1, 1),)), Unit(5.0, ((0, 0), (1, 0))))
    assert not is_provided(Row(0.1, 2.0, 0.5), TheoryCard())


def test_tables_of_the_same_name_are_not_confused():
    calculator = RowCalculator(TheoryCard(PTO=0, TMC=0, FNS="ZM-VFNS"), GRID)
    unit, row = Unit(9.0, ((0, 0),)), Row(0.1, 9.0, 0.5)
    (total,), (light,) = (calculator.rows([table(kind, [row])], unit) for kind in ("F2_total", "pid 21"))
    assert not np.allclose(total, light)


def test_yadism_that_is_missing_is_one_line_that_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yadism.esf.exs", None)
    (table,) = [table for table in table_specifications() if table.name == "NMC_NC_EM_P_SIGMARED"]
    card = TheoryCard.from_mapping(dict(open_theory("dis_nnlo").card), source="dis_nnlo")
    with pytest.raises(MissingExtraError, match=r"yadism is not installed \(pip install 'n3fit\[theory\]'\)"):
        cross_section_coefficients(table, table.rows[0], card)
