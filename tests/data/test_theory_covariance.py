"""Labelled covariances come into the order of the fit, whatever order they are in."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pytest

from n3fit.data import assemble
from n3fit.data.theory_covariance import align_covariance
from n3fit.errors import DataError


@pytest.fixture
def datasets(make_dataset):
    return [make_dataset("A_X", [1.0, 2.0, 3.0], 0.1).select([0, 2]), make_dataset("B_X", [4.0], 0.2)]


@pytest.fixture
def labelled() -> pd.DataFrame:
    labels = pd.MultiIndex.from_tuples([("A_X", 0), ("A_X", 1), ("A_X", 2), ("B_X", 0), ("GONE_X", 0)])
    root = np.arange(1.0, 6.0)
    return pd.DataFrame(np.outer(root, root), index=labels, columns=labels)


def test_points_of_the_fit_are_chosen_by_label(datasets, labelled) -> None:
    np.testing.assert_array_equal(align_covariance(labelled, datasets), np.outer([1, 3, 4], [1, 3, 4]))


def test_order_of_rows_and_columns_does_not_matter(datasets, labelled) -> None:
    shuffled = labelled.iloc[[4, 2, 0, 3, 1], [1, 3, 0, 2, 4]]
    np.testing.assert_array_equal(align_covariance(shuffled, datasets), align_covariance(labelled, datasets))


def test_it_is_added_to_t0_once_and_the_input_stays(datasets, labelled) -> None:
    before = labelled.copy()
    plain, first = assemble(datasets, None), assemble(datasets, None, theory_covariance=labelled)
    second = assemble(datasets, None, theory_covariance=labelled)
    expected = plain.t0_covariance + np.outer([1, 3, 4], [1, 3, 4])
    np.testing.assert_array_equal(first.t0_covariance, expected)
    np.testing.assert_array_equal(second.t0_covariance, expected)
    np.testing.assert_array_equal(first.experimental_covariance, plain.experimental_covariance)
    pd.testing.assert_frame_equal(labelled, before)


def test_data_sets_outside_the_fit_are_named_in_a_warning(datasets, labelled, caplog) -> None:
    with caplog.at_level(logging.WARNING):
        align_covariance(labelled, datasets)
    assert "GONE_X" in caplog.text


def test_missing_points_repeated_and_foreign_labels_are_refused(datasets, labelled) -> None:
    with pytest.raises(DataError, match="A_X: the rows of the covariance lack point 2"):
        align_covariance(labelled.drop(index=("A_X", 2)), datasets)
    with pytest.raises(DataError, match="B_X: the columns of the covariance lack point 0"):
        align_covariance(labelled.drop(columns=[("B_X", 0)]), datasets)
    with pytest.raises(DataError, match="have point 0 of A_X twice"):
        align_covariance(labelled.iloc[[0, 0, 1, 2, 3]], datasets)
    with pytest.raises(DataError, match="must be labelled"):
        align_covariance(pd.DataFrame(np.eye(3)), datasets)
