"""The frozen data set."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from n3fit.errors import DataError


@pytest.fixture
def dataset(make_dataset):
    return make_dataset("A_X", [1.0, 2.0, 3.0], 0.1, [("ADD", "CORR", [0.1, 0.2, 0.3]), ("MULT", "LUMI", [1, 2, 3])])


def test_arrays_are_copies_and_read_only(make_dataset) -> None:
    central = np.array([1.0, 2.0])
    made = make_dataset("A_X", central, 0.1)
    central[0] = 99.0
    assert made.central[0] == 1.0
    for name in ("central", "statistical", "systematics", "x", "q2", "y", "indices"):
        assert not getattr(made, name).flags.writeable, name


@pytest.mark.parametrize("rows", [[2, 0], np.array([True, False, True])])
def test_select_takes_every_column_along(dataset, rows) -> None:
    chosen = dataset.select(rows)
    order = np.arange(3)[np.asarray(rows)]
    np.testing.assert_array_equal(chosen.indices, order)
    np.testing.assert_array_equal(chosen.central, dataset.central[order])
    np.testing.assert_array_equal(chosen.systematics, dataset.systematics[order])
    np.testing.assert_array_equal(chosen.kinematics["x"], dataset.x[order])
    assert chosen.ndata_file == 3


def test_selecting_twice_keeps_the_rows_of_the_file(dataset) -> None:
    np.testing.assert_array_equal(dataset.select([1, 2]).select([1]).indices, [2])


def test_select_nothing(dataset) -> None:
    assert len(dataset.select([])) == 0


def test_mask_of_the_wrong_length_is_refused(dataset) -> None:
    with pytest.raises(ValueError, match=r"mask has shape \(2,\)"):
        dataset.select(np.array([True, False]))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"statistical": np.ones(2)}, r"statistical has shape \(2,\), expected \(3,\)"),
        ({"systematics": np.ones((3, 1))}, r"systematics have shape \(3, 1\)"),
        ({"systematic_kinds": ("ADD",)}, "a kind and a correlation"),
        ({"systematic_kinds": ("ADD", "PERCENT")}, "kind 'PERCENT', expected ADD or MULT"),
        ({"systematic_correlations": ("LUMI", "LUMI")}, "both called 'LUMI'"),
        ({"central": np.array([1.0, np.inf, 2.0])}, "central of point 1 is not a finite number"),
        ({"systematics": np.full((3, 2), np.nan)}, "systematics of point 0"),
        ({"statistical": np.array([0.1, 0.1, -0.1])}, "uncertainty of point 2 is -0.1"),
    ],
)
def test_inconsistent_parts_are_refused(dataset, changes, message) -> None:
    from dataclasses import replace

    with pytest.raises(DataError, match=f"A_X: .*{message}"):
        replace(dataset, **changes)


def test_importing_the_data_room_is_quick() -> None:
    """Pandas and the data library take more than a second to import: they must not be loaded before they are needed."""
    code = "import sys, n3fit.data; print(sorted({'pandas', 'nnpdf_data', 'keras', 'jax'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
