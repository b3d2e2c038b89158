"""Residuals of closure tests, in memory and on disk."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from n3fit.data.closure import ClosureTruth
from n3fit.errors import CommandLineError, DataError
from n3fit.results.closure_arrays import (
    ClosureArrays,
    check_joinable,
    closure_groups,
    closure_to_bytes,
    collect_closure,
    join_closure,
    read_closure_arrays,
    whiten_groups,
)
from n3fit.results.layout import CLOSURE
from n3fit.results.records import FOLDER_FORMAT, DatasetRecord
from n3fit.storage.arrays import arrays_to_bytes


@pytest.fixture
def datasets() -> list[DatasetRecord]:
    places = (("A", "HERA", 0, 3), ("B", "NMC", 3, 5), ("C", "HERA", 5, 6))
    return [
        DatasetRecord(name=name, variant=None, experiment=experiment, process_type="DIS_NC", start=start, stop=stop)
        for name, experiment, start, stop in places
    ]


def fit_of(folder: Path, datasets: list[DatasetRecord], replicas: int) -> Any:
    """Return what is read of a fit folder to open its file of a closure test."""
    numbers = tuple(range(1, replicas + 1))
    manifest = SimpleNamespace(format=FOLDER_FORMAT, replicas=numbers, versions={"n3fit": "0.0.9"})
    description = SimpleNamespace(datasets=tuple(datasets), closure={})
    return SimpleNamespace(path=folder, manifest=manifest, description=description)


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


def test_products_are_those_with_the_inverse_covariance(datasets):
    random = np.random.default_rng(1)
    values, truth, root = random.normal(size=(4, 6)), random.normal(size=6), random.normal(size=(6, 6))
    covariance = root @ root.T + np.eye(6)
    known = ClosureTruth(2, "known", "f" * 64, 1, truth, covariance)
    arrays = collect_closure(known, datasets, predictions=values[:-1], central=values[-1])
    for (_, _, points), products in zip(closure_groups(datasets), arrays.products(datasets), strict=True):
        residuals = (values - truth)[:, points]
        expected = residuals @ np.linalg.inv(covariance[np.ix_(points, points)]) @ residuals.T
        np.testing.assert_allclose(products, expected, rtol=1e-10)


def test_values_that_are_not_finite_stay_alone():
    values = np.array([[1.0, 2.0], [np.nan, 1.0], [3.0, 1.0]])
    whitened = whiten_groups(values, np.zeros(2), np.eye(2), [np.arange(2)])
    np.testing.assert_array_equal(whitened, [[1, 2], [np.nan, np.nan], [3, 1]])


def test_residuals_of_a_replica_do_not_depend_on_the_others():
    random = np.random.default_rng(2)
    values, truth, root = random.normal(size=(37, 90)), random.normal(size=90), random.normal(size=(90, 90))
    covariance = root @ root.T + 90 * np.eye(90)
    groups = [np.arange(40), np.arange(30, 90), np.arange(90)]
    together = whiten_groups(values, truth, covariance, groups)
    for rows in ([0], [36], [3, 20], [5, 6, 7], list(range(9, 30))):
        np.testing.assert_array_equal(whiten_groups(values[rows], truth, covariance, groups), together[rows])


def random_residuals(replicas: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    return {level: random.normal(size=(replicas + 1, 6)) for level in ("datasets", "experiments", "total")}


def test_the_file_gives_back_what_was_written(tmp_path, datasets):
    arrays = ClosureArrays(np.arange(6.0), random_residuals(3))
    path = tmp_path / CLOSURE
    path.write_bytes(closure_to_bytes(arrays))
    back = read_closure_arrays(fit_of(tmp_path, datasets, 3))
    np.testing.assert_array_equal(back.truth, arrays.truth)
    for level, values in arrays.residuals.items():
        np.testing.assert_array_equal(back.residuals[level], values)
    with pytest.raises(DataError, match=rf"{CLOSURE}: residuals_\w+: expected numbers of the shape \(3, 6\)"):
        read_closure_arrays(fit_of(tmp_path, datasets, 2))


def test_products_without_residuals_are_read_but_not_joined(tmp_path, datasets):
    products = np.random.default_rng(1).normal(size=(6, 4, 4))
    (tmp_path / CLOSURE).write_bytes(arrays_to_bytes({"truth": np.arange(6.0), "products": products}))
    fit = fit_of(tmp_path, datasets, 3)
    for received, expected in zip(read_closure_arrays(fit).products(datasets), products, strict=True):
        np.testing.assert_array_equal(received, expected)
    with pytest.raises(
        CommandLineError, match=r"is a closure test of n3fit 0\.0\.9, to which no replicas can be added"
    ):
        check_joinable(fit)


def test_other_true_values_are_not_joined(tmp_path, datasets):
    fits = []
    for name, shift in (("a", 0.0), ("b", 1e-9)):
        (tmp_path / name).mkdir()
        arrays = ClosureArrays(np.arange(6.0) + shift, random_residuals(1))
        (tmp_path / name / CLOSURE).write_bytes(closure_to_bytes(arrays))
        fits.append(fit_of(tmp_path / name, datasets, 1))
    with pytest.raises(DataError, match="the true values are not those of"):
        join_closure(fits, np.array([0, 1]))
