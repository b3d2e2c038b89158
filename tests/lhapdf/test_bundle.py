"""Bundles of PDF sets of different alpha_s, and how they are read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support import set_library

from n3fit import api
from n3fit.errors import CommandLineError, DataError, OutputExistsError
from n3fit.lhapdf.alpha_members import alpha_members, error_member_count
from n3fit.lhapdf.bundle import bundle_sets
from n3fit.lhapdf.pdf_sets import PDFSet, load_pdf_set
from n3fit.lhapdf.set_check import check_set
from n3fit.theory.theory_card import TheoryCard

ALPHAS = {"central": 0.118, "lower": 0.117, "upper": 0.119}
SHIFTS = {"central": 0.0, "lower": -4e-3, "upper": 7e-3}
X, Q = 0.02, 10.0


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Three sets whose gluons differ by alpha_s."""
    for name, value in ALPHAS.items():
        set_library.write_set(tmp_path, name, card=TheoryCard(alphas=value), shift=SHIFTS[name])
    return tmp_path


def bundle(library: Path, name: str = "both_pdfas", **options: bool) -> PDFSet:
    sets = (PDFSet(library / entry) for entry in ("central", "lower", "upper"))
    return PDFSet(bundle_sets(name, *sets, output=library, **options))


def edit(path: Path, pattern: str, replacement: str) -> None:
    text, count = re.subn(pattern, replacement, path.read_text())
    assert count, pattern
    path.write_text(text)


def gluon(pdf: PDFSet, member: int, x: float = X) -> float:
    return float(pdf.xfx([21], x, Q, member)[0, 0])


def test_members_of_the_central_set_are_followed_by_two_of_another_alpha_s(library: Path) -> None:
    pdf = bundle(library)
    assert (pdf.members, pdf.info["ErrorType"], pdf.info["SetIndex"]) == (6, "replicas+as", 0)
    for number in range(4):
        copied, original = (library / name / f"{name}_000{number}.dat" for name in ("both_pdfas", "central"))
        assert copied.read_bytes() == original.read_bytes()
    for number, name in ((4, "lower"), (5, "upper")):
        assert gluon(pdf, number) == gluon(PDFSet(library / name), 0) != gluon(pdf, 0)
        header = pdf.member(number).header
        assert header.startswith("PdfType: central\nFormat: lhagrid1\nAlphaS_MZ: 0.11")
        assert header.count("AlphaS_Vals: [") == header.count("AlphaS_Qs: [") == 1
    central = PDFSet(library / "central").info
    changed = {key for key in pdf.info if pdf.info[key] != central[key]}
    assert changed == {"SetDesc", "NumMembers", "ErrorType"}
    assert "mem=4: alpha_s(MZ) = 0.117002, member 0 of lower; mem=5: alpha_s(MZ) = 0.119002" in pdf.info["SetDesc"]
    found = alpha_members(pdf)
    assert found is not None
    assert found.numbers == (4, 5)
    np.testing.assert_allclose(found.values, [0.117, 0.119], rtol=1e-4)


def test_check_passes_and_sees_the_members(library: Path) -> None:
    rows = {row.name: row for row in check_set(bundle(library))[0]}
    assert [row.name for row in rows.values() if row.passed is False] == []
    assert rows["alpha_s members"].passed is True
    assert rows["alpha_s members"].detail == ("alpha_s(MZ) 0.118002, 0.117002 in member 4 and 0.119002 in member 5")
    assert rows["central member"].passed is True


@pytest.mark.parametrize(
    ("pattern", "replacement", "row", "passed"),
    [
        (r"AlphaS_MZ: .*\n", "", "alpha_s members", None),
        (r"AlphaS_MZ: .*", "AlphaS_MZ: 0.1181", "alpha_s members", False),
        (r"AlphaS_Vals: \[0\.", "AlphaS_Vals: [0.9", "alpha_s", False),
        (r"AlphaS_MZ: .*", "AlphaS_MZ: low", "alpha_s members", False),
    ],
)
def test_check_finds_wrong_alpha_s(
    library: Path, pattern: str, replacement: str, row: str, passed: bool | None
) -> None:
    folder = bundle(library).folder
    edit(folder / "both_pdfas_0004.dat", pattern, replacement)
    found = {entry.name: entry.passed for entry in check_set(PDFSet(folder))[0]}
    assert found[row] is passed


def test_members_of_another_alpha_s_are_kept_out_of_mean_and_deviation(library: Path) -> None:
    """Against numbers from the members by hand."""
    pdf = bundle(library)
    alone = api.open_ensemble(library / "central").at(Q)
    shot = api.open_ensemble(pdf.folder).at(Q)
    np.testing.assert_array_equal(shot.members, alone.members)
    x = np.array([X])
    np.testing.assert_array_equal(shot.band("g", x).deviation, alone.band("g", x).deviation)
    np.testing.assert_array_equal(shot.band("g", x).high, alone.band("g", x).high)


