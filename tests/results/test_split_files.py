"""The pseudodata with their split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from support.data import build_dataset

from n3fit.data import EigenbasisSplit
from n3fit.results.split_files import split_by_eigenvectors, split_by_points, write_split_pseudodata


def test_eigenvectors_of_the_correlation_matrix() -> None:
    """The values are R d, R = V^T diag(1/sigma): chi2 is the sum of their squares over the eigenvalues."""
    random = np.random.default_rng(5)
    factor = random.normal(size=(6, 6))
    covariance = factor @ factor.T + np.eye(6)
    sigma = np.sqrt(np.diag(covariance))
    pseudodata = random.normal(size=(2, 6))
    split = EigenbasisSplit(covariance)
    saved = split_by_eigenvectors(pseudodata, split.whitening, sigma, np.ones((2, 6), dtype=bool))
    eigenvalues = np.linalg.eigvalsh(covariance / np.outer(sigma, sigma))
    chi2 = np.einsum("ri,ij,rj->r", pseudodata, np.linalg.inv(covariance), pseudodata)
    np.testing.assert_allclose(np.sum(saved.values**2 / eigenvalues, axis=1), chi2, rtol=1e-10)
    assert saved.rows == tuple(f"eigenmode {number}" for number in range(6))


def test_tables_of_a_replica(tmp_path: Path) -> None:
    datasets = [
        build_dataset("ONE", [1.0, 2.0, 3.0], 0.1, experiment="A").select([0, 2]),
        build_dataset("TWO", [4.0], 0.1, experiment="B"),
    ]
    training = np.array([[True, False, True], [True, True, True]])
    split = split_by_points(np.array([[0.5, 1e-7, 2.0], [1.0, 2.0, 3.0]]), datasets, training)
    write_split_pseudodata(tmp_path, [4, 7], split, closure=False)
    place = tmp_path / "nnfit" / "replica_4"
    tables = {
        name: (place / f"datacuts_theory_fitting_{name}.csv").read_text().splitlines()
        for name in ("pseudodata_table", "training_pseudodata", "validation_pseudodata")
    }
    header = "group\tdataset\tid\treplica 4"
    rows = ["A\tONE\t0\t0.5", "A\tONE\t2\t1e-07", "B\tTWO\t0\t2.0"]
    assert tables == {
        "pseudodata_table": [header, *rows],
        "training_pseudodata": [header, rows[0], rows[2]],
        "validation_pseudodata": [header, rows[1]],
    }
    other = tmp_path / "nnfit" / "replica_7" / "datacuts_theory_fitting_validation_pseudodata.csv"
    assert other.read_text() == "group\tdataset\tid\treplica 7\n"


def test_names_in_closure_tests(tmp_path: Path) -> None:
    split = split_by_points(np.zeros((1, 1)), [build_dataset("TWO", [4.0], 0.1)], np.ones((1, 1), dtype=bool))
    write_split_pseudodata(tmp_path, [1], split, closure=True)
    names = {path.name for path in (tmp_path / "nnfit" / "replica_1").iterdir()}
    assert "datacuts_theory_closuretest_fitting_training_pseudodata.csv" in names
