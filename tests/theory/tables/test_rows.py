"""Rows of tables: the folding of flavours and of evolution."""

import numpy as np
import pytest

pytest.importorskip("yadism")

from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.theory.flavours import EXPORT_PIDS, FK_PIDS, FLAVOUR_TO_FK
from n3fit.theory.tables.channels import channel_pids
from n3fit.theory.tables.processes import Process
from n3fit.theory.tables.rows import (
    RowCalculator,
    Unit,
    cross_section_coefficients,
    is_provided,
    plan_units,
)
from n3fit.theory.tables.specifications import Row, TableSpecification
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


def test_units_group_by_virtuality_without_rows_below_the_initial_scale():
    tables = [
        table("F2_total", [Row(0.1, 5.0, np.nan), Row(0.1, 1.0, np.nan), Row(1.0, 5.0, np.nan)]),
        table("pid 21", [Row(0.2, 5.0, np.nan), Row(0.2, 4.0, np.nan)]),
        table("initial T3", [Row(1e-9, 2.7225, np.nan)]),
    ]
    units = plan_units(tables, TheoryCard())
    assert units == (Unit(4.0, ((1, 1),)), Unit(5.0, ((0, 0), (1, 0))))
    assert not is_provided(Row(0.1, 2.0, 0.5), TheoryCard())
