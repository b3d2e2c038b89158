"""Sums of squares against the forms that they replace, on PDFs that were not used to choose them."""

import numpy as np
import pytest
from support import problems

from n3fit.compression import compressor
from n3fit.compression.accuracy import RELATIVE_TOLERANCE, SIGMA_TOLERANCE, largest_errors
from n3fit.compression.compressor import TheoryCompressor
from n3fit.compression.folding import FoldedObservable, fold_observable, merged_xgrid
from n3fit.compression.forms import BilinearForms, LinearForms, SumsOfSquares
from n3fit.compression.random_pdfs import draw_samples, random_pdfs
from n3fit.compression.squares import compress_observable, sum_operands
from n3fit.storage import CACHE_VARIABLE
from n3fit.theory.compound import apply_operation
from n3fit.theory.flavours import EVOLUTION_BASIS

GRID = np.geomspace(1e-4, 0.9, 12)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))


@pytest.fixture(scope="module")
def samples():
    return draw_samples(GRID)


def convolution(rows, seed):
    """Return forms like those of cross-sections: positive, smooth, dominated by partons at similar x."""
    random = np.random.default_rng(seed)
    logs = np.log(GRID)
    flavours = len(EVOLUTION_BASIS)
    mixing = random.normal(size=(rows, flavours, flavours)) * 0.1
    mixing[:, 0, 0] = 1.0
    mixing[:, 1, 1] = 1.0
    centres = random.uniform(-6, -2, size=(rows, 1, 1))
    kernel = np.exp(-0.5 * ((logs[:, np.newaxis] + logs - centres) / 1.5) ** 2)
    forms = np.einsum("nxy,nfg->nxfyg", kernel, mixing).reshape(rows, len(GRID) * flavours, -1)
    return BilinearForms(0.5 * (forms + forms.transpose(0, 2, 1)), np.arange(len(GRID)))


def predict(observable, pdfs):
    operands = [np.concatenate([rows.predict(pdfs) for rows in operand], axis=-1) for operand in observable.operands]
    return np.asarray(apply_operation(observable.operation, operands))


def observable(operation, count, rows=3):
    operands = tuple((convolution(rows, seed),) for seed in range(count))
    return FoldedObservable("O", operation, operands, rows)


@pytest.mark.parametrize(("operation", "count"), [("NULL", 1), ("ADD", 2), ("RATIO", 2), ("ASY", 2), ("SMN", 4)])
def test_errors_on_other_pdfs_are_within_the_tolerances(operation, count, samples):
    exact = observable(operation, count)
    size = np.median(np.abs(predict(exact, random_pdfs(GRID, 500, seed=7))), axis=0)
    uncertainty = size * np.array([1e-2, 1e-3, 1.0])
    compressed, certificate = compress_observable(exact, samples, uncertainty)
    pdfs = random_pdfs(GRID, 2000, seed=77)
    pairs = [
        (given[0].predict(pdfs), found[0].predict(pdfs))
        for given, found in zip(sum_operands(exact).operands, compressed.operands, strict=True)
    ]
    relative, absolute = largest_errors(compressed.operation, pairs)
    # the largest error of a ratio is that of the smallest denominator, which the samples contain only roughly
    slack = 1 if operation in ("NULL", "ADD") else 2
    assert relative.max() < slack * RELATIVE_TOLERANCE
    assert (absolute / uncertainty).max() < slack * SIGMA_TOLERANCE
    expected, difference = predict(exact, pdfs), np.abs(predict(compressed, pdfs) - predict(exact, pdfs))
    assert np.mean(difference > RELATIVE_TOLERANCE * np.abs(expected)) < 0.02
    assert np.mean(difference > SIGMA_TOLERANCE * uncertainty) < 0.02
    assert certificate.relative.max() <= RELATIVE_TOLERANCE
    assert certificate.uncertainty.max() <= SIGMA_TOLERANCE
    assert certificate.functionals.max() < count * len(GRID) * 8
    for operand in compressed.operands:
        assert isinstance(operand[0], SumsOfSquares)


def test_smaller_uncertainties_need_more_functionals(samples):
    exact = observable("NULL", 1)
    loose, _ = compress_observable(exact, samples, None)
    size = np.median(np.abs(predict(exact, random_pdfs(GRID, 500, seed=7))), axis=0)
    tight, certificate = compress_observable(exact, samples, 1e-5 * size)
    more = tight.operands[0][0].counts - loose.operands[0][0].counts
    assert more.min() >= 0
    assert more.max() > 0
    assert certificate.uncertainty.max() <= SIGMA_TOLERANCE


def test_a_form_of_one_square_is_one_functional(samples):
    functional = np.zeros(len(GRID) * 8)
    functional[[5, 40]] = 1.0, 0.5
    rows = BilinearForms(-np.outer(functional, functional)[np.newaxis], np.arange(len(GRID)))
    compressed, _ = compress_observable(FoldedObservable("O", "NULL", ((rows,),), 1), samples, None)
    found = compressed.operands[0][0]
    np.testing.assert_array_equal(found.counts, [1])
    np.testing.assert_array_equal(found.signs, [-1.0])
    np.testing.assert_allclose(np.abs(found.functionals[0]), functional, atol=1e-6)


