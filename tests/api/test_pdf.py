"""Listing, describing and checking PDF sets."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import set_library

from n3fit import api
from n3fit.errors import DataError

EMBEDDED = "n3fit_dis_t0"
PEER = Path(__file__).parents[3] / "shared" / "peer" / "lhapdf"


@pytest.fixture(autouse=True)
def no_other_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("N3FIT_PDF_PATH", "LHAPDF_DATA_PATH"):
        monkeypatch.delenv(variable, raising=False)


def test_list_has_the_embedded_set_and_broken_ones(tmp_path: Path) -> None:
    for name, info in (("no_members", "SetDesc: a\n"), ("no_file", "NumMembers: 3\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.info").write_text(info)
    (tmp_path / "no_info").mkdir()
    (tmp_path / "no_info" / "no_info_0000.dat").write_text("")
    (tmp_path / "not_a_set").mkdir()
    folder = set_library.write_set(tmp_path, "incomplete")
    (folder / "incomplete_0002.dat").unlink()
    found = {one.name: one for one in api.list_pdfs(pdf_path=tmp_path)}
    assert list(found) == ["incomplete", EMBEDDED, "no_file", "no_info", "no_members"]
    whole = found[EMBEDDED]
    assert (whole.members, whole.error_type, whole.x_min, whole.q_min, whole.q_max) == (1, "unknown", 1e-9, 1.65, 100.0)
    assert whole.problem == ""
    assert "expected a positive integer for NumMembers" in found["no_members"].problem
    assert found["no_file"].problem.endswith("3 of 3 members are missing, the first is no_file_0000.dat")
    assert found["incomplete"].problem.endswith("1 of 4 members are missing, the first is incomplete_0002.dat")
    assert "no_info.info: missing" in found["no_info"].problem


def test_first_set_of_a_name_hides_the_others(tmp_path: Path) -> None:
    (tmp_path / EMBEDDED).mkdir()
    (tmp_path / EMBEDDED / f"{EMBEDDED}.info").write_text("NumMembers: 1\n")
    (one,) = api.list_pdfs(pdf_path=tmp_path)
    assert one.folder == tmp_path / EMBEDDED
    assert one.problem


def test_description_of_the_embedded_set() -> None:
    one = api.describe_pdf(EMBEDDED)
    assert (one.order, one.members, one.authors, len(one.flavours)) == ("NNLO", 1, "made with n3fit", 14)
    assert one.alpha_s_mz == pytest.approx(0.118, abs=1e-5)
    assert [(grid.x_nodes, grid.q_min, grid.q_max) for grid in one.subgrids] == [(196, 1.65, 4.92), (196, 4.92, 100.0)]
    assert sum(grid.q_nodes for grid in one.subgrids) == one.alpha_s_nodes


def test_a_set_is_named_by_its_folder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_library.write_set(tmp_path / "fit", "TOY", replicas=2)
    monkeypatch.chdir(tmp_path)
    for source in (tmp_path / "fit" / "TOY", "fit/TOY"):
        described = api.describe_pdf(source)
        assert (described.name, described.folder, described.members) == ("TOY", tmp_path / "fit" / "TOY", 3)
        assert api.check_pdf(source).folder == tmp_path / "fit" / "TOY"
    with pytest.raises(DataError, match="fit/OTHER"):
        api.describe_pdf("fit/OTHER")


def test_embedded_set_passes_its_check() -> None:
    found = api.check_pdf(EMBEDDED)
    assert found.passed, found
    assert max(row.deviation for row in found.sum_rules) < 2e-3
    coupling = next(row for row in found.rows if row.name == "alpha_s")
    assert float(coupling.detail.split("nodes, ")[1].split(" from")[0]) < 1e-5


def test_tolerance_is_that_of_the_sum_rules() -> None:
    found = api.check_pdf(EMBEDDED, tolerance=1e-7)
    assert not found.passed
    assert [row.name for row in found.rows if row.passed is False] == ["sum rules"]


def test_unknown_set_is_refused_with_the_nearest() -> None:
    for function in (api.describe_pdf, api.check_pdf):
        with pytest.raises(DataError, match="n3fit_dis_t9") as caught:
            function("n3fit_dis_t9")
        assert f"did you mean '{EMBEDDED}'" in caught.value.hint


@pytest.mark.skipif(not (PEER / "TOYLH_nnlo").is_dir(), reason="needs a set that n3fit did not write")
def test_set_of_another_code_passes() -> None:
    assert api.check_pdf("TOYLH_nnlo", pdf_path=str(PEER)).passed
