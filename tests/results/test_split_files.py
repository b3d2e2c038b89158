"""The pseudodata with their split, in the tables of nnpdf."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from support.data import build_dataset

from n3fit.results.saved_split import ModeSplit, PointSplit
from n3fit.results.split_files import write_split_tables
from n3fit.storage.staged_files import StagedFiles

NAMES = ("pseudodata_table", "training_pseudodata", "validation_pseudodata")
DATASETS = [
    build_dataset("ONE", [1.0, 2.0, 3.0], 0.1, experiment="A").select([0, 2]),
    build_dataset("WEIGHTLESS", [5.0], 0.1),
    build_dataset("TWO", [4.0], 0.1, experiment="B"),
]


def tables(fit: Path, replica: int, prefix: str = "datacuts_theory_fitting_") -> dict[str, list[str]]:
    place = fit / "nnfit" / f"replica_{replica}"
    return {name: (place / f"{prefix}{name}.csv").read_text().splitlines() for name in NAMES}


def test_points_have_their_numbers_in_the_file(tmp_path: Path) -> None:
    training = np.array([[True, False, True], [True, True, True]])
    split = PointSplit(training, np.array([0, 1, 3]))
    pseudodata = np.array([[0.5, 1e-7, 9.0, 2.0], [1.0, 2.0, 9.0, 3.0]])
    with StagedFiles(tmp_path) as files:
        write_split_tables(files, [4, 7], split, pseudodata=pseudodata, datasets=DATASETS, closure=False)
        files.flush()
    header = "group\tdataset\tid\treplica 4"
    rows = ["A\tONE\t0\t0.5", "A\tONE\t2\t1e-07", "B\tTWO\t0\t2.0"]
    assert tables(tmp_path, 4) == {
        "pseudodata_table": [header, *rows],
        "training_pseudodata": [header, rows[0], rows[2]],
        "validation_pseudodata": [header, rows[1]],
    }
    assert tables(tmp_path, 7)["validation_pseudodata"] == ["group\tdataset\tid\treplica 7"]


def test_eigenvectors_of_the_correlation_matrix(tmp_path: Path) -> None:
    """Values are those of the whitened pseudodata times the square roots of the eigenvalues."""
    split = ModeSplit(np.array([[True, False]]), np.array([[3.0, -4.0]]), np.array([0.5, 2.0]))
    with StagedFiles(tmp_path) as files:
        write_split_tables(files, [1], split, pseudodata=np.zeros((1, 4)), datasets=DATASETS, closure=True)
        files.flush()
    header = "\treplica 1"
    assert tables(tmp_path, 1, "datacuts_theory_closuretest_fitting_") == {
        "pseudodata_table": [header, "eigenmode 0\t1.5", "eigenmode 1\t-8.0"],
        "training_pseudodata": [header, "eigenmode 0\t1.5"],
        "validation_pseudodata": [header, "eigenmode 1\t-8.0"],
    }
