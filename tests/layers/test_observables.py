"""Linear and bilinear maps and operations against einsum."""

import keras
import numpy as np
import pytest

from n3fit.compression.thin_products import thin_product
from n3fit.layers.observables import BilinearMap, LinearMap, TableOperation

RANDOM = np.random.default_rng(1)
PDF = RANDOM.normal(size=(1, 3, 4, 2))


def apply(layer, *tensors):
    inputs = [keras.ops.convert_to_tensor(tensor, dtype=keras.config.floatx()) for tensor in tensors]
    return np.asarray(layer(inputs[0] if len(inputs) == 1 else inputs))


def linear_map(matrix: np.ndarray) -> LinearMap:
    """Return the layer of a matrix in the current precision."""
    return LinearMap(thin_product(matrix, float(np.finfo(keras.config.floatx()).eps)))


def test_linear_map(double_precision):
    matrix = RANDOM.normal(size=(5, 8))
    expected = np.einsum("nxf,brxf->brn", matrix.reshape(5, 4, 2), PDF)
    np.testing.assert_allclose(apply(linear_map(matrix), PDF), expected, rtol=1e-13)


@pytest.mark.parametrize("rows", [90, 300])
def test_linear_map_of_few_independent_rows(rows):
    """Half of the columns are zero and only twenty rows are independent: the same to single precision."""
    matrix = np.zeros((rows, 200))
    matrix[:, 100:] = RANDOM.normal(size=(rows, 20)) @ RANDOM.normal(size=(20, 100))
    pdf = RANDOM.normal(size=(1, 3, 100, 2))
    layer = linear_map(matrix)
    expected = pdf.reshape(1, 3, 200) @ matrix.T
    np.testing.assert_allclose(apply(layer, pdf), expected, atol=3e-6 * np.abs(expected).max())
    assert [tuple(factor.shape) for factor in layer.factors] == [(100, 20), (20, rows)]


def test_bilinear_map(double_precision):
    forms = RANDOM.normal(size=(5, 6, 6))
    nodes = np.array([3, 0, 2])
    chosen = PDF[:, :, nodes]
    expected = np.einsum("nxfyg,brxf,bryg->brn", forms.reshape(5, 3, 2, 3, 2), chosen, chosen)
    np.testing.assert_allclose(apply(BilinearMap(forms, nodes), PDF), expected, rtol=1e-12)


def test_replicas_do_not_mix():
    layer = linear_map(RANDOM.normal(size=(5, 8)))
    broken = PDF.copy()
    broken[:, 1] = np.inf
    np.testing.assert_array_equal(apply(layer, broken)[:, [0, 2]], apply(layer, PDF)[:, [0, 2]])
    layer = BilinearMap(RANDOM.normal(size=(5, 6, 6)), np.array([0, 1, 2]))
    np.testing.assert_array_equal(apply(layer, broken)[:, [0, 2]], apply(layer, PDF)[:, [0, 2]])


@pytest.mark.parametrize(
    ("operation", "expected"), [("ADD", [5.0, 9.0]), ("RATIO", [4.0, 0.5]), ("ASY", [0.6, -1 / 3])]
)
def test_operation(operation, expected):
    first, second = np.array([[[4.0, 3.0]]]), np.array([[[1.0, 6.0]]])
    np.testing.assert_allclose(apply(TableOperation(operation), first, second)[0, 0], expected, rtol=1e-6)


def test_one_row_serves_all_points():
    ratio = apply(TableOperation("RATIO"), np.array([[[4.0, 3.0]]]), np.array([[[2.0]]]))
    np.testing.assert_array_equal(ratio, [[[2.0, 1.5]]])
