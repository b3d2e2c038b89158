"""The matrix of a user: labels, cuts, and files that are no such table."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from n3fit.data import CommonData
from n3fit.errors import DataError
from n3fit.theory.covariance.user_matrix import arrange, find_user_matrix, read_user_matrix

LABELS = [("DIS NC", "ONE_X", row) for row in range(4)] + [("TOP", "TWO_X", row) for row in range(3)]
ROOT = np.random.default_rng(5).normal(size=(7, 7))
MATRIX = ROOT @ ROOT.T


def write(path: Path, labels: list[tuple[str, str, int]], matrix: np.ndarray, separator: str = "\t") -> Path:
    """Write a table as pandas does, with which such tables are made."""
    index = pd.MultiIndex.from_tuples(labels, names=["group", "dataset", "id"])
    pd.DataFrame(matrix, index=index, columns=index).to_csv(path, sep=separator)
    return path


@pytest.fixture
def datasets(make_dataset: Callable[..., CommonData]) -> list[CommonData]:
    """The second set first, and the first without its points 0 and 2."""
    one = make_dataset("ONE_X", [1.0, 2.0, 3.0, 4.0], 0.1)
    return [make_dataset("TWO_X", [4.0, 5.0, 6.0], 0.1), one.select([1, 3])]


@pytest.mark.parametrize("separator", ["\t", ","])
def test_rows_go_to_their_points(tmp_path: Path, datasets: list[CommonData], separator: str) -> None:
    read = read_user_matrix(write(tmp_path / "covmat.csv", LABELS, MATRIX, separator))
    arranged, remarks = arrange(read, datasets)
    rows = [4, 5, 6, 1, 3]
    np.testing.assert_array_equal(arranged, MATRIX[np.ix_(rows, rows)])
    assert remarks == ()


def test_sets_that_one_side_lacks_are_reported(
    tmp_path: Path, datasets: list[CommonData], make_dataset: Callable[..., CommonData]
) -> None:
    fitted = [datasets[1], make_dataset("THREE_X", [1.0, 2.0], 0.1)]
    arranged, remarks = arrange(read_user_matrix(write(tmp_path / "covmat.csv", LABELS, MATRIX)), fitted)
    np.testing.assert_array_equal(arranged[:2, :2], MATRIX[np.ix_([1, 3], [1, 3])])
    assert not arranged[2:].any()
    assert not arranged[:, 2:].any()
    assert remarks == (
        "covmat.csv: data sets that the fit does not have are without effect: TWO_X",
        "covmat.csv: has no covariance of THREE_X",
    )


def test_all_kept_points_that_the_file_lacks_are_named(tmp_path: Path, datasets: list[CommonData]) -> None:
    kept = [0, 1, 2, 4]
    path = write(tmp_path / "covmat.csv", [LABELS[row] for row in kept], MATRIX[np.ix_(kept, kept)])
    with pytest.raises(DataError, match=r"lacks points that the cuts keep: TWO_X \(1, 2\), ONE_X \(3\)"):
        arrange(read_user_matrix(path), datasets)


def test_a_file_of_other_sets_is_refused(tmp_path: Path, make_dataset: Callable[..., CommonData]) -> None:
    path = write(tmp_path / "covmat.csv", LABELS, MATRIX)
    with pytest.raises(DataError, match="has none of the data sets of the fit, but ONE_X, TWO_X"):
        arrange(read_user_matrix(path), [make_dataset("THREE_X", [1.0], 0.1)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("TWO_X\t2\t", "TWO_X\t1\t"), r"has these points twice: TWO_X \(1\)"),
        (lambda text: "\n".join(text.splitlines()[:-1]), "received 6 rows .* and 7 columns"),
        (lambda text: text + "DIS NC\tONE_X\n", r"line 12: expected category, data set, .*received \['DIS NC'"),
        (lambda text: text.rstrip() + "x\n", "line 11: could not convert"),
        (lambda text: text.rstrip().rpartition("\t")[0] + "\tnan\n", "line 11: expected finite numbers"),
        (lambda text: text.rstrip().rpartition("\t")[0] + "\n", "line 11: expected 7 numbers, received 6"),
        (lambda _: "", "received 0 rows"),
        (lambda _: "no\n" * 9, "line 9: expected category"),
    ],
)  # fmt: skip
def test_other_files_are_refused(tmp_path: Path, change: Callable[[str], str], message: str) -> None:
    path = write(tmp_path / "covmat.csv", LABELS, MATRIX)
    path.write_text(change(path.read_text()))
    with pytest.raises(DataError, match=f"covmat.csv.*{message}"):
        read_user_matrix(path)


def test_the_file_is_found_in_the_working_directory_or_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "covmat.csv", LABELS, MATRIX)
    monkeypatch.chdir(tmp_path)
    assert find_user_matrix("covmat.csv").resolve() == path
    monkeypatch.chdir("/")
    assert find_user_matrix("covmat.csv", [tmp_path]) == path
    with pytest.raises(DataError, match=r"user_covmat_path: expected a file, found none at .*other.csv"):
        find_user_matrix("other.csv", [tmp_path])