@pytest.mark.parametrize(("error", "ratio"), [(None, 1.0), (0.0015, 1.5), (0.0, 0.0)])
def test_combined_uncertainty_is_the_quadratic_sum(library: Path, error: float | None, ratio: float) -> None:
    pdf = bundle(library)
    shot = api.open_ensemble(pdf.folder).on_nodes(np.array([X]), Q)
    band = shot.combined_band("g", alpha_s_error=error)
    replicas = [gluon(pdf, number) for number in (1, 2, 3)]
    of_pdf = np.std(replicas, ddof=1)
    of_alpha_s = ratio * (gluon(pdf, 5) - gluon(pdf, 4)) / 2
    assert ratio == 0 or abs(of_alpha_s) > of_pdf
    assert band.central[0] == pytest.approx(gluon(pdf, 0), rel=1e-6)
    assert band.deviation[0] == pytest.approx(np.hypot(of_pdf, of_alpha_s), rel=1e-4)
    low, high = np.percentile(replicas, [16, 84])
    assert band.low[0] == pytest.approx(gluon(pdf, 0) - np.hypot(gluon(pdf, 0) - low, of_alpha_s), rel=1e-5)
    assert band.high[0] == pytest.approx(gluon(pdf, 0) + np.hypot(high - gluon(pdf, 0), of_alpha_s), rel=1e-5)


def test_hessian_bundle(library: Path) -> None:
    edit(library / "central" / "central.info", "ErrorType: replicas", "ErrorType: symmhessian\nErrorConfLevel: 90")
    pdf = bundle(library)
    assert (pdf.info["ErrorType"], error_member_count(pdf)) == ("symmhessian+as", 3)
    band = api.open_ensemble(pdf.folder).at(Q).combined_band("g", np.array([X]))
    shifts = [gluon(pdf, number) - gluon(pdf, 0) for number in (1, 2, 3)]
    expected = np.hypot(np.sqrt(np.sum(np.square(shifts))) / 1.6448536, (gluon(pdf, 5) - gluon(pdf, 4)) / 2)
    np.testing.assert_allclose([band.deviation[0], band.high[0] - band.central[0]], expected, rtol=1e-3)


def test_nodes_of_the_ensemble_carry_the_alpha_s_members(library: Path) -> None:
    x = np.geomspace(1e-3, 0.5, 7)
    shot = api.open_ensemble(bundle(library).folder).at(Q)
    np.testing.assert_allclose(
        shot.on_nodes(x).combined_band("g").deviation, shot.combined_band("g", x).deviation, rtol=1e-12
    )


def test_sets_that_cannot_be_combined(library: Path) -> None:
    shot = api.open_ensemble(library / "central").at(Q)
    with pytest.raises(CommandLineError, match="central: expected a set with members of another alpha_s"):
        shot.combined_band("g")
    folder = bundle(library).folder
    assert api.open_ensemble(folder, members=[1, 2]).at(Q).alpha_s is None
    with pytest.raises(CommandLineError, match=r"expected a number that is not negative, received -0\.001"):
        api.open_ensemble(folder).at(Q).combined_band("g", alpha_s_error=-0.001)
    edit(folder / "both_pdfas_0005.dat", r"AlphaS_MZ: .*\n", "")
    unknown = api.open_ensemble(folder).at(Q)
    assert unknown.combined_band("g").deviation.max() > 0
    with pytest.raises(CommandLineError, match="expected members with AlphaS_MZ in their headers"):
        unknown.combined_band("g", alpha_s_error=0.001)


NEOPDF = """
import json, sys, neopdf
members = [neopdf.pdf.PDF.mkPDF("both_pdfas", number) for number in range(6)]
json.dump([member.xfxQ2(21, 0.02, 100.0) for member in members], sys.stdout)
"""


def test_neopdf_reads_the_bundle_by_its_name(library: Path) -> None:
    """In a process of its own: neopdf ends its process when it cannot read a set."""
    pytest.importorskip("neopdf")
    pdf = bundle(library)
    environment = os.environ | {"NEOPDF_DATA_PATH": str(library), "LHAPDF_DATA_PATH": str(library)}
    done = subprocess.run([sys.executable, "-c", NEOPDF], capture_output=True, text=True, check=True, env=environment)
    np.testing.assert_allclose(json.loads(done.stdout), [gluon(pdf, number) for number in range(6)], rtol=1e-3)


