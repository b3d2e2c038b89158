"""Products of the residuals of closure tests, in memory and on disk."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from n3fit.errors import DataError
from n3fit.results.closure_arrays import (
    ClosureArrays,
    closure_groups,
    closure_to_bytes,
    read_closure_arrays,
    residual_products,
)
from n3fit.results.layout import CLOSURE
from n3fit.results.records import FOLDER_FORMAT, DatasetRecord


@pytest.fixture
def datasets() -> list[DatasetRecord]:
    places = (("A", "HERA", 0, 3), ("B", "NMC", 3, 5), ("C", "HERA", 5, 6))
    return [
        DatasetRecord(name=name, variant=None, experiment=experiment, process_type="DIS_NC", start=start, stop=stop)
        for name, experiment, start, stop in places
    ]


def fit_of(folder: Path, datasets: list[DatasetRecord], replicas: int) -> Any:
    """Return what is read of a fit folder to open its file of a closure test."""
    manifest = SimpleNamespace(format=FOLDER_FORMAT, replicas=tuple(range(1, replicas + 1)))
    return SimpleNamespace(path=folder, manifest=manifest, description=SimpleNamespace(datasets=tuple(datasets)))


def test_groups_are_the_data_sets_the_experiments_and_everything(datasets):
    found = [(level, name, points.tolist()) for level, name, points in closure_groups(datasets)]
    assert found == [
        ("datasets", "A", [0, 1, 2]),
        ("datasets", "B", [3, 4]),
        ("datasets", "C", [5]),
        ("experiments", "HERA", [0, 1, 2, 5]),
        ("experiments", "NMC", [3, 4]),
        ("total", "total", [0, 1, 2, 3, 4, 5]),
    ]


def test_products_are_those_with_the_inverse_covariance():
    random = np.random.default_rng(1)
    values, truth, root = random.normal(size=(4, 5)), random.normal(size=5), random.normal(size=(5, 5))
    covariance = root @ root.T + np.eye(5)
    expected = (values - truth) @ np.linalg.inv(covariance) @ (values - truth).T
    np.testing.assert_allclose(residual_products(values, truth, covariance), expected, rtol=1e-10)


def test_values_that_are_not_finite_stay_alone():
    values = np.array([[1.0, 2.0], [np.nan, 1.0], [3.0, 1.0]])
    products = residual_products(values, np.zeros(2), np.eye(2))
    np.testing.assert_array_equal(products, [[5, np.nan, 5], [np.nan] * 3, [5, np.nan, 10]])


def test_the_file_gives_back_what_was_written(tmp_path, datasets):
    random = np.random.default_rng(1)
    arrays = ClosureArrays(random.normal(size=6), random.normal(size=(6, 4, 4)))
    path = tmp_path / CLOSURE
    path.write_bytes(closure_to_bytes(arrays))
    back = read_closure_arrays(fit_of(tmp_path, datasets, 3))
    np.testing.assert_array_equal(back.truth, arrays.truth)
    np.testing.assert_array_equal(back.products, arrays.products)
    with pytest.raises(DataError, match=rf"{CLOSURE}: products: expected numbers of the shape \(6, 3, 3\)"):
        read_closure_arrays(fit_of(tmp_path, datasets, 2))
