"""PDF sets in the LHAPDF format, against closed forms and against the reader of another project."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from n3fit.errors import DataError
from n3fit.lhapdf.pdf_sets import PDFSet, available_sets, find_sets, load_pdf_set, search_folders

PIDS = (-2, -1, 21, 1, 2)
KNOTS_X = np.append(np.geomspace(1e-7, 0.1, 30), np.linspace(0.15, 1.0, 20))
INFO = """\
SetDesc: "toy: a test"
SetIndex: 1
Authors: none
Format: lhagrid1
DataVersion: 1
NumMembers: {members}
Particle: 2212
Flavors: [-2, -1, 21, 1, 2]
OrderQCD: 2
NumFlavors: 5
ErrorType: replicas
XMin: 1.0e-07
XMax: 1.0
QMin: 1.65
QMax: 10000.0
MZ: 91.1876
MCharm: 1.51
MBottom: 4.92
MTop: 172.5
AlphaS_MZ: 0.118
AlphaS_OrderQCD: 2
AlphaS_Qs: [1.65, 4.92, 4.92, 10000.0]
AlphaS_Vals: [0.33, 0.21, 0.21, 0.07]
"""
BELOW, ABOVE = np.array([1.65, 2.5, 3.5, 4.92]), np.geomspace(4.92, 1e4, 12)


def toy(pid: int, x: np.ndarray, q: float) -> np.ndarray:
    """Return x f: smooth, different for every flavour, and with a step at the threshold."""
    step = 0.1 if q >= 4.92 else 0.0
    return np.asarray(
        (abs(pid) + step) * x**0.3 * (1.0 - x) ** 3 * (1.0 + 0.2 * np.log(q)) + 0.01 * np.sign(pid) * (1 - x)
    )


def write_set(folder: Path, name: str, *, members: int = 2, function=toy) -> Path:
    home = folder / name
    home.mkdir(parents=True)
    (home / f"{name}.info").write_text(INFO.format(members=members))
    for member in range(members):
        text = ["PdfType: central", "Format: lhagrid1", "---"]
        for knots in (BELOW, ABOVE):
            text += [" ".join(f"{value:.12e}" for value in axis) for axis in (KNOTS_X, knots)]
            text.append(" ".join(map(str, PIDS)))
            # The subgrid below the threshold ends with the values from below.
            scales = [min(q, 4.92 - 1e-9) if knots is BELOW else q for q in knots]
            for x in KNOTS_X:
                for q in scales:
                    text.append(" ".join(f"{(1 + member) * float(function(pid, x, q)):.14e}" for pid in PIDS))
            text.append("---")
        (home / f"{name}_{member:04d}.dat").write_text("\n".join(text) + "\n")
    return home


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pdfs")
    write_set(folder, "TOY_test")
    return folder


def test_knots_are_exact_and_points_between_them_close(library) -> None:
    pdf = load_pdf_set("TOY_test", [library])
    assert (pdf.name, pdf.members) == ("TOY_test", 2)
    for q in (1.65, 3.5, 4.92, 1e4):
        expected = np.array([toy(pid, KNOTS_X, q) for pid in PIDS])
        np.testing.assert_allclose(pdf.xfx(PIDS, KNOTS_X, q), expected, rtol=1e-9, atol=1e-12)
    x = np.geomspace(2e-7, 0.9, 57)
    for q in (1.7, 3.0, 4.9, 5.0, 91.2):
        expected = np.array([toy(pid, x, q) for pid in PIDS])
        np.testing.assert_allclose(pdf.xfx(PIDS, x, q), expected, rtol=5e-3, atol=1e-4)


def test_integers_of_the_info_file_are_integers(library) -> None:
    info = load_pdf_set("TOY_test", [library]).info
    integers = ("SetIndex", "DataVersion", "NumMembers", "Particle", "OrderQCD", "NumFlavors", "AlphaS_OrderQCD")
    assert [type(info[key]) for key in integers] == [int] * 7
    assert [type(flavour) for flavour in info["Flavors"]] == [int] * 5
    assert [type(info[key]) for key in ("XMin", "XMax", "QMin", "MZ")] == [float] * 4


@pytest.mark.parametrize("members", ["2.0", "true", "0", "-1", "two", ""])
def test_number_of_members_must_be_a_positive_integer(tmp_path, members) -> None:
    write_set(tmp_path, "BAD", members=0)
    (tmp_path / "BAD" / "BAD.info").write_text(INFO.replace("{members}", members))
    with pytest.raises(DataError, match=r"BAD\.info: expected a positive integer for NumMembers"):
        load_pdf_set("BAD", [tmp_path])


def test_interpolation_is_exact_for_straight_lines_in_the_logarithms(tmp_path) -> None:
    write_set(tmp_path, "LINES", function=lambda pid, x, q: pid * (2.0 + 0.1 * np.log(x)) * (1.0 + 0.3 * np.log(q)))
    x = np.geomspace(1.5e-7, 0.99, 40)
    values = load_pdf_set("LINES", [tmp_path]).xfx([21, 1], x, 33.0)
    expected = np.array([[21.0], [1.0]]) * (2.0 + 0.1 * np.log(x)) * (1.0 + 0.3 * np.log(33.0))
    np.testing.assert_allclose(values, expected, rtol=1e-10)


def read_with_neopdf(path: Path, pids: Sequence[int], x: np.ndarray, scales: Sequence[float]) -> np.ndarray:
    """Return x f (nq, npids, nx) from neopdf, in a process of its own: a file that it cannot read ends the process."""
    pytest.importorskip("neopdf")
    code = (
        "import json, sys, neopdf\n"
        "path, pids, x, scales = json.load(sys.stdin)\n"
        "pdf = neopdf.pdf.PDF.mkPDF_lhapdf_file(path)\n"
        "json.dump([[[pdf.xfxQ2(pid, v, q * q) for v in x] for pid in pids] for q in scales], sys.stdout)\n"
    )
    request = json.dumps([str(path), list(pids), x.tolist(), list(scales)])
    done = subprocess.run([sys.executable, "-c", code], input=request, capture_output=True, text=True, check=True)
    return np.array(json.loads(done.stdout))


def test_interpolation_equals_another_reader(library) -> None:
    scales = (1.65, 2.2, 4.8, 5.1, 91.2, 9e3)
    x = np.geomspace(1.1e-7, 0.97, 23)
    expected = read_with_neopdf(library / "TOY_test" / "TOY_test_0001.dat", PIDS, x, scales)
    pdf = load_pdf_set("TOY_test", [library])
    values = np.array([pdf.xfx(PIDS, x, q, member=1) for q in scales])
    np.testing.assert_allclose(values, expected, rtol=1e-10, atol=1e-14)


def test_toy_of_the_peer_equals_another_reader() -> None:
    folder = Path(__file__).parents[3] / "shared" / "peer" / "lhapdf"
    if not folder.is_dir():
        pytest.skip("the shared folder with the PDF set TOYLH_nnlo is not there")
    pdf = load_pdf_set("TOYLH_nnlo", [folder])
    pids, scales = [-5, -4, -3, -2, -1, 21, 1, 2, 3, 4, 5], (1.65, 4.0, 10.0, 91.2)
    x = np.geomspace(2e-7, 0.97, 31)
    expected = read_with_neopdf(pdf.folder / "TOYLH_nnlo_0000.dat", pids, x, scales)
    np.testing.assert_allclose(np.array([pdf.xfx(pids, x, q) for q in scales]), expected, rtol=1e-10, atol=1e-13)


def test_gluon_is_also_zero_and_missing_flavours_vanish(library) -> None:
    values = load_pdf_set("TOY_test", [library]).xfx([0, 21, 22, 5], [0.1, 0.2], 10.0)
    np.testing.assert_array_equal(values[0], values[1])
    assert not values[2:].any()


def test_threshold_belongs_to_the_subgrid_above(library) -> None:
    pdf = load_pdf_set("TOY_test", [library])
    above, below = pdf.xfx([2], [0.1], 4.92)[0, 0], pdf.xfx([2], [0.1], 4.92 * (1 - 1e-9))[0, 0]
    assert above == pytest.approx(float(toy(2, np.array(0.1), 4.92)), rel=1e-3)
    assert above - below == pytest.approx(
        float(toy(2, np.array(0.1), 4.92) - toy(2, np.array(0.1), 4.919999)), rel=1e-2
    )


@pytest.mark.parametrize(
    ("x", "q"), [(0.0, 10.0), (-0.1, 10.0), (1.1, 10.0), (np.nan, 10.0), (0.1, 1.0), (0.1, 2e4), (0.1, np.nan)]
)
def test_points_outside_the_grid_are_refused(library, x, q) -> None:
    with pytest.raises(DataError, match=r"TOY_test_0000.dat: .* requested, the grid has"):
        load_pdf_set("TOY_test", [library]).xfx([21], [x], q)


def test_rounding_at_the_edges_is_forgiven(library) -> None:
    pdf = load_pdf_set("TOY_test", [library])
    inside = pdf.xfx([1], [1e-7, 1.0], 1.65)
    np.testing.assert_array_equal(pdf.xfx([1], [1e-7 * (1 - 1e-9), 1.0 + 1e-9], 1.65 * (1 - 1e-9)), inside)


def test_folders_are_searched_in_order(tmp_path, library, monkeypatch) -> None:
    write_set(tmp_path / "first", "TOY_test", members=1)
    write_set(tmp_path / "second", "OTHER_set", members=1)
    monkeypatch.setenv("N3FIT_PDF_PATH", f"{tmp_path / 'second'}:")
    monkeypatch.setenv("LHAPDF_DATA_PATH", str(library))
    assert load_pdf_set("TOY_test").members == 2
    assert load_pdf_set("TOY_test", [tmp_path / "first"]).members == 1
    assert {"OTHER_set", "TOY_test"} <= set(available_sets())
    assert search_folders([tmp_path])[:3] == [tmp_path, tmp_path / "second", library]


def test_a_set_in_the_working_directory_is_told_with_the_option(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_set(tmp_path / "my fit" / "postfit", "my fit", members=1)
    for name in ("my fit", "my fit/postfit/my fit"):
        with pytest.raises(DataError, match="is not in any of") as caught:
            load_pdf_set(name)
        assert (
            caught.value.hint == "it is in my fit/postfit: name it my fit, with the option --pdf-path 'my fit/postfit'"
        )


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\n".join(f"  {line}\t" for line in text.splitlines()) + "\n",
        lambda text: text.replace("\n---\n", "\n ---\n").replace("\n ---\n", "\n---\n", 1),
        lambda text: text.replace("---\n", "---\n# block of M\u00fcller\n\n").removesuffix(
            "# block of M\u00fcller\n\n"
        ),
        lambda text: text.replace("Format: lhagrid1\n", ""),
        lambda text: text.replace("Format: lhagrid1\n", "Format: 'lhagrid1'\nComment: |\n  of two\n  lines\n"),
        lambda text: text.replace("\n", "\r\n"),
    ],
    ids=["blanks", "separators", "comments", "no format", "longer header", "Windows"],
)
def test_forms_that_lhapdf_reads(library, tmp_path, change) -> None:
    home = write_set(tmp_path, "TOY_test")
    path = home / "TOY_test_0000.dat"
    changed = change(path.read_text())
    assert changed != path.read_text()
    path.write_bytes(changed.encode("latin-1"))
    for mine, plain in zip(
        load_pdf_set("TOY_test", [tmp_path]).member(0).subgrids,
        load_pdf_set("TOY_test", [library]).member(0).subgrids,
        strict=True,
    ):
        for name in ("x", "q", "values"):
            np.testing.assert_array_equal(getattr(mine, name), getattr(plain, name))


def test_subgrids_with_a_gap(tmp_path) -> None:
    """nnpdf before 4.1 wrote sets whose subgrids do not meet at the bottom mass."""
    home = write_set(tmp_path, "GAP")
    path = home / "GAP_0000.dat"
    text = path.read_text()
    above = " ".join(f"{value:.12e}" for value in ABOVE)
    path.write_text(text.replace(above, above.replace(f"{4.92:.12e}", f"{5.55:.12e}")))
    pdf = load_pdf_set("GAP", [tmp_path])
    expected = [toy(pid, KNOTS_X, 1.65) for pid in PIDS]
    np.testing.assert_allclose(pdf.xfx(PIDS, KNOTS_X, 1.65), expected, rtol=1e-9, atol=1e-12)
    assert np.isfinite(pdf.xfx(PIDS, KNOTS_X, 91.2)).all()
    assert pdf.member(0).subgrid(4.92).q[-1] == 4.92
    with pytest.raises(DataError, match=r"GAP_0000.dat: Q = 5.2 GeV requested, the grid has nothing from 4.92 to 5.55"):
        pdf.xfx(PIDS, KNOTS_X, 5.2)


def test_subgrids_that_overlap_are_refused(tmp_path) -> None:
    path = write_set(tmp_path, "OVER") / "OVER_0000.dat"
    above = " ".join(f"{value:.12e}" for value in ABOVE)
    path.write_text(path.read_text().replace(above, above.replace(f"{4.92:.12e}", f"{4.0:.12e}")))
    with pytest.raises(DataError, match="subgrids overlap: one ends at Q = 4.92, the next starts at 4.0"):
        load_pdf_set("OVER", [tmp_path]).member(0)


def test_below_the_grid_a_power_law_or_a_straight_line_continues_it(tmp_path, caplog) -> None:
    """Of x f in log x: a power law stays one; where x f is below 1e-3, or negative, it is a straight line."""

    def falling(pid: int, x: np.ndarray, q: float) -> np.ndarray:
        return np.asarray(x**-0.3 if pid == 21 else pid * (1e-4 + 2e-6 * np.log(x)))

    write_set(tmp_path, "SHORT", function=falling)
    pdf = load_pdf_set("SHORT", [tmp_path])
    assert not caplog.records
    x = np.array([1e-9, 3e-8, 1e-7, 1e-3])
    for q in (1.65, 3.0, 91.2):
        values = pdf.xfx([21, 1, -2], x, q)
        np.testing.assert_allclose(values[0, :3], x[:3] ** -0.3, rtol=1e-9)
        np.testing.assert_allclose(values[1, :3], falling(1, x[:3], q), rtol=1e-6)
        np.testing.assert_allclose(values[2, :3], falling(-2, x[:3], q), rtol=1e-6)
    (record,) = caplog.records
    assert record.getMessage() == (
        "the PDF set SHORT ends at x = 1e-07: at smaller x, down to 1e-09, it is continued as LHAPDF does"
    )


def test_continuation_uses_the_two_lowest_knots_alone(library) -> None:
    pdf = load_pdf_set("TOY_test", [library])
    low, high = (float(pdf.xfx([2], [x], 10.0)[0, 0]) for x in KNOTS_X[:2])
    x = 1e-9
    power = np.log(high / low) / np.log(KNOTS_X[1] / KNOTS_X[0])
    assert pdf.xfx([2], [x], 10.0)[0, 0] == pytest.approx(low * (x / KNOTS_X[0]) ** power, rel=1e-12)


def test_single_member_as_a_set(library) -> None:
    whole, one = load_pdf_set("TOY_test", [library]), load_pdf_set("TOY_test/1", [library])
    assert (one.name, one.members, one.info["NumMembers"]) == ("TOY_test/1", 1, 2)
    np.testing.assert_array_equal(one.xfx(PIDS, KNOTS_X, 10.0), whole.xfx(PIDS, KNOTS_X, 10.0, member=1))
    assert one.member_path(0).name == "TOY_test_0001.dat"
    with pytest.raises(DataError, match="member 1 requested, the set has 1 members"):
        one.member(1)
    with pytest.raises(DataError, match=r"TOY_test/2: member 2 requested, the set has 2 members \(0 to 1\)"):
        load_pdf_set("TOY_test/2", [library])
    with pytest.raises(DataError, match="the PDF set 'TOY_tst' is not in any of .*did you mean 'TOY_test'"):
        load_pdf_set("TOY_tst/1", [library])


def test_numbers_of_lhapdf(tmp_path) -> None:
    write_set(tmp_path, "TOY_test")
    with pytest.raises(DataError, match=r"the PDF set 331101: a number \(LHAID\) needs the file pdfsets.index"):
        load_pdf_set("331101", [tmp_path])
    (tmp_path / "pdfsets.index").write_text("10000 OTHER 1\n331100 TOY_test 1\n\n400000 LATER 2\n")
    assert [load_pdf_set(name, [tmp_path]).name for name in ("331100", "331101")] == ["TOY_test", "TOY_test/1"]
    with pytest.raises(DataError, match="member 2 requested, the set has 2"):
        load_pdf_set("331102", [tmp_path])
    with pytest.raises(DataError, match="the PDF set 'LATER' is not in any of"):
        load_pdf_set("400003", [tmp_path])
    with pytest.raises(DataError, match=r"pdfsets.index: there is no PDF set with the number \(LHAID\) 7"):
        load_pdf_set("7", [tmp_path])


def test_letters_outside_utf_8_in_the_info_file(tmp_path) -> None:
    home = write_set(tmp_path, "TOY_test")
    text = (home / "TOY_test.info").read_text().replace("Authors: none", "Authors: M\u00fcller")
    (home / "TOY_test.info").write_bytes(text.encode("latin-1"))
    assert load_pdf_set("TOY_test", [tmp_path]).info["Authors"].endswith("ller")


def test_sets_of_an_installation_of_lhapdf(tmp_path, monkeypatch) -> None:
    write_set(tmp_path / "share" / "LHAPDF", "INSTALLED")
    monkeypatch.setenv("CONDA_PREFIX", str(tmp_path))
    assert load_pdf_set("INSTALLED").members == 2


def test_pointer_is_named_as_such(tmp_path) -> None:
    home = write_set(tmp_path, "TOY_test")
    (home / "TOY_test_0001.dat").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(DataError, match=r"TOY_test_0001\.dat: a Git-LFS pointer") as caught:
        load_pdf_set("TOY_test", [tmp_path]).member(1)
    assert "git lfs pull" in caught.value.hint
    (home / "TOY_test.info").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(DataError, match=r"TOY_test\.info: a Git-LFS pointer"):
        load_pdf_set("TOY_test", [tmp_path])


def test_sets_are_found_once_complete_or_not(tmp_path, library) -> None:
    (tmp_path / "TOY_half").mkdir()
    (tmp_path / "TOY_half" / "TOY_half_0000.dat").write_text("broken off")
    (tmp_path / "no_set").mkdir()
    (tmp_path / "no_set" / "other.info").write_text("")
    write_set(tmp_path, "TOY_test", members=1)
    found = [folder for folder in find_sets([tmp_path, tmp_path / "missing", library]) if "TOY" in folder.name]
    assert found == [tmp_path / "TOY_half", tmp_path / "TOY_test"]
    assert find_sets([library])[0] == library / "TOY_test"  # capital letters come first


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- NumMembers\n", "expected a mapping such as `NumMembers: 101`, received list"),
        ("NumMembers: 1\nFormat: lhagrid2\n", "expected the format lhagrid1, received 'lhagrid2'"),
    ],
)
def test_info_files_of_another_form_are_refused(tmp_path, text, message) -> None:
    (tmp_path / "SET").mkdir()
    (tmp_path / "SET" / "SET.info").write_text(text)
    with pytest.raises(DataError, match=rf"SET\.info: {message}"):
        PDFSet(tmp_path / "SET")
