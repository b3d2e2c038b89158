"""Bilinear forms and their expansions in squares, against direct sums."""

from __future__ import annotations

import numpy as np
import pytest

from n3fit.compression.expansion import PDF_BLOCK, Expansion, evaluate_form, sum_of_squares
from n3fit.compression.forms import BilinearForms
from n3fit.compression.random_pdfs import PDFSamples


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(7)


def test_value_of_a_small_form() -> None:
    form = np.array([[1.0, 2.0], [2.0, -3.0]])
    # x^2 + 4 x y - 3 y^2
    np.testing.assert_array_equal(evaluate_form(form, np.array([[1.0, 0.0], [2.0, 5.0], [0.0, 1.0]])), [1, -31, -3])


def test_values_of_more_pdfs_than_one_block(random: np.random.Generator) -> None:
    form = random.standard_normal((12, 12))
    form += form.T
    pdfs = random.standard_normal((PDF_BLOCK + 3, 12))
    np.testing.assert_allclose(evaluate_form(form, pdfs), [pdf @ form @ pdf for pdf in pdfs], rtol=1e-12, atol=1e-12)


def test_sum_of_signed_squares(random: np.random.Generator) -> None:
    pdfs = random.standard_normal((2 * PDF_BLOCK + 1, 2))
    values = sum_of_squares(np.array([[1.0, 1.0], [1.0, -1.0]]), np.array([1.0, -1.0]), pdfs)
    # (x + y)^2 - (x - y)^2 = 4 x y
    np.testing.assert_allclose(values, 4 * pdfs[:, 0] * pdfs[:, 1], rtol=1e-12, atol=1e-12)


def test_predictions_are_those_of_the_compressed_forms_after_each_tightening(random: np.random.Generator) -> None:
    nodes, flavours = 5, 2
    forms = random.standard_normal((3, nodes * flavours, nodes * flavours))
    forms = BilinearForms(forms + forms.transpose(0, 2, 1), np.arange(1, nodes + 1))
    smooth = np.exp(-np.arange(nodes + 2))[:, np.newaxis]
    samples = PDFSamples(*(smooth * random.uniform(0.9, 1.1, (count, nodes + 2, flavours)) for count in (40, 50)))
    expansion = Expansion(forms, samples, share=1e4)
    np.testing.assert_allclose(expansion.exact, forms.predict(samples.certifying), rtol=1e-10)
    lengths = [int(expansion.ranks.sum())]
    for excess in (np.array([1.0, 10.0, 10.0]), np.array([10.0, 10.0, 0.5])):
        cut = expansion.compressed(nodes + 2).predict(samples.certifying)
        np.testing.assert_allclose(expansion.predictions(), cut, rtol=1e-10, atol=1e-10)
        expansion.tighten(excess)
        lengths.append(int(expansion.ranks.sum()))
    cut = expansion.compressed(nodes + 2).predict(samples.certifying)
    np.testing.assert_allclose(expansion.predictions(), cut, rtol=1e-10, atol=1e-10)
    assert lengths[0] < lengths[-1]
