"""The theory covariance in a fit folder: written, read, merged, and as the table of validphys."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support import outcomes

from n3fit.data.theory_covariance import TheoryCovariance
from n3fit.errors import DataError, ResourceError
from n3fit.results import FitFolder, merge_fits
from n3fit.results.layout import THEORY_COVARIANCE
from n3fit.results.records import TheoryCovarianceRecord
from n3fit.results.theory_covariance import TABLE_PREFIX, StoredCovariance, table_name
from n3fit.theory.covariance.user_matrix import read_user_matrix

TABLE = f"{TABLE_PREFIX}theory_covmat_custom.csv"
COLUMNS = np.random.default_rng(4).normal(size=(10, 3))
STORED = StoredCovariance(TheoryCovariance(COLUMNS, {"3f point": 2, "power corrections": 1}), np.arange(10) * 2)


@pytest.fixture(scope="module")
def outcome() -> outcomes.Outcome:
    return replace(outcomes.make_outcome(4, sets=outcomes.SMALL_SETS), theory_covariance=STORED)


@pytest.fixture
def fit(outcome: outcomes.Outcome, tmp_path: Path) -> FitFolder:
    return outcomes.write_outcome(outcome, tmp_path / "fit")


def test_it_is_read_back(fit: FitFolder) -> None:
    stored = fit.theory_covariance()
    assert stored is not None
    np.testing.assert_array_equal(stored.covariance.matrix, STORED.covariance.matrix)
    np.testing.assert_array_equal(stored.points, STORED.points)
    assert dict(stored.covariance.sources) == {"3f point": 2, "power corrections": 1}
    assert fit.description.theory_covariance == TheoryCovarianceRecord(
        columns={"3f point": 2, "power corrections": 1}, pdf="toy", theories={"2 1": "711"}, user_matrix=None,
        in_fitting=True, in_sampling=True,
    )  # fmt: skip
    assert {THEORY_COVARIANCE, f"tables/{TABLE}"} <= fit.manifest.files.keys()


def test_the_table_has_the_layout_of_validphys(fit: FitFolder) -> None:
    table = pd.read_csv(fit.path / "tables" / TABLE, sep="\t", index_col=[0, 1, 2], header=[0, 1, 2])
    assert table.index.names == table.columns.names == ["group", "dataset", "id"]
    names = [name for name, *_, size in outcomes.SMALL_SETS for _ in range(size)]
    assert table.index.tolist() == [("DIS NC", name, 2 * row) for row, name in enumerate(names)]
    assert [(group, name, int(row)) for group, name, row in table.columns] == table.index.tolist()
    np.testing.assert_allclose(table.to_numpy(), STORED.covariance.matrix, rtol=1e-7)


def test_the_table_is_a_matrix_of_the_user_for_another_fit(fit: FitFolder) -> None:
    read = read_user_matrix(fit.path / "tables" / TABLE)
    np.testing.assert_allclose(read.values, STORED.covariance.matrix, rtol=1e-7)
    assert read.points[5] == (outcomes.SMALL_SETS[1][0], 10)


@pytest.mark.parametrize(
    ("sources", "name"),
    [
        ({"7 point": 1}, "theory_covmat_custom"),
        ({"user": 1}, "user_covmat"),
        ({"7 point": 1, "user": 4}, "total_theory_covmat"),
    ],
)
def test_the_name_of_the_table_says_what_is_in_it(sources: dict[str, int], name: str) -> None:
    assert table_name(sources) == f"datacuts_theory_theorycovmatconfig_{name}.csv"


def test_merged_fits_keep_it(outcome: outcomes.Outcome, tmp_path: Path) -> None:
    parts = [
        outcomes.write_outcome(outcomes.take(outcome, rows), tmp_path / name)
        for name, rows in (("a", [0, 1]), ("b", [2, 3]))
    ]
    merged = merge_fits(parts, tmp_path / "both")
    stored = merged.theory_covariance()
    assert stored is not None
    np.testing.assert_array_equal(stored.covariance.columns, COLUMNS)
    assert (merged.path / "tables" / TABLE).read_bytes() == (parts[0].path / "tables" / TABLE).read_bytes()


def test_a_fit_without_one_has_no_files(tmp_path: Path) -> None:
    fit = outcomes.write_outcome(outcomes.make_outcome(1, sets=outcomes.SMALL_SETS), tmp_path / "fit")
    assert fit.theory_covariance() is None
    assert not (fit.path / THEORY_COVARIANCE).exists()


def test_damage_is_named(fit: FitFolder, outcome: Any, tmp_path: Path) -> None:
    (fit.path / THEORY_COVARIANCE).unlink()
    with pytest.raises(ResourceError, match=f"{THEORY_COVARIANCE}: missing"):
        fit.theory_covariance()
    other = StoredCovariance(TheoryCovariance(COLUMNS[:4], {"3f point": 3}), np.arange(4))
    from n3fit.results.theory_covariance import covariance_to_bytes

    (fit.path / THEORY_COVARIANCE).write_bytes(covariance_to_bytes(other))
    with pytest.raises(DataError, match=r"columns: expected numbers of the shape \(10, 3\), received .* \(4, 3\)"):
        fit.theory_covariance()
