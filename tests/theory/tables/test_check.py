"""Checks of theories: the one shipped with the package, theory 400, and small ones."""

import json
import shutil
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from pineappl.grid import Grid
from support.progress import RecordedSteps
from support.synthetic_grids import GLUON_BINS, write_gluon_theory, write_grid

pytest.importorskip("yadism")

from n3fit.defaults import THEORY_TOLERANCE
from n3fit.errors import TheoryError
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.theory.cards import load_card
from n3fit.theory.tables import check, sharing
from n3fit.theory.tables.build import build_theory
from n3fit.theory.tables.check import check_theory
from n3fit.theory.tables.checks.coefficient_functions import HEAVY_ACCURACY
from n3fit.theory.tables.manifest import fingerprint_of, read_manifest
from n3fit.theory.tables.specifications import select_tables, table_specifications
from n3fit.theory.theories import open_theory
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.theory_folders import EMBEDDED_FOLDER

SHIPPED = EMBEDDED_FOLDER / "theory_dis_nnlo"
TABLE = "HERA_CC_318GEV_EM_SIGMARED"
GRIDS = ("DYE866R_P", "LHCB_WP_7TEV", "ATLASTTBARTOT7TEV-TOPDIFF7TEVTOT", "NNPDF_POS_F2U_40")


def part_of(theory: str, folder: Path, tables: tuple[str, ...], *, path: Path | None = None) -> Path:
    """Copy some tables of a theory, with its card and without its manifest."""
    source = open_theory(theory, path=path)
    (folder / "fastkernel").mkdir(parents=True)
    for name in tables:
        shutil.copy(source.table_path(name), folder / "fastkernel")
    card = source.folder / "theory.yaml"
    shutil.copy(card if card.is_file() else source.folder / f"{theory}.yaml", folder / "theory.yaml")
    return folder


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
    assert result["tolerance"] == THEORY_TOLERANCE
    heavy = {table.name for table in table_specifications() if table.observable.endswith(("_charm", "_bottom"))}
    for row in result["tables"]:
        assert row["worst"] <= (HEAVY_ACCURACY if row["name"] in heavy else 1) * THEORY_TOLERANCE, row
    data = {table.name for table in table_specifications() if table.target_mass}
    # 2118 points and the proton's part of the d/p ratio; neutrinos; charm and bottom of HERA; charm of EMC
    expected = 2118 + 121 + 2 * 416 + 39 + 37 + 47 + 26 + 16
    assert sum(row["points"] for row in result["tables"] if row["name"] in data) == expected


def test_a_few_virtualities_of_the_shipped_theory(monkeypatch):
    """Every 60th virtuality, on a grid that differs from that of the full check."""
    monkeypatch.setattr(check, "DENSE_NODES", 71)
    progress = RecordedSteps()
    report = check_theory(SHIPPED, every=60, progress=progress)
    found = {row.name: row for row in report.rows}
    assert report.passed, [row.problems for row in report.rows]
    assert {row.reference for row in report.compared} == {"coefficient functions", "evolved PDF", "PDF at Q0"}
    assert 1e-7 < report.worst < HEAVY_ACCURACY * THEORY_TOLERANCE
    assert report.points > 140
    assert found["INTEGXT8"].worst < 1e-12
    assert found["HERA_NC_225GEV_EP_SIGMARED"].missing_rows == (0, 1, 2, 3, 4)
    assert sum(dataset.points for dataset in report.datasets if dataset.process.startswith("DIS")) == 4289
    assert report.incomplete == ()


def test_one_perturbed_table_fails(monkeypatch, tmp_path):
    monkeypatch.setattr(check, "DENSE_NODES", 71)
    names = (TABLE, "INTEGXT3", "NNPDF_POS_GLUON_40")
    folder = part_of("dis_nnlo", tmp_path / "mine", names)
    for name in (TABLE, "INTEGXT3"):
        path = folder / "fastkernel" / f"{name}.pineappl.lz4"
        grid = Grid.read(str(path))
        grid.scale(1.002)
        grid.write_lz4(str(path))
    report = check_theory(folder, every=4)
    problems = {row.name: row.problems for row in report.rows if row.problems}
    assert set(problems) == {TABLE, "INTEGXT3"}
    assert "differs from its coefficient functions by" in problems[TABLE][0]
    assert "differs from its PDF at Q0 by 2.0e-03 at x = 1e-09" in problems["INTEGXT3"][0]


def test_broken_tables_fail_without_hiding_the_others(tmp_path):
    folder = part_of("dis_nnlo", tmp_path / "mine", ("INTEGXT3", "INTEGXT8", "NMC_NC_EM_P_F2"))
    path = folder / "fastkernel" / "INTEGXT3.pineappl.lz4"
    path.write_bytes(path.read_bytes()[:300])
    (folder / "fastkernel" / "NMC_NC_EM_P_F2.pineappl.lz4").write_text("version https://git-lfs.github.com/spec/v1\n")
    report = check_theory(folder)
    assert {row.name: row.passed for row in report.rows} == {
        "INTEGXT3": False, "INTEGXT8": True, "NMC_NC_EM_P_F2": False,
    }  # fmt: skip
    assert [dataset.name for dataset in report.datasets] == ["NNPDF_INTEG_3GEV_XT8"]


