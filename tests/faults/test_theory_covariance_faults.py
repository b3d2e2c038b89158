"""Faults of theory covariances that a user supplies."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from n3fit.data import CommonData, assemble, covariance_matrix
from n3fit.data.theory_covariance import TheoryCovariance, matrix_columns
from n3fit.theory.covariance.user_matrix import arrange, read_user_matrix

LABELS = [("DIS NC", "ONE_X", row) for row in range(5)] + [("TOP", "TWO_X", row) for row in range(3)]
ROOT = np.random.default_rng(8).normal(size=(8, 3))
MATRIX = ROOT @ ROOT.T


def dataset(name: str, size: int) -> CommonData:
    zeros = np.full(size, np.nan)
    return CommonData(
        name=name, variant=None, experiment=name, process_type="JET", operation="NULL", fk_names=((name,),),
        conversion_factor=1.0, ndata_file=size, indices=np.arange(size), central=np.linspace(1.0, 2.0, size),
        statistical=np.full(size, 0.1), systematics=np.zeros((size, 0)), systematic_names=(), systematic_kinds=(),
        systematic_correlations=(), x=zeros, q2=zeros, y=zeros, kinematics={},
    )  # fmt: skip


@pytest.fixture
def user_covariance(tmp_path: Path) -> Callable[..., TheoryCovariance]:
    """Return a function that writes rows of the matrix in some order, and reads it for some data sets."""

    def make(order: list[int], datasets: list[CommonData]) -> TheoryCovariance:
        lines = ["group\t\t\tx", "dataset\t\t\tx", "id\t\t\tx"]
        for row in order:
            numbers = [repr(float(value)) for value in MATRIX[row, order]]
            lines.append("\t".join([*map(str, LABELS[row]), *numbers]))
        (tmp_path / "covmat.csv").write_text("\n".join(lines) + "\n")
        matrix, _ = arrange(read_user_matrix(tmp_path / "covmat.csv"), datasets)
        columns, _ = matrix_columns(matrix, datasets, "covmat.csv")
        return TheoryCovariance(columns, {"user": columns.shape[1]})

    return make


def test_fault_43_theory_covariance_in_another_order_of_points(user_covariance) -> None:
    datasets = [dataset("ONE_X", 5), dataset("TWO_X", 3)]
    for order in ([7, 2, 0, 5, 1, 3, 6, 4], list(range(8))):
        np.testing.assert_allclose(user_covariance(order, datasets).matrix, MATRIX, atol=1e-13)


def test_fault_45_theory_covariance_of_a_removed_data_set_and_of_removed_points(user_covariance) -> None:
    one = dataset("ONE_X", 5)
    np.testing.assert_allclose(user_covariance(list(range(8)), [one]).matrix, MATRIX[:5, :5], atol=1e-13)
    kept = user_covariance(list(range(8)), [dataset("TWO_X", 3), one.select([1, 4])])
    rows = [5, 6, 7, 1, 4]
    np.testing.assert_allclose(kept.matrix, MATRIX[np.ix_(rows, rows)], atol=1e-13)


def test_fault_44_the_theory_covariance_is_added_once_however_often_it_is_read(user_covariance) -> None:
    datasets = [dataset("ONE_X", 5)]
    theory = user_covariance(list(range(8)), datasets)
    for _ in range(2):
        data = assemble(datasets, None, theory=theory)
        expected = covariance_matrix(datasets) + MATRIX[:5, :5]
        for _ in range(2):
            np.testing.assert_allclose(data.with_theory(data.t0_covariance), expected, atol=1e-13)
        np.testing.assert_allclose(data.loss_covariance, expected, atol=1e-13)
