"""Files of the points that a fit kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from n3fit.data.fk_masks import mask_path, mask_text, read_mask
from n3fit.errors import DataError


@pytest.fixture
def dataset(make_dataset):
    return make_dataset("NMC_NC_NOTFIXED_EM-F2", [1.0, 2.0, 3.0, 4.0], 0.1)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / mask_path(name)
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_written_points_are_read(dataset, tmp_path) -> None:
    path = write(tmp_path, dataset.name, mask_text(np.array([0, 3])))
    assert path.relative_to(tmp_path) == Path("filter/NMC_NC_NOTFIXED_EM-F2/FKMASK_NMC_NC_NOTFIXED_EM-F2.dat")
    assert path.read_text() == "0\n3\n"
    np.testing.assert_array_equal(read_mask(tmp_path, dataset), [0, 3])


def test_former_names_are_tried(dataset, tmp_path) -> None:
    write(tmp_path, "NMCPD_dw_ite", " 1\n2\n\n")
    np.testing.assert_array_equal(read_mask(tmp_path, dataset), [1, 2])


def test_a_set_without_a_file_keeps_all_points_and_an_unknown_one_none(dataset, tmp_path) -> None:
    assert read_mask(tmp_path, dataset) is None
    (tmp_path / "filter" / dataset.name).mkdir(parents=True)
    np.testing.assert_array_equal(read_mask(tmp_path, dataset), [0, 1, 2, 3])


@pytest.mark.parametrize("line", ["4", "-1", "1.0", "one"])
def test_lines_that_are_no_points_are_named(dataset, tmp_path, line) -> None:
    path = write(tmp_path, dataset.name, f"0\n{line}\n")
    with pytest.raises(
        DataError, match=rf"{path}:2: expected a point of {dataset.name} from 0 to 3, received '{line}'"
    ):
        read_mask(tmp_path, dataset)


def test_a_fit_of_a_version_without_such_files_is_refused(dataset, tmp_path) -> None:
    (tmp_path / "filter").mkdir()
    (tmp_path / "filter" / "points.csv").write_text(f"dataset,point,x\n{dataset.name},0,0.1\n")
    with pytest.raises(DataError, match=r"expected filter/NMC_NC.*use_cuts: internal"):
        read_mask(tmp_path, dataset)
