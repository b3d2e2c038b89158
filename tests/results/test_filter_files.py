"""The masks of the cuts, and the data of closure tests, in ``filter/``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML
from support.data import build_dataset

from n3fit.errors import DataError
from n3fit.results.filter_files import read_kept_points, write_filter_files
from n3fit.storage.staged_files import StagedFiles

KEPT = [0, 2]


def test_kept_points_are_numbers_of_the_file(tmp_path: Path) -> None:
    dataset = build_dataset("HERA", [1.0, 2.0, 3.0]).select(KEPT)
    with StagedFiles(tmp_path) as files:
        write_filter_files(files, [dataset], closure=False)
        files.flush()
    assert (tmp_path / "filter" / "HERA" / "FKMASK_HERA.dat").read_text() == "0\n2\n"
    assert [path.name for path in (tmp_path / "filter" / "HERA").iterdir()] == ["FKMASK_HERA.dat"]
    points = read_kept_points(tmp_path, "HERA")
    assert points is not None
    assert points.tolist() == KEPT
    assert read_kept_points(tmp_path, "OTHER") is None


def test_data_of_closure_tests_are_those_of_all_points(tmp_path: Path) -> None:
    """Zero where the cuts removed a point; numbers that YAML 1.1 does not take for text."""
    dataset = build_dataset(
        "HERA",
        [1.0, 2.0, 3e-5],
        [0.1, 0.2, 1e-6],
        [("ADD", "UNCORR", [0.01, 0.03, 0.05]), ("MULT", "LUMI", [-0.02, 0.04, 0.06])],
    ).select(KEPT)
    with StagedFiles(tmp_path) as files:
        write_filter_files(files, [dataset], closure=True)
        files.flush()
    home = tmp_path / "filter" / "HERA"
    text = (home / "filtered_data_HERA.yaml").read_text()
    assert text == "data_central: [1.0, 0.0, 3.0e-05]\n"
    content = YAML(typ="safe").load(home / "filtered_uncertainties_HERA.yaml")
    assert content["bins"] == [
        {"stat": 0.1, "sys_1": 0.01, "sys_2": -0.02},
        {"stat": 0.0, "sys_1": 0.0, "sys_2": 0.0},
        {"stat": 1e-6, "sys_1": 0.05, "sys_2": 0.06},
    ]
    kinds = {name: (entry["treatment"], entry["type"]) for name, entry in content["definitions"].items()}
    assert kinds == {"stat": ("ADD", "UNCORR"), "sys_1": ("ADD", "UNCORR"), "sys_2": ("MULT", "LUMI")}


@pytest.mark.parametrize("text", ["1\n0\n", "-1\n", "a\n", "1\n1\n", "1e999\n"])
def test_malformed_masks_are_errors(tmp_path: Path, text: str) -> None:
    path = tmp_path / "filter" / "HERA" / "FKMASK_HERA.dat"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(DataError, match=r"FKMASK_HERA\.dat: expected"):
        read_kept_points(tmp_path, "HERA")


def test_a_mask_may_be_empty(tmp_path: Path) -> None:
    path = tmp_path / "filter" / "HERA" / "FKMASK_HERA.dat"
    path.parent.mkdir(parents=True)
    path.write_text("")
    np.testing.assert_array_equal(read_kept_points(tmp_path, "HERA"), [])
