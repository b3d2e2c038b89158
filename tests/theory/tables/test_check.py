"""The theory shipped with the package, against direct calculations."""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("yadism")

from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.theory.cards import load_card
from n3fit.theory.tables import check
from n3fit.theory.tables.build import build_theory
from n3fit.theory.tables.check import CheckedTable, CheckReport, check_theory
from n3fit.theory.tables.manifest import fingerprint_of, read_manifest
from n3fit.theory.tables.specifications import select_tables, table_specifications
from n3fit.theory.theories import EMBEDDED_FOLDER, open_theory
from n3fit.theory.theory_card import TheoryCard

SHIPPED = EMBEDDED_FOLDER / "theory_dis_nnlo"


def test_the_shipped_theory_is_complete_and_of_this_code():
    manifest = read_manifest(SHIPPED)
    card = TheoryCard.from_mapping(manifest["card"])
    assert card == TheoryCard()
    if all(version(name) == manifest["versions"][name] for name in ("yadism", "eko", "nnpdf-data")):
        assert manifest["fingerprint"] == fingerprint_of(card, table_specifications())
    assert set(manifest["tables"]) == {table.name for table in table_specifications()}
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*")) < 15e6
    assert open_theory("dis_nnlo").q0 == 1.65


def test_the_shipped_theory_passed_its_check():
    result = read_manifest(SHIPPED)["check"]
    assert result["passed"]
    assert result["worst"] <= result["tolerance"] == check.TOLERANCE
    data = {table.name for table in table_specifications() if table.target_mass}
    # 2118 points and the proton's part of the d/p ratio; neutrinos; charm and bottom of HERA; charm of EMC
    expected = 2118 + 121 + 2 * 416 + 39 + 37 + 47 + 26 + 16
    assert sum(row["points"] for row in result["tables"] if row["name"] in data) == expected


def test_a_few_virtualities_of_the_shipped_theory(monkeypatch):
    """Every 60th virtuality, on a grid that differs from that of the full check."""
    monkeypatch.setattr(check, "DENSE_NODES", 71)
    report = check_theory(SHIPPED, every=60)
    assert report.points > 20
    assert report.passed
    assert report.worst > 1e-7


def test_a_wrong_table_does_not_pass(monkeypatch):
    monkeypatch.setattr(check, "DENSE_NODES", 71)
    original = check._table_predictions
    monkeypatch.setattr(check, "_table_predictions", lambda folder, name: original(folder, name) * 1.01)
    assert not check_theory(SHIPPED, every=200).passed


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_new_build_has_the_same_bytes(tmp_path, jobs):
    """One table of each kind; whether libraries round alike is up to them, so that only equal versions are compared."""
    manifest = read_manifest(SHIPPED)
    libraries = ("yadism", "eko", "nnpdf-data", "pineappl", "numpy", "scipy")
    different = [name for name in libraries if version(name) != manifest["versions"][name]]
    if different:
        pytest.skip(f"the shipped theory was built with other versions of {', '.join(different)}")
    names = (
        "HERA_NC_318GEV_EAVG_SIGMARED_BOTTOM", "EMC_NC_250GEV_EM_F2C", "NUTEV_CC_NB_FE_SIGMARED",
        "HERA_CC_318GEV_EM_SIGMARED", "NNPDF_POS_F2C_40", "NNPDF_POS_GLUON_40", "INTEGXT8",
    )  # fmt: skip
    card = load_card("dis_nnlo")
    folder = build_theory(tmp_path / "some", card=card, tables=select_tables(tables=names), jobs=jobs, check=False)
    found = read_manifest(folder)["tables"]
    assert set(found) == set(names)
    assert found == {name: manifest["tables"][name] for name in names}


@pytest.mark.slow
def test_every_point_of_the_shipped_theory():
    report = check_theory(SHIPPED)
    assert report.passed, report.rows
    assert report.worst <= 1e-3


def test_summary_of_a_report():
    rows = (CheckedTable("A", 2, 1e-4, 0.1, 5.0, True), CheckedTable("B", 3, 2e-3, 0.2, 6.0, False))
    report = CheckReport(rows=rows, tolerance=1e-3)
    assert (report.passed, report.points, report.worst) == (False, 5, 2e-3)


def test_numbers_that_are_not_finite_do_not_pass():
    row = table_specifications()[0].rows[0]
    assert not check._summary("T", [(1e-5, row), (float("nan"), row)]).passed


def test_the_dense_grid_shares_no_node_with_the_tables():
    dense = standard_xgrid(check.DENSE_NODES, check.DENSE_XMIN)[:-1]
    nodes = standard_xgrid()
    assert np.min(np.abs(np.log(dense[:, None] / nodes))) > 1e-5


def test_the_manifest_is_readable_json():
    assert json.loads(Path(SHIPPED / "manifest.json").read_text())["versions"]["yadism"]
