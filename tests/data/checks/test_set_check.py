"""Defects in the files of a data set: each has its message, with file and line."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from support.fixtures import EMBEDDED
from support.own_data import change_file

from n3fit.data import load_commondata
from n3fit.data.checks.set_check import SetCheck, check_set
from n3fit.data.library import library_folder
from n3fit.data.skeleton import write_skeleton

NAME = "MYEXP_Z0_13TEV_OBS"
METADATA, DATA, KINEMATICS, UNCERTAINTIES = (
    "metadata.yaml", "data_OBS.yaml", "kinematics_OBS.yaml", "uncertainties_OBS.yaml",
)  # fmt: skip


def write_set(folder: Path) -> Path:
    return write_skeleton(NAME, folder, process="DY_Z_Y", points=4)


def check_changed(folder: Path, file: str, *changes: tuple[str, str]) -> SetCheck:
    """Return the check of a skeleton with changes in one of its files."""
    place = write_set(folder)
    change_file(place / file, *changes)
    return check_set(place)


def line_with(path: Path, text: str) -> int:
    return next(number for number, line in enumerate(path.read_text().splitlines(), start=1) if text in line)


DEFECTS = [
    (METADATA, ("setname: MYEXP", "setname: OTHER"), "setname: expected the name of the folder, 'MYEXP_Z0_13TEV'"),
    (METADATA, ("version: 1\n", ""), "expected the key `version`, which is missing"),
    (
        METADATA,
        ("version_comment:", "version_comments:"),
        "version_comments: expected one of the keys .*'version_comment'",
    ),
    (METADATA, ("  nnpdf31_process: DY NC\n", ""), "nnpdf_metadata.nnpdf31_process: expected text, received None"),
    (
        METADATA,
        ("nnpdf31_process: DY NC", "nnpdf31_process: DY N"),
        "process_type: expected one of the categories .*'DY N'",
    ),
    (
        METADATA,
        ("observable_name: OBS", "observable_name: O_BS"),
        "observable_name: expected letters, digits .* 'O_BS'",
    ),
    (METADATA, ("    units: ''\n", ""), r"observable.units: expected text, received None \(write '' for a number"),
    (
        METADATA,
        ("units: '$GeV^2$'", "units: 'TeV^2'"),
        "m_Z2.units: expected GeV2 for m_Z2, received 'TeV.2'",
    ),
    (METADATA, ("        units: '$GeV^2$'\n", ""), "variables.m_Z2.units: expected text, received None"),
    (METADATA, ("ndata: 4", "ndata: 0"), "ndata: expected the number of points, 1 or more, received 0"),
    (METADATA, ("ndata: 4", "ndata: 5"), r"bins: expected 5 bins \(ndata in metadata.yaml\), received 4"),
    (METADATA, ("ndata: 4", "ndata: 5"), r"data_central: expected 5 central values .* received 4"),
    (
        METADATA,
        ("process_type: DY_Z_Y", "process_type: DY_ZY"),
        "process_type: expected a type .*did you mean 'DY_Z_Y'",
    ),
    (METADATA, ("process_type: DY_Z_Y", "process_type: JET"), r"kinematic_coverage\[1\]: expected variables of JET"),
    (METADATA, ("_coverage: [y, ", "_coverage: [y, pT, "), "variables.pT: expected a mapping, received None"),
    (METADATA, ("- - MYEXP_Z0_13TEV_OBS", "- MYEXP"), "FK_tables: expected a list with a list of names"),
    (
        METADATA,
        ("conversion_factor: 1.0", "conversion_factor: one"),
        "conversion_factor: expected a number, received 'one'",
    ),
    (
        METADATA,
        (f"data_central: {DATA}", "data_central: none.yaml"),
        "data_central: expected a file in .* received 'none.yaml'",
    ),
    (
        METADATA,
        (f"file: {KINEMATICS}", "file: ../../x.yaml"),
        "kinematics.file: expected a file in the folder of the set",
    ),
    (METADATA, (f"\n  - {UNCERTAINTIES}", " []"), "data_uncertainties: expected a list of files"),
    (
        METADATA,
        ("  # variants:", "  variants: {a: {data_central: 3}}\n  # x:"),
        "data_central: expected the name of a file",
    ),
    (METADATA, ("  # variants:", "  variants: {a: {dta: x}}\n  # x:"), "a.dta: expected one of the keys"),
    (METADATA, ("implemented_observables:", "x: [}\nimplemented_observables:"), r"metadata.yaml:\d+: not valid YAML"),
    (
        METADATA,
        ("setname: MYEXP_Z0_13TEV", "setname: MYEXP"),
        "setname: expected EXPERIMENT_PROCESS_ENERGY, three",
    ),
    (METADATA, ("setname: MYEXP_Z0_13TEV", "setname: MY EXP"), "setname: expected letters, digits and . _ . -"),
    (METADATA, ("_coverage: [y, ", "_coverage: [1, y, "), r"_coverage: expected a list of kinematic variables"),
    (
        METADATA,
        ("  # variants:", "  variants: {a: 3}\n  # x:"),
        "variants.a: expected a mapping with the keys",
    ),
    (
        METADATA,
        ("  # variants:", "  variants: [a]\n  # x:"),
        "variants: expected a mapping of variants",
    ),
    (
        METADATA,
        ("  # variants:", "  variants: {a: {theory: [x]}}\n  # x:"),
        "a.theory: expected a mapping with FK_tables, received",
    ),
    (METADATA, ("implemented_observables:", "implemented_observables:\n- 3"), r"observables\[0\]: expected a mapping"),
    (
        METADATA,
        ("implemented_observables:", "implemented_observables:\n- &a\n  observable_name: OBS"),
        "different names",
    ),
    (METADATA, ("implemented_observables:", "implemented_observables: []\nx:"), "expected a list of observables"),
    (METADATA, (f"  data_central: {DATA}\n", ""), "data_central: expected the name of the file of central"),
    (
        METADATA,
        (f"file: {KINEMATICS}", "file: []"),
        "kinematics.file: expected the name of a file beside",
    ),
    (KINEMATICS, ("bins:\n", "bins:\n- 3\n"), r"bins\[0\]: expected a mapping of kinematic variables, received 3"),
    (
        KINEMATICS,
        ("m_Z2: {min: null, mid: 8317.44, max: null}", "m_Z2: 8317.44"),
        "m_Z2: expected a mapping with min",
    ),
    (UNCERTAINTIES, ("bins:\n", "bins:\n- 3\n"), r"bins\[0\]: expected a mapping with the value of each uncertainty"),
    (
        UNCERTAINTIES,
        ("definitions:\n", "definitions:\n  x: 3\n"),
        "definitions.x: expected a mapping with desc",
    ),
    (DATA, ("- 1.02\n", "- .nan\n"), r"data_central\[2\]: expected a finite number, received nan"),
    (DATA, ("- 1.02\n", "- 1,02\n"), r"data_central\[2\]: expected a finite number, received '1,02'"),
    (DATA, ("- 1.02\n", ""), "data_central: expected 4 central values .* received 3"),
    (DATA, ("data_central:", "central:"), "data_central: expected a list of numbers, received None"),
    (KINEMATICS, ("mid: 0.3125", "mid: 0.9"), r"bins\[0\].y: expected min <= mid <= max, received 0, 0.9, 0.625"),
    (KINEMATICS, ("mid: 0.3125", "mid: .nan"), r"bins\[0\].y.mid: expected a finite number or null, received nan"),
    (
        KINEMATICS,
        ("min: 0.625, mid: 0.9375", "min: 0.5, mid: 0.9375"),
        "expected bins that do not overlap, point 0 .* point 1",
    ),
    (KINEMATICS, ("min: null, mid: 8317.44", "min: 2, mid: null"), "m_Z2: expected mid, or both min and max"),
    (KINEMATICS, ("min: null, mid: 8317.44", "low: 1, mid: 8317.44"), "m_Z2: expected min, mid and max, received low"),
    (KINEMATICS, ("  sqrts:", "  sqrt:"), r"bins\[0\]: expected the variable sqrts of the kinematic_coverage"),
    (UNCERTAINTIES, ("treatment: MULT", "treatment: MUL"), "lumi.treatment: expected ADD or MULT, received 'MUL'"),
    (
        UNCERTAINTIES,
        ("type: CORR", "type: COR"),
        "sys_corr.type: expected CORR, .* received 'COR' .did you mean 'CORR'",
    ),
    (UNCERTAINTIES, ("type: MYEXPLUMI", "type: My Lumi"), "lumi.type: expected CORR, .* received 'My Lumi'"),
    (UNCERTAINTIES, ("    type: CORR\n", ""), "definitions.sys_corr: expected the key `type`, which is missing"),
    (UNCERTAINTIES, ("treatment: ADD", "treatment: MULT"), "definitions.stat: expected stat to be ADD and UNCORR"),
    (UNCERTAINTIES, ("- stat: 0.02\n", "- stat: -0.02\n"), r"bins\[0\].stat: expected zero or more"),
    (
        UNCERTAINTIES,
        ("sys_corr: 0.01\n", "sys_corr: [-0.01, 0.02]\n"),
        r"sys_corr: expected one number.*half of the sum",
    ),
    (
        UNCERTAINTIES,
        ("sys_corr: 0.01\n", "sys_corr: {min: 1, max: 2}\n"),
        "sys_corr: expected one number.*half of the sum",
    ),
    (
        UNCERTAINTIES,
        ("sys_corr: 0.01\n", "sys_corr: 1%\n"),
        r"bins\[0\].sys_corr: expected a finite number, received '1%'",
    ),
    (
        UNCERTAINTIES,
        ("  sys_corr: 0.01\n", ""),
        r"bins\[0\]: expected a value for each of the 4 definitions, missing: sys_corr",
    ),
    (UNCERTAINTIES, ("  sys_corr: 0.01\n", "  sys_corr: 0.01\n  b: 1\n"), "without definition: b"),
    (UNCERTAINTIES, ("bins:", "bin:"), "expected the key `bins` with a list, received definitions, bin"),
]


@pytest.mark.parametrize(("file", "change", "message"), DEFECTS)
def test_each_defect_has_its_message(tmp_path: Path, file: str, change: tuple[str, str], message: str) -> None:
    found = check_changed(tmp_path, file, change)
    assert not found.passed
    assert [text for text in map(str, found.problems) if re.search(message, text)], list(map(str, found.problems))
    assert all(text.where.startswith(str(tmp_path)) for text in found.problems)


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    found = check_changed(tmp_path, UNCERTAINTIES, ("treatment: MULT", "treatment: MUL"))
    path = tmp_path / "MYEXP_Z0_13TEV" / UNCERTAINTIES
    (problem,) = found.problems
    assert problem.where == f"{path}:{line_with(path, 'treatment: MUL')}: definitions.lumi.treatment"


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    place = write_set(tmp_path)
    change_file(place / METADATA, ("ndata: 4", "ndata: 3"), ("units: '$GeV^2$'", "units: TeV"))
    change_file(place / DATA, ("- 1.01", "- x"))
    change_file(place / KINEMATICS, ("mid: 0.3125", "mid: 5"))
    change_file(place / UNCERTAINTIES, ("treatment: MULT", "treatment: MUL"))
    files = {Path(entry.where.partition(":")[0]).name for entry in check_set(place).problems}
    assert files == {METADATA, DATA, KINEMATICS, UNCERTAINTIES}
    assert len(check_set(place).problems) == 7


def test_many_problems_of_one_kind_are_counted(tmp_path: Path) -> None:
    place = write_skeleton(NAME, tmp_path, process="DY_Z_Y", points=30)
    text = (place / DATA).read_text()
    (place / DATA).write_text(re.sub(r"- 1\.\d+", "- x", text))
    problems = check_set(place).problems
    assert len(problems) == 6
    assert problems[-1].text == "24 more like these" or problems[-1].text == "25 more like these"


NOTES = [
    (
        METADATA,
        ("process_type: DY_Z_Y", "process_type: NEUTRINOS"),
        "NEUTRINOS is not a known type: there are no",
    ),
    (METADATA, ("nnpdf31_process: DY NC", "nnpdf31_process: TOP"), "n3fit takes the category DY NC of this type"),
    (METADATA, ("units: '$GeV^2$'", "units: ''"), "no units: n3fit takes m_Z2 in GeV2"),
    (METADATA, ("units: '$GeV^2$'", "units: GeV"), "n3fit takes m_Z2 in GeV2, the file says GeV"),
    (METADATA, ("  experiment: MYEXP\n", ""), "experiment: expected text, the group of the data set in tables of chi2"),
    (
        METADATA,
        (
            "  theory:\n    conversion_factor: 1.0\n    operation: 'null'\n    FK_tables:\n"
            "    - - MYEXP_Z0_13TEV_OBS\n",
            "",
        ),
        "there is no `theory`: the data set cannot be fitted",
    ),
    (METADATA, ("plot_x: y", "plot_x: z"), "plot_x: expected one of y, m_Z2, sqrts"),
    (
        KINEMATICS,
        ("min: 0.625, mid: 0.9375, max: 1.25", "min: 0.0, mid: 0.3125, max: 0.625"),
        "lies at the place of point 1",
    ),
    (UNCERTAINTIES, ("    type: CORR", "    type: CORR\n    note: x"), "sys_corr.note: without effect"),
]


@pytest.mark.parametrize(("file", "change", "message"), NOTES)
def test_what_is_worth_knowing_is_a_note(tmp_path: Path, file: str, change: tuple[str, str], message: str) -> None:
    found = check_changed(tmp_path, file, change)
    assert found.passed
    assert [text for text in map(str, found.findings) if re.search(message, text)], list(map(str, found.findings))


def test_points_of_different_tables_may_lie_at_one_place(tmp_path: Path) -> None:
    place = write_set(tmp_path)
    change_file(place / METADATA, ("npoints: []", "npoints: [2, 2]"))
    lines = (place / KINEMATICS).read_text().splitlines()
    start = lines.index("bins:") + 1
    (place / KINEMATICS).write_text("\n".join([*lines[: start + 6], *lines[start : start + 6]]) + "\n")
    assert check_set(place).findings == ()
    change_file(place / METADATA, ("npoints: [2, 2]", "npoints: []"))
    assert [entry.text[:41] for entry in check_set(place).findings] == [
        "point 0 lies at the place of point 2 in a", "point 1 lies at the place of point 3 in a",
    ]  # fmt: skip


def test_a_covariance_that_is_singular(tmp_path: Path) -> None:
    place = write_set(tmp_path)
    text = (place / UNCERTAINTIES).read_text()
    head, _, bins = text.partition("bins:")
    (place / UNCERTAINTIES).write_text(head + "bins:" + re.sub(r"(stat|sys_uncorr): 0\.\d+", r"\1: 0", bins))
    (problem,) = check_set(place).problems
    assert "is singular: the smallest eigenvalue of its correlation matrix is" in problem.text
    assert problem.where == NAME


def test_points_without_any_uncertainty(tmp_path: Path) -> None:
    place = write_set(tmp_path)
    text = (place / UNCERTAINTIES).read_text()
    head, _, bins = text.partition("bins:")
    (place / UNCERTAINTIES).write_text(head + "bins:" + re.sub(r": 0\.\d+", ": 0", bins))
    (problem,) = check_set(place).problems
    assert "all uncertainties of 4 points are zero" in problem.text


def test_a_multiplicative_uncertainty_of_nothing(tmp_path: Path) -> None:
    found = check_changed(tmp_path, DATA, ("- 1.0\n", "- 0.0\n"))
    (problem,) = found.problems
    assert "has the central value zero and a multiplicative" in problem.text


def test_numbers_of_the_covariance(tmp_path: Path) -> None:
    """Statistical 2 %, uncorrelated 1 %, and two correlated uncertainties of 1 % each: correlations of 2/7."""
    (variant,) = check_set(write_set(tmp_path)).variants
    assert variant.covariance is not None
    np.testing.assert_allclose(variant.covariance.smallest_eigenvalue, 5 / 7)
    np.testing.assert_allclose(variant.covariance.condition_number, (1 + 3 * 2 / 7) / (5 / 7))
    np.testing.assert_allclose(variant.covariance.largest_correlation, 2 / 7)


@pytest.mark.parametrize("name", [name for name in EMBEDDED if name.startswith(("HERA_CC", "SLAC"))])
def test_sets_of_the_library_pass(name: str) -> None:
    folder, _, observable = name.rpartition("_")
    found = check_set(library_folder() / folder, observable=observable)
    assert found.problems == ()
    assert {entry.name for entry in found.variants} == {name}
    assert found.variants[0].points == load_commondata(name, EMBEDDED[name][0]).ndata_file


def test_positivity_sets_have_no_data_to_check() -> None:
    found = check_set(library_folder() / "NNPDF_POS_2P24GEV", observable="F2U")
    assert found.passed
    assert [(entry.points, entry.systematics, entry.covariance) for entry in found.variants] == [(20, 0, None)]


def test_a_mistake_in_the_library_is_found() -> None:
    """The middle of a bin of this set lies above its upper limit."""
    found = check_set(library_folder() / "COMPASS15_NC_NOTFIXED_MUP")
    assert any("expected min <= mid <= max, received 0.008, 0.009, 0.001" in entry.text for entry in found.problems)
