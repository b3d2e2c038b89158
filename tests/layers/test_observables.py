"""Linear and bilinear maps and operations against einsum."""

import keras
import numpy as np
import pytest

from n3fit.layers.observables import BilinearMap, LinearMap, SumsOfSquares, TableOperation

RANDOM = np.random.default_rng(1)
PDF = RANDOM.normal(size=(1, 3, 4, 2))


def apply(layer, *tensors):
    inputs = [keras.ops.convert_to_tensor(tensor, dtype=keras.config.floatx()) for tensor in tensors]
    return np.asarray(layer(inputs[0] if len(inputs) == 1 else inputs))


def test_linear_map(double_precision):
    matrix = RANDOM.normal(size=(5, 8))
    expected = np.einsum("nxf,brxf->brn", matrix.reshape(5, 4, 2), PDF)
    np.testing.assert_allclose(apply(LinearMap(matrix), PDF), expected, rtol=1e-13)


def test_bilinear_map(double_precision):
    forms = RANDOM.normal(size=(5, 6, 6))
    nodes = np.array([3, 0, 2])
    chosen = PDF[:, :, nodes]
    expected = np.einsum("nxfyg,brxf,bryg->brn", forms.reshape(5, 3, 2, 3, 2), chosen, chosen)
    np.testing.assert_allclose(apply(BilinearMap(forms, nodes), PDF), expected, rtol=1e-12)


def test_replicas_do_not_mix():
    layer = LinearMap(RANDOM.normal(size=(5, 8)))
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


def sums_of_squares():
    """Three sums of 4, 4 and 8 squares, the last first in the output; one functional only fills up."""
    signs = RANDOM.choice([-1.0, 1.0], size=16)
    signs[3] = 0.0
    functionals = RANDOM.normal(size=(16, 6))
    layer = SumsOfSquares(functionals, signs, np.array([4, 4, 8]), np.array([1, 2, 0]))
    pdf = RANDOM.normal(size=(1, 3, 3, 2))
    squares = signs * (pdf.reshape(1, 3, 6) @ functionals.T) ** 2
    expected = np.stack([squares[..., 8:].sum(-1), squares[..., :4].sum(-1), squares[..., 4:8].sum(-1)], axis=-1)
    return layer, pdf, expected


def test_sums_of_squares(double_precision):
    layer, pdf, expected = sums_of_squares()
    np.testing.assert_allclose(apply(layer, pdf), expected, rtol=1e-12)


def test_sums_of_squares_in_single_precision():
    layer, pdf, expected = sums_of_squares()
    np.testing.assert_allclose(apply(layer, pdf), expected, atol=1e-4)


def test_sums_of_squares_do_not_mix_replicas():
    layer, pdf, _ = sums_of_squares()
    broken = pdf.copy()
    broken[:, 1] = np.inf
    np.testing.assert_array_equal(apply(layer, broken)[:, [0, 2]], apply(layer, pdf)[:, [0, 2]])


def test_widths_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="must add up to the number of signs and of functionals, received 4, 3 and 3"):
        SumsOfSquares(np.ones((3, 2)), np.ones(3), np.array([4]), np.array([0]))