def test_parton_reads_alpha_s_of_the_members(library: Path) -> None:
    parton = pytest.importorskip("parton.pdf")
    pdf = bundle(library)
    found = [parton.PDFMember(parton.PDFSet(pdf.name, pdfdir=str(library)), number).load()[0] for number in (4, 5)]
    assert [meta["PdfType"] for meta in found] == ["central", "central"]
    np.testing.assert_allclose([meta["AlphaS_MZ"] for meta in found], [0.117, 0.119], rtol=1e-4)


@pytest.mark.parametrize(
    ("name", "pattern", "replacement", "message"),
    [
        ("lower", "AlphaS_MZ: .*", "AlphaS_MZ: 0.1185", r"increases from lower to central .* received 0\.1185,"),
        ("upper", "AlphaS_MZ: .*\n", "", r"received 0\.117002, 0\.118002 and nan"),
        ("upper", "OrderQCD: 2", "OrderQCD: 1", "to differ from central by alpha_s alone, received OrderQCD 1 instead"),
        ("lower", "MBottom: .*", "MBottom: 4.75", r"MBottom 4\.75 instead of 4\.92 \(fit and evolve all of them with"),
        ("lower", "Particle: 2212", "Particle: 2112", "PDFs of the neutron instead of PDFs of the proton"),
        ("central", "ErrorType: .*", "ErrorType: unknown", "with error members and no others, .* received 'unknown'"),
        ("central", "ErrorType: .*", "ErrorType: replicas+as", "received 'replicas\\+as' and 4 members"),
        ("central", "NumMembers: 4", "NumMembers: 7", "central_0004.dat: missing"),
    ],
)  # fmt: skip
def test_sets_that_do_not_belong_together(
    library: Path, name: str, pattern: str, replacement: str, message: str
) -> None:
    edit(library / name / f"{name}.info", pattern, replacement)
    with pytest.raises(DataError, match=message):
        bundle(library)
    assert not (library / "both_pdfas").exists()


@pytest.mark.parametrize(
    ("pattern", "replacement", "message"),
    [
        (r"\n1\.65 ", "\n1.66 ", r"4 nodes in Q from 1\.66 to 4\.92 in subgrid 0 instead of 4 from 1\.65 to 4\.92"),
        (r"-5 -4 ", "-4 -5 ", r"flavours \(-6, -4, -5, .*\) instead of \(-6, -5, -4, "),
        (r"(?s)\n---\n(?:(?!\n---\n).)+\n---\n\Z", "\n---\n", r"1 subgrids instead of 2"),
    ],
    ids=["nodes", "flavours", "subgrids"],
)
def test_other_grids_are_refused(library: Path, pattern: str, replacement: str, message: str) -> None:
    edit(library / "upper" / "upper_0000.dat", pattern, replacement)
    with pytest.raises(DataError, match=f"received {message}"):
        bundle(library)


def test_steps_of_different_size_are_named(library: Path, caplog: pytest.LogCaptureFixture) -> None:
    bundle(library)
    assert caplog.records == []
    set_library.write_set(library, "further", card=TheoryCard(alphas=0.121))
    sets = (PDFSet(library / name) for name in ("central", "lower", "further"))
    bundle_sets("uneven", *sets, output=library)
    (record,) = caplog.records
    assert "alpha_s(MZ) is 0.00100004 below and 0.003000" in record.getMessage()


def test_existing_set_and_name(library: Path) -> None:
    bundle(library)
    with pytest.raises(OutputExistsError, match="both_pdfas"):
        bundle(library)
    assert bundle(library, force=True).members == 6
    with pytest.raises(CommandLineError, match="expected a name of letters"):
        bundle(library, name="two words")


def test_entries_of_other_origins_stay(library: Path) -> None:
    """Lists, mappings, truth values and words that YAML could take for something else."""
    info = library / "central" / "central.info"
    lines = 'Reference: "1234"\nAuthors: [A. One, B. Two]\nNote: {kind: test, on: "yes"}\nPrivate: true\nEmpty: null\n'
    edit(info, "Authors: .*\n", lines)
    before, after = PDFSet(library / "central").info, bundle(library).info
    for key in ("Reference", "Authors", "Note", "Private", "Empty", "AlphaS_Vals", "Flavors"):
        assert after[key] == before[key], key
        assert type(after[key]) is type(before[key])


def test_default_folder_is_that_of_the_user(library: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("N3FIT_DATA_DIR", str(tmp_path / "data"))
    written = api.bundle_pdf("mine", library / "central", "lower", "upper", pdf_path=library)
    assert written == (tmp_path / "data" / "pdf_sets" / "mine").resolve()
    assert load_pdf_set("mine").members == 6
    with pytest.raises(DataError, match="'lowest' is not in any of"):
        api.bundle_pdf("other", "central", "lowest", "upper", pdf_path=library)
