"""Chi2 of PDF sets, compared with sums made of pineappl, the readers of the data library and numpy alone."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pineappl.fk_table import FkTable

from n3fit import api
from n3fit.data.library import library_folder, metadata_file
from n3fit.errors import CommandLineError, OutputExistsError, RuncardError
from n3fit.lhapdf.pdf_sets import PDFSet, load_pdf_set
from n3fit.storage import CACHE_VARIABLE
from n3fit.theory.theory_folders import EMBEDDED_FOLDER

SHARED = Path(__file__).parents[3] / "shared"
TOY = SHARED / "peer" / "lhapdf" / "TOYLH_nnlo"
HERA = ("HERA_CC_318GEV_EM-SIGMARED", "legacy")
SLAC = ("SLAC_NC_NOTFIXED_P_EM-F2", "legacy_dw")
NMC = ("NMC_NC_NOTFIXED_EM-F2", "legacy_dw")
ATLAS = ("ATLAS_Z0_7TEV_46FB_CC-Y", "legacy")
ALONE = {"UNCORR", "THEORYUNCORR"}


@pytest.fixture(scope="module", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def hessian_set(toy_pdf_sets: Path, tmp_path: Path) -> Path:
    """The toy with two pairs of error members at 90 %: 1 +- 0.1 and 1 +- 0.05 times the central one."""
    home = tmp_path / "sets" / "pair"
    home.mkdir(parents=True)
    info = (toy_pdf_sets / "toy" / "toy.info").read_text().replace("NumMembers: 1", "NumMembers: 5")
    (home / "pair.info").write_text(f"{info}ErrorType: hessian\nErrorConfLevel: 90\n")
    head, knots, _ = (toy_pdf_sets / "toy" / "toy_0000.dat").read_text().split("---\n")
    lines = knots.splitlines()
    values = np.array([[float(word) for word in line.split()] for line in lines[3:]])
    for member, factor in enumerate((1.0, 1.1, 0.9, 1.05, 0.95)):
        rows = "\n".join(" ".join(f"{value:.10e}" for value in row) for row in factor * values)
        text = "\n".join(lines[:3])
        (home / f"pair_{member:04d}.dat").write_text(f"{head}---\n{text}\n{rows}\n---\n")
    return home.parent


def write_card(path: Path, datasets: Any, *, theory: Any, t0: str = "toy", more: str = "") -> Path:
    entries = "\n".join(f"- {{dataset: {name}, variant: {variant}}}" for name, variant in datasets)
    path.write_text(f"dataset_inputs:\n{entries}\ndatacuts: {{t0pdfset: {t0}}}\ntheory: {{theoryid: {theory}}}\n{more}")
    return path


def plain_predictions(metadata: Any, folder: Path, pdf: PDFSet, member: int = 0) -> np.ndarray:
    """Return the predictions of all points of a data set, convoluted by pineappl."""

    @cache
    def xfx(pid: int, x: float, q2: float) -> float:
        return float(pdf.xfx([pid], [x], np.sqrt(q2), member)[0, 0])

    operands = []
    for names in metadata.theory.FK_tables:
        tables = [FkTable.read(str(folder / f"{name}.pineappl.lz4")) for name in names]
        parts = [table.convolve(table.convolutions, [xfx] * len(table.convolutions)) for table in tables]
        operands.append(np.concatenate(parts))
    with np.errstate(invalid="ignore"):  # rows below the cuts may have no theory
        ratio = operands[0] / operands[-1]
    return ratio if len(operands) == 2 else operands[0] * metadata.theory.conversion_factor


def plain_chi2(name: str, variant: str, folder: Path, pdf: PDFSet, t0: PDFSet, member: int = 0) -> dict[str, float]:
    """Return chi2 by covariance, of a data set without default cuts but those on Q2 and W2."""
    from nnpdf_data.commondataparser import load_commondata, parse_new_metadata

    metadata = parse_new_metadata(metadata_file(name, library_folder()), name.rpartition("_")[2], variant)
    data = load_commondata(metadata)
    keep = np.ones(data.ndata, dtype=bool)
    if "DIS" in str(metadata.process_type):
        kinematics = metadata.load_kinematics(fill_to_three=False)
        x, q2 = (kinematics.xs(key, axis=1, level=0).iloc[:, 0].to_numpy(float) for key in ("x", "Q2"))
        keep = (q2 > 3.49) & (q2 * (1 - x) / x > 12.5)
    residuals = (plain_predictions(metadata, folder, pdf, member) - data.get_cv())[keep]
    central = {"experimental": data.get_cv(), "t0": plain_predictions(metadata, folder, t0)}
    chi2 = {}
    for covariance, values in central.items():
        shifts = data.systematic_errors(values)
        matrix = np.diag(data.stat_errors.to_numpy()[keep] ** 2)
        for number, label in enumerate(shifts.columns):
            column = shifts.iloc[:, number].to_numpy()[keep]
            matrix += np.diag(column**2) if label in ALONE else np.outer(column, column)
        chi2[covariance] = float(residuals @ np.linalg.solve(matrix, residuals))
    return chi2


def check_against_plain(summary: api.Chi2Summary, datasets: Any, folder: Path, pdf: PDFSet, t0: PDFSet) -> None:
    for name, variant in datasets:
        expected = plain_chi2(name, variant, folder, pdf, t0)
        for covariance, value in expected.items():
            row = summary.sets[0].row(name, covariance, "dataset")
            assert row.central == pytest.approx(value, rel=1e-6), (name, covariance)


def test_shipped_theory_against_plain_numpy(tmp_path: Path, toy_pdf_sets: Path) -> None:
    card = write_card(tmp_path / "card.yml", (HERA, SLAC), theory="dis_nnlo", t0="n3fit_dis_t0")
    summary = api.chi2(card, "toy", pdf_path=toy_pdf_sets)
    assert (summary.theory, summary.t0_set, summary.t0_given, summary.points) == ("dis_nnlo", "n3fit_dis_t0", True, 75)
    toy, t0 = load_pdf_set("toy", [toy_pdf_sets]), load_pdf_set("n3fit_dis_t0")
    check_against_plain(summary, (HERA, SLAC), EMBEDDED_FOLDER / "theory_dis_nnlo" / "fastkernel", toy, t0)


@pytest.mark.skipif(not TOY.is_dir(), reason="the shared folder with theory 400 is not there")
def test_theory_400_against_plain_numpy(tmp_path: Path) -> None:
    datasets = (HERA, NMC, ATLAS)
    card = write_card(tmp_path / "card.yml", datasets, theory=400, t0=TOY.name)
    summary = api.chi2(card, TOY, pdf_path=TOY.parent, theory_path=SHARED / "theories")
    toy = PDFSet(TOY)
    check_against_plain(summary, datasets, SHARED / "theories" / "theory_400" / "fastkernel", toy, toy)


def test_processes_and_total_follow_the_metadata(tmp_path: Path, toy_pdf_sets: Path) -> None:
    card = write_card(tmp_path / "card.yml", (SLAC, HERA, NMC), theory="dis_nnlo")
    rows = [row for row in api.chi2(card, "toy", pdf_path=toy_pdf_sets).sets[0].rows if row.covariance == "t0"]
    assert [(row.level, row.name, row.points) for row in rows] == [
        ("process", "DIS NC", 154),
        ("dataset", SLAC[0], 33),
        ("dataset", NMC[0], 121),
        ("process", "DIS CC", 42),
        ("dataset", HERA[0], 42),
        ("total", "total", 196),
    ]
    assert rows[-1].central == pytest.approx(rows[0].central + rows[3].central)  # no common systematics
    assert all(row.members == () and np.isnan(row.mean) for row in rows)


def test_hessian_set_has_a_chi2_of_each_member_and_uncertainties_of_68_percent(
    tmp_path: Path, toy_pdf_sets: Path, hessian_set: Path
) -> None:
    card = write_card(tmp_path / "card.yml", (HERA,), theory="dis_nnlo", t0="pair")
    summary = api.chi2(card, ["pair", toy_pdf_sets / "toy"], pdf_path=hessian_set, output=tmp_path / "out")
    pair, toy = summary.sets
    assert (pair.kind, toy.kind) == ("hessian", "central")
    row = pair.row(HERA[0], "t0", "dataset")
    assert row.central == pytest.approx(toy.row(HERA[0], "t0").central)
    band = summary.predictions[0].band()
    central = summary.predictions[0].central
    np.testing.assert_allclose(band.deviation, np.hypot(0.1, 0.05) / 1.6448536 * central, rtol=1e-6)
    t0, pdf = PDFSet(hessian_set / "pair"), PDFSet(hessian_set / "pair")
    folder = EMBEDDED_FOLDER / "theory_dis_nnlo" / "fastkernel"
    assert len(row.members) == 4
    assert row.members[2] == pytest.approx(plain_chi2(*HERA, folder, pdf, t0, member=3)["t0"], rel=1e-6)


def test_output_has_all_numbers(tmp_path: Path, toy_pdf_sets: Path, hessian_set: Path) -> None:
    card = write_card(tmp_path / "card.yml", (HERA,), theory="dis_nnlo")
    sets = [hessian_set / "pair", "toy"]
    summary = api.chi2(card, sets, pdf_path=toy_pdf_sets, output=tmp_path / "out")
    assert summary.page == tmp_path / "out" / "chi2.html"
    text = summary.page.read_text(encoding="utf-8")
    assert "DIS CC" in text
    assert text.count("<script") == 1  # its own
    assert (tmp_path / "out" / "chi2_figures" / f"data_{HERA[0]}.pdf").is_file()
    with (tmp_path / "out" / "chi2.csv").open(newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert len(lines) == 3 * 2 * (5 + 1)  # groups, covariances, members of both sets
    found = next(line for line in lines if (line["level"], line["covariance"], line["member"]) == ("total", "t0", "3"))
    assert float(found["chi2"]) == summary.sets[0].row("total", "t0").members[2]
    with (tmp_path / "out" / "predictions.csv").open(newline="") as stream:
        points = list(csv.DictReader(stream))
    assert len(points) == 2 * 42
    assert {line["pdf"] for line in points} == {"pair", "toy"}
    first = points[0]
    assert float(first["high"]) - float(first["central"]) == pytest.approx(float(first["deviation"]))
    assert "Q2 = " in first["kinematics"]
    with pytest.raises(OutputExistsError):
        api.chi2(card, "toy", pdf_path=toy_pdf_sets, output=tmp_path / "out")
    api.chi2(card, "toy", pdf_path=toy_pdf_sets, output=tmp_path / "out", force=True)


def test_fit_folder_is_a_set_of_replicas_and_has_a_runcard(tmp_path: Path, toy_pdf_sets: Path, make_fit: Any) -> None:
    card = write_card(tmp_path / "card.yml", (HERA,), theory="dis_nnlo")
    fit = make_fit(4)
    summary = api.chi2(card, [fit.path, api.open_fit(fit.path)], pdf_path=toy_pdf_sets)
    first, second = summary.sets
    assert (first.label, second.label) == ("toy (1)", "toy (2)")
    row = first.row("total", "t0")
    assert (first.kind, len(row.members)) == ("replicas", 4)
    assert row.mean == pytest.approx(row.central)  # deep-inelastic predictions are linear
    assert second.row("total", "t0") == row
    (fit.path / "filter.yml").write_text(card.read_text())
    assert api.chi2(fit.path, "toy", pdf_path=toy_pdf_sets).points == 42


def test_t0_of_the_command_line_and_of_the_package(tmp_path: Path, toy_pdf_sets: Path) -> None:
    card = write_card(tmp_path / "card.yml", (HERA,), theory="dis_nnlo")
    other = api.chi2(card, "toy", t0="n3fit_dis_t0", pdf_path=toy_pdf_sets)
    assert (other.t0_set, other.t0_given) == ("n3fit_dis_t0", True)
    card.write_text(card.read_text().replace("datacuts: {t0pdfset: toy}\n", ""))
    without = api.chi2(card, "toy", pdf_path=toy_pdf_sets)
    assert (without.t0_set, without.t0_given) == ("n3fit_dis_t0", False)
    for mine, others in zip(without.sets[0].rows, other.sets[0].rows, strict=True):
        assert mine.central == others.central


def test_missing_keys_are_named_together(tmp_path: Path) -> None:
    card = tmp_path / "card.yml"
    card.write_text("datacuts: {t0pdfset: toy}\n")
    with pytest.raises(RuncardError) as caught:
        api.chi2(card, "toy")
    assert "dataset_inputs" in str(caught.value)
    assert "theory: expected this key" in str(caught.value)
    assert "nnseed" not in str(caught.value)


def test_at_least_one_set(tmp_path: Path) -> None:
    with pytest.raises(CommandLineError, match="at least one PDF set"):
        api.chi2(tmp_path / "card.yml", [])
