"""Folding: predictions from the merged grid against the tables themselves, in numpy."""

import dataclasses

import numpy as np
import pytest
from support import problems

from n3fit.compression.folding import FoldedObservable, fold_observable, merged_xgrid, node_positions
from n3fit.compression.forms import BilinearForms
from n3fit.theory.flavours import CHARM_ASYMMETRIC_BASIS, EVOLUTION_BASIS, EVOLUTION_TO_FK, evolution_to_fk

GRIDS = (np.array([1e-4, 1e-2, 0.1, 0.5, 1.0]), np.array([1e-2, 0.1, 0.3, 1.0]), np.array([1e-9]))


def check(observable, grids) -> FoldedObservable:
    """Compare with the tables for three random PDFs."""
    xgrid = merged_xgrid([*observable.tables, *(problems.make_table("other", 1, xgrid=grid) for grid in grids)])
    folded = fold_observable(observable, xgrid)
    pdf = problems.random_pdf(17, replicas=3)
    expected = observable.predict(lambda x: pdf(x) @ EVOLUTION_TO_FK.T)
    assert expected.shape == (3, observable.ndata)
    np.testing.assert_allclose(problems.predict_folded(folded, pdf(xgrid)), expected, rtol=1e-10, atol=1e-12)
    return folded


@pytest.mark.parametrize(
    ("operation", "count"), [("NULL", 1), ("ADD", 2), ("RATIO", 2), ("ASY", 2), ("SMN", 4), ("SMT", 10)]
)
def test_operations_on_linear_tables(operation, count):
    tables = [problems.make_table(f"T{index}", 4, xgrid=GRIDS[index % 2]) for index in range(count)]
    folded = check(problems.make_observable("O", tables, operation), GRIDS)
    assert (folded.linear_matrix() is None) == (operation in ("RATIO", "ASY", "SMN"))


@pytest.mark.parametrize(("operation", "count"), [("NULL", 1), ("ADD", 2), ("RATIO", 2), ("ASY", 2), ("COM", 20)])
def test_operations_on_hadronic_tables(operation, count):
    tables = [problems.make_table(f"H{index}", 2, xgrid=GRIDS[index % 2], hadronic=True) for index in range(count)]
    folded = check(problems.make_observable("O", tables, operation), GRIDS)
    assert folded.linear_matrix() is None
    for operand in folded.operands:
        for forms in operand:
            assert isinstance(forms, BilinearForms)
            np.testing.assert_array_equal(forms.forms, forms.forms.transpose(0, 2, 1))


def test_linear_and_hadronic_tables_in_one_ratio():
    tables = [problems.make_table("H", 3, xgrid=GRIDS[1], hadronic=True), problems.make_table("L", 3)]
    assert check(problems.make_observable("O", tables, "RATIO"), ()).linear_matrix() is None


def test_linear_matrix_of_an_addition():
    first, second = (problems.make_table(name, 3, xgrid=grid) for name, grid in zip("AB", GRIDS, strict=False))
    xgrid = merged_xgrid([first, second])
    sums = fold_observable(problems.make_observable("O", [first, second], "ADD"), xgrid).linear_matrix()
    parts = [fold_observable(problems.make_observable(t.name, [t]), xgrid).linear_matrix() for t in (first, second)]
    np.testing.assert_allclose(sums, parts[0] + parts[1], rtol=1e-14)


def test_several_tables_in_one_operand():
    tables = [problems.make_table("A", 2, xgrid=GRIDS[0]), problems.make_table("B", 3, xgrid=GRIDS[1])]
    folded = check(problems.make_observable("O", [tables]), GRIDS)
    assert folded.ndata == 5
    mixed = [problems.make_table("A", 2), problems.make_table("H", 3, xgrid=GRIDS[1], hadronic=True)]
    assert check(problems.make_observable("O", [mixed]), ()).linear_matrix() is None


def test_one_row_in_the_denominator_serves_all_points():
    tables = [problems.make_table("A", 4), problems.make_table("TOTAL", 1)]
    assert check(problems.make_observable("O", tables, "RATIO"), ()).ndata == 4


def test_merged_grid_has_each_node_once():
    nearly = GRIDS[0] * (1 + 1e-13)
    grid = merged_xgrid([problems.make_table("T", 1, xgrid=xgrid) for xgrid in (*GRIDS, nearly)])
    np.testing.assert_allclose(grid, [1e-9, 1e-4, 1e-2, 0.1, 0.3, 0.5, 1.0], rtol=1e-12)
    np.testing.assert_array_equal(node_positions(nearly, grid), [1, 2, 3, 5, 6])


def test_node_off_the_merged_grid():
    with pytest.raises(ValueError, match="not on the merged grid"):
        node_positions(np.array([0.2]), GRIDS[0])


def test_constant_tables_and_other_bases():
    """A difference of a known and a fitted table, and a table in the basis with V15."""
    known = dataclasses.replace(problems.make_table("known", 4), values=np.arange(4.0), xgrid=np.array([]))
    fitted = problems.make_table("fitted", 4)
    observable = problems.make_observable("POS", [known, fitted], "SUBTRACT_ABS")
    x = merged_xgrid(observable.tables)
    pdf = np.random.default_rng(3).normal(size=(3, len(x), 9))
    for basis in (CHARM_ASYMMETRIC_BASIS, EVOLUTION_BASIS):
        folded = fold_observable(observable, x, basis)
        values = pdf[..., : len(basis)]
        operands = [
            np.concatenate([forms.predict(values) for forms in operand], axis=-1) for operand in folded.operands
        ]
        expected = np.arange(4.0) - abs(fitted.predict(values @ evolution_to_fk(basis).T))
        np.testing.assert_allclose(operands[0] - abs(operands[1]), expected, rtol=1e-12)
        assert folded.linear_matrix() is None
