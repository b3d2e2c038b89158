"""Groups of data sets without correlations between them."""

from dataclasses import replace

import numpy as np
import pytest

from n3fit.data import assemble
from n3fit.data.grouping import group_of, separate_groups
from n3fit.errors import DataError

ATLAS = "ATLAS_Z0J_8TEV_PT-M"


@pytest.fixture
def datasets(make_dataset):
    luminosity = [("MULT", "LUMI", [1.0, 2.0])]
    return [make_dataset(name, [10.0, 20.0], 1.0, luminosity) for name in ("A_X", "B_X", "C_X")]


def test_names_of_groups(datasets) -> None:
    known = replace(datasets[0], name=ATLAS, experiment="ATLAS")
    custom = {ATLAS: "mine"}
    assert [group_of(known, key, custom) for key in ("ALL", "experiment", "custom_group", "nnpdf31_process")] == [
        "ALL",
        "ATLAS",
        "mine",
        "DY NC",
    ]
    with pytest.raises(
        DataError, match=f"metadata_group: {ATLAS} has no text 'process' in its metadata .*nnpdf31_proc"
    ):
        group_of(known, "process", custom)


def test_correlations_between_groups_are_left_out(datasets) -> None:
    full = assemble(datasets, None)
    divided = assemble(datasets, None, groups=["1", "2", "1"])
    same = np.kron(np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]]), np.ones((2, 2)))
    for name in ("t0_covariance", "experimental_covariance", "loss_covariance"):
        assert (getattr(full, name) != 0).all()
        np.testing.assert_array_equal(getattr(divided, name), getattr(full, name) * same)
    one = separate_groups(full.t0_covariance, datasets, ["1", "1", "1"])
    np.testing.assert_array_equal(one, full.t0_covariance)
