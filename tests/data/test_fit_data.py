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
    np.testing.assert_array_equal(data.t0_covariance, covariance_matrix(datasets, predictions))
    np.testing.assert_array_equal(data.experimental_covariance, covariance_matrix(datasets))
    assert data.loss_covariance is data.t0_covariance
    for array in (data.central, data.t0_covariance, data.experimental_covariance):
        assert not array.flags.writeable


def test_weights_enter_the_loss_and_the_pseudodata(datasets) -> None:
    plain = assemble(datasets, None)
    data = assemble(datasets, None, weights={"C_X": 4.0})
    np.testing.assert_array_equal(data.t0_covariance, plain.t0_covariance)
    np.testing.assert_allclose(data.loss_covariance[3:, 3:], plain.t0_covariance[3:, 3:] / 4.0)
    np.testing.assert_array_equal(data.loss_covariance[:3, :3], plain.t0_covariance[:3, :3])
    np.testing.assert_array_equal(data.sampling_covariance(from_t0=True), data.loss_covariance)
    idle = assemble(datasets, None, weights={"B_X": 0.0})
    assert idle.sampling_covariance(from_t0=True) is idle.t0_covariance


def test_data_sets_of_weight_zero_do_not_enter_the_loss(datasets) -> None:
    plain = assemble(datasets, None)
    data = assemble(datasets, None, weights={"B_X": 0.0, "C_X": 4.0})
    np.testing.assert_array_equal(data.central, plain.central)
    np.testing.assert_array_equal(data.t0_covariance, plain.t0_covariance)
    assert [dataset.name for dataset in data.fitted] == ["A_X", "C_X"]
    np.testing.assert_array_equal(data.fitted_points, [0, 1, 3, 4])
    np.testing.assert_array_equal(data.loss_covariance[:2, :2], plain.t0_covariance[:2, :2])
    np.testing.assert_allclose(data.loss_covariance[2:, 2:], plain.t0_covariance[3:, 3:] / 4.0)
    assert not data.loss_covariance[:2, 2:].any()


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
def test_weights_are_not_negative(datasets, weight) -> None:
    with pytest.raises(DataError, match="A_X: weight: expected a number that is not negative"):
        assemble(datasets, None, weights={"A_X": weight})


def test_some_data_set_has_a_weight(datasets) -> None:
    with pytest.raises(DataError, match="every data set has weight 0"):
        assemble(datasets, None, weights=dict.fromkeys(("A_X", "B_X", "C_X"), 0.0))


def test_no_data_empty_and_repeated_data_are_refused(datasets) -> None:
    with pytest.raises(DataError, match="there are no data to fit"):
        assemble([], None)
    with pytest.raises(DataError, match="B_X: the data set has no points"):
        assemble([datasets[0], datasets[1].select([])], None)
    with pytest.raises(DataError, match="the data set A_X appears twice"):
        assemble([*datasets, datasets[0]], None)