def test_a_row_of_zeros_stays_zero(samples):
    rows = BilinearForms(np.zeros((1, len(GRID) * 8, len(GRID) * 8)), np.arange(len(GRID)))
    compressed, _ = compress_observable(FoldedObservable("O", "NULL", ((rows,),), 1), samples, np.ones(1))
    assert predict(compressed, random_pdfs(GRID, 3, seed=1)).tolist() == [[0.0]] * 3


def test_tolerance_beyond_double_precision(samples):
    with pytest.raises(ArithmeticError, match="O: cannot be compressed with errors below 1e-05"):
        compress_observable(observable("NULL", 1), samples, np.full(3, 1e-25))


@pytest.mark.parametrize(
    ("operation", "count", "summed"), [("ADD", 2, "NULL"), ("SMT", 10, "NULL"), ("COM", 20, "RATIO")]
)
def test_operands_that_are_only_added_become_one(operation, count, summed):
    nodes = [np.array([0, 2, 5]), np.array([1, 2])]
    random = np.random.default_rng(4)
    blocks = []
    for index in range(count):
        size = len(nodes[index % 2]) * 8
        blocks.append((BilinearForms(random.normal(size=(2, size, size)), nodes[index % 2]),))
    exact = FoldedObservable("O", operation, tuple(blocks), 2)
    found = sum_operands(exact)
    assert found.operation == summed
    pdfs = random_pdfs(GRID, 5, seed=3)
    np.testing.assert_allclose(predict(found, pdfs), predict(exact, pdfs), rtol=1e-10)


def test_linear_forms_of_a_ratio_are_unchanged(samples):
    linear = LinearForms(np.random.default_rng(1).uniform(size=(3, len(GRID) * 8)))
    exact = FoldedObservable("O", "RATIO", ((convolution(3, 1),), (linear,)), 3)
    compressed, _ = compress_observable(exact, samples, None)
    assert compressed.operands[1][0] is linear


def test_a_second_compression_comes_from_the_cache(monkeypatch):
    tables = [problems.make_table(name, 3, hadronic=True) for name in "AB"]
    theory = problems.make_observable("O", [tables[0]])
    xgrid = merged_xgrid(theory.tables)
    first = TheoryCompressor(xgrid)
    folded = first.fold(theory, np.ones(3))
    monkeypatch.setattr(compressor, "compress_observable", None)
    second = TheoryCompressor(xgrid)
    again = second.fold(theory, np.ones(3))
    pdfs = random_pdfs(xgrid, 4, seed=5)
    np.testing.assert_array_equal(predict(again, pdfs), predict(folded, pdfs))
    np.testing.assert_array_equal(second.certificates["O"].relative, first.certificates["O"].relative)
    np.testing.assert_allclose(predict(again, pdfs), predict(fold_observable(theory, xgrid), pdfs), rtol=1e-3)
    with pytest.raises(TypeError):
        second.fold(theory, 2 * np.ones(3))
    with pytest.raises(TypeError):
        second.fold(problems.make_observable("O", [tables[1]]), np.ones(3))


def test_several_observables_at_a_time_give_the_same_bits(monkeypatch, tmp_path):
    tables = [problems.make_table(name, 2, hadronic=True) for name in "ABC"]
    observables = [problems.make_observable(table.name, [table]) for table in tables]
    xgrid = merged_xgrid(tables)
    pdfs = random_pdfs(xgrid, 4, seed=5)
    results = []
    for workers in (1, 3):
        monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path / str(workers)))
        folded = TheoryCompressor(xgrid).fold_all(observables, [np.ones(2), None, np.ones(2)], workers=workers)
        assert [observable.name for observable in folded] == [observable.name for observable in observables]
        results.append([predict(observable, pdfs) for observable in folded])
    np.testing.assert_array_equal(*results)


def test_random_pdfs_are_always_the_same_and_satisfy_the_sum_rules():
    from n3fit.theory.integration import integration_nodes

    nodes, weights = integration_nodes()
    pdfs = random_pdfs(nodes, 300, seed=1)
    np.testing.assert_array_equal(pdfs, random_pdfs(nodes, 300, seed=1))
    assert not np.array_equal(pdfs, random_pdfs(nodes, 300, seed=2))
    assert np.isfinite(pdfs).all()
    momentum = pdfs[..., :2].sum(axis=-1) @ weights
    valence = (pdfs[..., EVOLUTION_BASIS.index("V")] / nodes) @ weights
    # a few normalisations are bounded
    assert np.mean(np.abs(momentum - 1) < 1e-6) > 0.8
    assert np.mean(np.abs(valence - 3) < 1e-6) > 0.8
