"""Unpolarised PDFs in observables of polarised fits."""

import numpy as np
import pytest
from support.problems import make_observable, make_table

from n3fit.theory.boundary import needs_boundary, put_in_boundary
from n3fit.theory.fk_tables import FKTable


def pdf(seed):
    """A PDF (nx, 14), random at each node."""
    return lambda x: np.stack([np.random.default_rng([seed, round(-1e6 * np.log(node))]).normal(size=14) for node in x])


FITTED, BOUNDARY = pdf(1), pdf(2)


def kind(table, *polarised):
    """The table with polarised PDFs."""
    return FKTable(**{**vars(table), "polarised": polarised})


def convolve(table, first, second):
    """The prediction of a hadronic table for two PDFs, in plain loops."""
    a, b = first(table.xgrid), second(table.xgrid)
    return sum(
        np.einsum("nxy,x,y->n", table.values[:, number], a[:, i], b[:, j])
        for number, (i, j) in enumerate(table.channels)
    )


@pytest.mark.parametrize("polarised", [(True, False), (False, True), (True, True), (False, False), ()])
def test_each_pdf_goes_to_its_place(polarised):
    table = kind(make_table("jet", 3, hadronic=True), *polarised)
    observable = put_in_boundary(make_observable("JET", [table]), BOUNDARY)
    places = [FITTED if is_polarised else BOUNDARY for is_polarised in polarised or (False, False)]
    np.testing.assert_allclose(observable.predict(FITTED), convolve(table, *places), rtol=1e-12)
    assert observable.tables[0].hadronic == (polarised == (True, True))
    assert observable.tables[0].constant == (not any(polarised))
    assert observable.linear == (polarised != (True, True))


def test_asymmetries_are_linear():
    numerator = kind(make_table("up", 4), True)
    tables = [[numerator], [make_table("down", 4)]]
    observable = put_in_boundary(make_observable("A1", tables, "RATIO"), BOUNDARY)
    expected = numerator.predict(FITTED(numerator.xgrid)) / tables[1][0].predict(BOUNDARY(numerator.xgrid))
    assert observable.operation == "NULL"
    assert observable.linear
    np.testing.assert_allclose(observable.predict(FITTED), expected, rtol=1e-12)
    many = np.stack([FITTED(numerator.xgrid), 2 * FITTED(numerator.xgrid)])
    np.testing.assert_allclose(observable.predict(lambda x: many), [expected, 2 * expected], rtol=1e-12)


def test_a_single_row_divides_all_points():
    numerator = [kind(make_table("up", 3), True), kind(make_table("other", 2), True)]
    denominator = make_table("total", 1)
    observable = put_in_boundary(make_observable("A1", [numerator, [denominator]], "RATIO"), BOUNDARY)
    rows = np.concatenate([table.predict(FITTED(table.xgrid)) for table in numerator])
    np.testing.assert_allclose(
        observable.predict(FITTED), rows / denominator.predict(BOUNDARY(denominator.xgrid)), rtol=1e-12
    )


def test_positivity_bounds():
    unpolarised, polarised = make_table("a", 5), kind(make_table("b", 5), True)
    observable = put_in_boundary(make_observable("POS", [unpolarised, polarised], "SUBTRACT_ABS"), BOUNDARY)
    x = unpolarised.xgrid
    expected = unpolarised.predict(BOUNDARY(x)) - abs(polarised.predict(FITTED(x)))
    np.testing.assert_allclose(observable.predict(FITTED), expected, rtol=1e-12)


def test_need_of_a_boundary():
    plain, polarised = make_table("a", 2), kind(make_table("b", 2), True)
    mixed = kind(make_table("c", 2, hadronic=True), True, False)
    assert needs_boundary([make_observable("ONE", [plain])])
    assert needs_boundary([make_observable("ONE", [polarised]), make_observable("TWO", [mixed])])
    assert not needs_boundary([make_observable("ONE", [polarised])])
    assert not needs_boundary([put_in_boundary(make_observable("TWO", [mixed]), BOUNDARY)])
