import numpy as np
import pytest
from scipy.special import beta

from n3fit.ensembles.node_polynomials import interpolation_matrix, moment_weights
from n3fit.theory.toy_pdf import les_houches_toy
from n3fit.theory.xgrids import export_xgrid


def test_polynomials_up_to_the_fifth_power_of_log_x_are_exact() -> None:
    nodes = np.array([1e-4, 1e-3, 7e-3, 0.02, 0.1, 0.4, 0.7, 1.0])
    x = np.array([1e-4, 3e-4, 0.015, 0.1, 0.9, 1.0])

    def polynomial(x: np.ndarray) -> np.ndarray:
        return np.polynomial.polynomial.polyval(np.log(x), [0.3, -1.0, 0.4, 0.2, -0.1, 0.02])

    np.testing.assert_allclose(interpolation_matrix(nodes, x) @ polynomial(nodes), polynomial(x), rtol=1e-9)


def test_interpolation_is_exact_at_the_nodes() -> None:
    nodes = export_xgrid()
    np.testing.assert_allclose(interpolation_matrix(nodes, nodes), np.eye(len(nodes)), atol=1e-9)


def test_toy_pdf_between_the_nodes_of_exportgrids() -> None:
    nodes = export_xgrid()
    x = np.concatenate([np.geomspace(1.5e-9, 0.1, 301), np.linspace(0.1, 1.0, 303)])
    pids = [21, 2, -2, -1]
    received = les_houches_toy(pids, nodes) @ interpolation_matrix(nodes, x).T
    np.testing.assert_allclose(received, les_houches_toy(pids, x), rtol=1e-6, atol=5e-8)


def test_integrals_of_the_toy_pdf() -> None:
    nodes = export_xgrid()
    up, anti_up, gluon = les_houches_toy([2, -2, 21], nodes)
    momentum, number = moment_weights(nodes, power=0.0), moment_weights(nodes, power=-1.0)
    assert momentum @ gluon == pytest.approx(1.7 * beta(0.9, 6.0), abs=1e-7)
    missing = 5.1072 * 1e-9**0.8 / 0.8  # below the first node
    assert number @ (up - anti_up) == pytest.approx(5.1072 * beta(0.8, 4.0) - missing, abs=2e-8)


@pytest.mark.parametrize(
    ("nodes", "x", "message"), [(8, [1e-4], r"expected x in \[0.001, 1\]"), (5, [0.5], "at least 6")]
)
def test_points_that_cannot_be_interpolated(nodes: int, x: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        interpolation_matrix(np.geomspace(1e-3, 1, nodes), np.array(x))
