"""Skeletons of data sets: they pass the check, and have what was requested."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from n3fit.data import load_commondata
from n3fit.data.categories import CATEGORY_OF_TYPE, category_of
from n3fit.data.checks.set_check import check_set
from n3fit.data.coordinates import names_of_process
from n3fit.data.example_kinematics import energy_of, example_kinematics
from n3fit.data.process_variables import COVERAGE
from n3fit.data.skeleton import write_skeleton
from n3fit.errors import CommandLineError, OutputExistsError

NAME = "MYEXP_NC_318GEV_EM-SIGMARED"


@pytest.mark.parametrize("process", COVERAGE)
def test_a_skeleton_of_each_process_passes_the_check(process: str, tmp_path: Path) -> None:
    process_word = "TTBAR" if process == "INC" else "ANY"
    name = f"MYEXP_{process_word}_13TEV_OBS"
    found = check_set(write_skeleton(name, tmp_path, process=process))
    assert found.findings == ()
    (variant,) = found.variants
    assert (variant.name, variant.points, variant.systematics) == (name, 8, 3)
    dataset = load_commondata(name, path=tmp_path)
    assert dataset.process_type == process
    assert category_of(dataset.name, process)
    assert tuple(dataset.kinematics) == COVERAGE[process]
    assert set(dataset.kinematics) <= {*names_of_process(process), "sqrts"}


def test_every_process_with_data_has_a_skeleton() -> None:
    without = {kind for kind in CATEGORY_OF_TYPE if kind.startswith(("POS", "INTEG"))}
    assert set(COVERAGE) == {*CATEGORY_OF_TYPE, "INC"} - without


def test_points_and_systematics_that_were_requested(tmp_path: Path) -> None:
    systematics = ["a", "b:MULT", "c:ADD:UNCORR", "d:MULT:THEIRLUMI"]
    folder = write_skeleton(NAME, tmp_path, points=3, systematics=systematics)
    assert sorted(path.name for path in folder.iterdir()) == [
        "data_EM-SIGMARED.yaml", "kinematics_EM-SIGMARED.yaml", "metadata.yaml", "uncertainties_EM-SIGMARED.yaml",
    ]  # fmt: skip
    dataset = load_commondata(NAME, path=tmp_path)
    assert len(dataset) == 3
    assert dataset.systematic_names == ("a", "b", "c", "d")
    assert dataset.systematic_kinds == ("ADD", "MULT", "ADD", "MULT")
    assert dataset.systematic_correlations == ("CORR", "CORR", "UNCORR", "THEIRLUMI")
    np.testing.assert_allclose(dataset.statistical, 0.02 * dataset.central)
    np.testing.assert_allclose(dataset.y, dataset.q2 / (dataset.x * 318.0**2), rtol=1e-5)


def test_bins_follow_each_other() -> None:
    bins = example_kinematics("JET", 5)["pT"]
    assert [high for _, _, high in bins[:-1]] == [low for low, _, _ in bins[1:]]
    assert all(low < mid < high for low, mid, high in bins if low is not None and high is not None)
    assert example_kinematics("JET", 5, 8000.0)["sqrts"] == [(None, 8000.0, None)] * 5
    energies = [mid for _, mid, _ in example_kinematics("INC", 3, 7000.0)["sqrts"]]
    assert energies == [7000.0, 8000.0, 9000.0]


@pytest.mark.parametrize(
    ("name", "energy"), [("A_B_13TEV", 13000.0), ("A_B_2P76TEV", 2760.0), ("A_B_318GEV", 318.0), ("A_B_NOTFIXED", None)]
)
def test_energies_in_names(name: str, energy: float | None) -> None:
    assert energy_of(name) == energy


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("MYEXP_NC_318GEV", {}, "expected the name EXPERIMENT_PROCESS_ENERGY_OBSERVABLE"),
        ("../A_B_C_D", {}, "expected the name EXPERIMENT_PROCESS_ENERGY_OBSERVABLE"),
        ("A__C_D", {}, "expected the name EXPERIMENT_PROCESS_ENERGY_OBSERVABLE"),
        ("NNPDF_POS_2GEV_XX", {}, "positivity or integrability"),
        ("HERA_CC_318GEV_EM-SIGMARED", {}, "is there already"),
        (NAME, {"process": "DIS_NX"}, "process: expected one of .* received DIS_NX"),
        (NAME, {"points": 0}, "points: expected 1 or more, received 0"),
        (NAME, {"systematics": ["a:TIMES"]}, "systematics: expected NAME.*received 'a:TIMES'"),
        (NAME, {"systematics": ["a:ADD:b:c"]}, "systematics: expected NAME"),
        (NAME, {"systematics": ["stat"]}, "stat is there anyway"),
        (NAME, {"systematics": ["a", "a:MULT"]}, "expected different names, received a, a"),
    ],
)
def test_arguments_that_are_refused(tmp_path: Path, name: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(CommandLineError, match=message):
        write_skeleton(name, tmp_path, **options)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_an_existing_set_is_not_replaced(tmp_path: Path) -> None:
    folder = write_skeleton(NAME, tmp_path)
    (folder / "metadata.yaml").write_text("mine")
    with pytest.raises(OutputExistsError, match="exists already"):
        write_skeleton(NAME, tmp_path)
    assert (folder / "metadata.yaml").read_text() == "mine"
