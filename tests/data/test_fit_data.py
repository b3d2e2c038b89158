"""All data of a fit in one object."""

from __future__ import annotations

import numpy as np
import pytest

from n3fit.data import assemble, covariance_matrix
from n3fit.errors import DataError


@pytest.fixture
def datasets(make_dataset):
    return [
        make_dataset("A_X", [1.0, 2.0], 0.1, [("MULT", "LUMI", [0.1, 0.2])]),
        make_dataset("B_X", [3.0], 0.2, [("MULT", "LUMI", [0.3])], experiment="A"),
        make_dataset("C_X", [4.0, 5.0], 0.3),
    ]


def test_parts_lie_one_after_the_other(datasets) -> None:
    predictions = {dataset.name: 2.0 * dataset.central for dataset in datasets}
    data = assemble(datasets, predictions)
    assert len(data) == 5
    assert data.slices == {"A_X": slice(0, 2), "B_X": slice(2, 3), "C_X": slice(3, 5)}
    assert data.experiments == ("A", "C")
    np.testing.assert_array_equal(data.central, [1.0, 2.0, 3.0, 4.0, 5.0])
    np.testing.assert_array_equal(data.dataset_points("B_X"), [3.0])
    np.testing.assert_array_equal(data.experiment_points("A"), [0, 1, 2])
    np.testing.assert_array_equal(data.t0_covariance, covariance_matrix(datasets, predictions))
    np.testing.assert_array_equal(data.experimental_covariance, covariance_matrix(datasets))
    assert data.loss_covariance is data.t0_covariance
    for array in (data.central, data.t0_covariance, data.experimental_covariance):
        assert not array.flags.writeable


def test_weights_enter_the_loss_only(datasets) -> None:
    plain = assemble(datasets, None)
    data = assemble(datasets, None, weights={"C_X": 4.0})
    np.testing.assert_array_equal(data.t0_covariance, plain.t0_covariance)
    np.testing.assert_allclose(data.loss_covariance[3:, 3:], plain.t0_covariance[3:, 3:] / 4.0)
    np.testing.assert_array_equal(data.loss_covariance[:3, :3], plain.t0_covariance[:3, :3])


def test_no_data_empty_and_repeated_data_are_refused(datasets) -> None:
    with pytest.raises(DataError, match="there are no data to fit"):
        assemble([], None)
    with pytest.raises(DataError, match="B_X: the data set has no points"):
        assemble([datasets[0], datasets[1].select([])], None)
    with pytest.raises(DataError, match="the data set A_X appears twice"):
        assemble([*datasets, datasets[0]], None)