def test_a_table_against_its_grid(tmp_path, monkeypatch):
    """A theory at leading order of a grid whose coefficients are known."""
    monkeypatch.setattr(check, "DENSE_NODES", 61)
    monkeypatch.setattr(check, "DENSE_XMIN", 6e-5)
    write_gluon_theory(tmp_path / "theory_gluon", "T")
    write_grid(tmp_path / "grids" / "T.pineappl.lz4", GLUON_BINS)
    write_grid(tmp_path / "grids" / "OTHER.pineappl.lz4", GLUON_BINS)
    report = check_theory(tmp_path / "theory_gluon", grids=tmp_path / "grids")
    (row,) = report.rows
    assert (row.reference, row.points, row.problems) == ("grid", 3, ())
    assert row.worst < 5e-4
    assert report.unused_grids == ("OTHER",)
    write_grid(tmp_path / "grids" / "T.pineappl.lz4", GLUON_BINS[:2])
    path = tmp_path / "theory_gluon" / "fastkernel" / "T.pineappl.lz4"
    scaled = Grid.read(str(path))
    scaled.scale(1.01)
    scaled.write_lz4(str(path))
    (row,) = check_theory(tmp_path / "theory_gluon", grids=tmp_path / "grids").rows
    assert "differs from its grid by" in row.problems[0]


def test_a_grid_that_cannot_be_used_fails_its_table(tmp_path):
    write_gluon_theory(tmp_path / "theory_gluon", "T", nodes=12)
    write_grid(tmp_path / "grids" / "T.pineappl.lz4", GLUON_BINS, hadrons=(211,))
    (row,) = check_theory(tmp_path / "theory_gluon", grids=tmp_path / "grids").rows
    assert "received the particle 211" in row.problems[0]


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("QED: 2", "no evolution with QED: 2"),
        ("FNS: FONLL-FFNS", "FNS: FONLL-FFNS"),
    ],
)
def test_what_cannot_be_compared_is_named(tmp_path, card, reason):
    folder = part_of("dis_nnlo", tmp_path / "mine", ("NNPDF_POS_F2U_40",))
    text = (folder / "theory.yaml").read_text()
    key = card.partition(":")[0]
    lines = [line for line in text.splitlines() if not line.startswith(f"{key}:")]
    (folder / "theory.yaml").write_text("\n".join([*lines, card]) + "\n")
    (row,) = check_theory(folder).rows
    assert (row.points, row.passed) == (0, True)
    assert reason.partition(" with ")[2] in row.notes[0] or reason in row.notes[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"tolerance": 0.0}, "positive tolerance"), ({"every": 0}, "every from 1"), ({"grids": Path("/")}, "grids")],
)
def test_bad_requests(arguments, message):
    with pytest.raises(TheoryError, match=message):
        check_theory(SHIPPED, **arguments)


def test_a_theory_without_tables(tmp_path):
    (tmp_path / "fastkernel").mkdir()
    (tmp_path / "theory.yaml").write_text("Q0: 1.65\n")
    with pytest.raises(TheoryError, match="expected FK tables .* there is none"):
        check_theory(tmp_path)


def test_theory_400_against_its_grids(shared_theories, tmp_path, monkeypatch):
    """The kernel of eko leaves what interpolation explains; ours shows its defect at small x."""
    grids = shared_theories.parent / "grids"
    monkeypatch.setattr(check, "DENSE_NODES", 71)
    light = part_of("400", tmp_path / "theory_light", ("NNPDF_POS_F2U_40",), path=shared_theories)
    (row,) = check_theory(light, grids=grids).rows
    assert (row.reference, row.passed) == ("grid", False)
    assert 0.02 < row.worst < 0.2
    monkeypatch.setattr(sharing, "EvolutionOperators", partial(sharing.EvolutionOperators, like_eko=True))
    folder = part_of("400", tmp_path / "theory_part", GRIDS, path=shared_theories)
    report = check_theory(folder, grids=grids, every=3, tolerance=4e-3)
    assert report.passed, [row.problems for row in report.rows]
    assert {row.reference for row in report.rows} == {"grid"}
    assert {dataset.name for dataset in report.datasets} == {
        "ATLAS_TTBAR_7TEV_TOT_X-SEC", "NNPDF_POS_2P24GEV_F2U",
    }  # fmt: skip
    assert "DYE866R_D" in {name for entry in report.incomplete for name in entry.missing}


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


def test_the_dense_grid_shares_no_node_with_the_tables():
    dense = standard_xgrid(check.DENSE_NODES, check.DENSE_XMIN)[:-1]
    nodes = standard_xgrid()
    assert np.min(np.abs(np.log(dense[:, None] / nodes))) > 1e-5


def test_the_manifest_is_readable_json():
    assert json.loads(Path(SHIPPED / "manifest.json").read_text())["versions"]["yadism"]
