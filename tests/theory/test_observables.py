"""From tables on disk to the predictions of a data set."""

from functools import partial

import numpy as np
import pytest

from n3fit.errors import TheoryError
from n3fit.theory.observables import load_observable
from n3fit.theory.tables.fk_writer import write_fk_table
from n3fit.theory.theories import Theory

GRIDS = {"A": [0.1, 0.5, 1.0], "B": [0.05, 0.1, 0.2, 1.0]}


@pytest.fixture
def theory(tmp_path):
    """Tables A (3 rows), B (2 rows, another x-grid) and ONE (1 row), all of the gluon."""
    (tmp_path / "fastkernel").mkdir()
    for seed, (name, rows) in enumerate({"A": 3, "B": 2, "ONE": 1}.items()):
        xgrid = np.array(GRIDS.get(name, GRIDS["A"]))
        values = np.random.default_rng(seed).uniform(1, 2, (rows, 1, len(xgrid))) * xgrid
        path = tmp_path / "fastkernel" / f"{name}.pineappl.lz4"
        write_fk_table(path, values, pids=(21,), xgrid=xgrid, q0=1.65, metadata={})
    return Theory("7", tmp_path, {"Q0": 1.65})


def gluon(x):
    pdf = np.zeros((len(x), 14))
    pdf[:, 2] = x**-0.1 * (1 - x) ** 3
    return pdf


def predictions(theory, name):
    table = theory.load_table(name)
    return table.values[:, 0] @ gluon(table.xgrid)[:, 2]


def test_rows_that_the_cuts_keep(theory):
    observable = load_observable(theory, "D", [["A"]], "NULL", np.array([0, 2]), 3)
    np.testing.assert_allclose(observable.predict(gluon), predictions(theory, "A")[[0, 2]], rtol=1e-12)
    assert (observable.ndata, observable.linear) == (2, True)


def test_rows_of_tables_behind_each_other(theory):
    expected = np.concatenate([predictions(theory, "A"), predictions(theory, "B")])
    for rows in ([0, 1, 2, 3, 4], [2, 3], [4], [0]):
        observable = load_observable(theory, "D", [["A", "B"]], "null", np.array(rows), 5)
        np.testing.assert_allclose(observable.predict(gluon), expected[rows], rtol=1e-12)


def test_fault_30_operands_of_different_grids(theory):
    tables = [["A", "ONE"], ["B", "B"]]
    observable = load_observable(theory, "D", tables, "RATIO", np.array([1, 3]), 4)
    numerator = np.concatenate([predictions(theory, "A"), predictions(theory, "ONE")])
    denominator = np.tile(predictions(theory, "B"), 2)
    np.testing.assert_allclose(observable.predict(gluon), (numerator / denominator)[[1, 3]], rtol=1e-12)
    assert not observable.linear


def test_single_row_as_denominator(theory):
    observable = load_observable(theory, "D", [["A"], ["ONE"]], "RATIO", np.array([0, 2]), 3)
    expected = predictions(theory, "A")[[0, 2]] / predictions(theory, "ONE")
    np.testing.assert_allclose(observable.predict(gluon), expected, rtol=1e-12)


@pytest.fixture
def total(theory):
    """A table of which only the first row is not zero, as totals are stored beside distributions."""
    values = np.zeros((4, 1, 3))
    values[0] = [[0.3, 0.2, 0.1]]
    path = theory.folder / "fastkernel" / "TOTAL.pineappl.lz4"
    write_fk_table(path, values, pids=(21,), xgrid=np.array(GRIDS["A"]), q0=1.65, metadata={})
    return predictions(theory, "TOTAL")[0]


def test_denominator_with_zeros_after_the_first_row(theory, total):
    tables = [["A", "ONE"], ["TOTAL"]]
    observable = load_observable(theory, "D", tables, "ratio", np.array([1, 3]), 4, conversion_factor=3.0)
    expected = np.concatenate([predictions(theory, "A"), predictions(theory, "ONE")])[[1, 3]] / total
    np.testing.assert_allclose(observable.predict(gluon), expected, rtol=1e-12)
    (denominator,) = observable.operands[1]
    assert denominator.ndata == 1


def test_zeros_stay_where_they_are_no_common_denominator(theory, total):
    observable = load_observable(theory, "D", [["A", "ONE"], ["TOTAL"]], "ADD", np.arange(4), 4)
    expected = np.concatenate([predictions(theory, "A"), predictions(theory, "ONE")])
    expected[0] += total
    np.testing.assert_allclose(observable.predict(gluon), expected, rtol=1e-12)


def test_shifted_tables(theory):
    """Two points without theory before B: the rows of A are the points 0 to 2, those of B 5 and 6."""
    (theory.folder / "cfactor").mkdir()
    for name, text in (("A", "1 0\n2 0\n3 0\n"), ("B", "4 0\n5 0\n")):
        (theory.folder / "cfactor" / f"CF_QCD_{name}.dat").write_text(f"*\n*\n{text}")
    load = partial(load_observable, theory, "D", [["A", "B"]], "NULL", shifts={"B": 2}, cfac=["QCD"])
    expected = np.concatenate([[1, 2, 3] * predictions(theory, "A"), [np.nan] * 2, [4, 5] * predictions(theory, "B")])
    for rows in ([0, 1, 2, 5, 6], [2, 6], [5]):
        observable = load(np.array(rows), 7)
        np.testing.assert_allclose(observable.predict(gluon), expected[rows], rtol=1e-12)
    with pytest.raises(TheoryError, match="D: there is no theory for 2 points before table B") as caught:
        load(np.arange(7), 7)
    assert caught.value.hint == "cut these points"
    with pytest.raises(TheoryError, match="D: the tables A, B have 7 rows, the data 5 points"):
        load(np.array([0]), 5)


def test_factors(theory):
    (theory.folder / "cfactor").mkdir()
    (theory.folder / "cfactor" / "CF_QCD_A.dat").write_text("***\nhead\n***\n2.0 0\n3.0 0\n4.0 0\n")
    observable = load_observable(
        theory, "D", [["A"]], "NULL", np.array([0, 2]), 3,
        conversion_factor=10.0, normalization={"A": 0.5, "B": 7.0}, cfac=["QCD"],
    )  # fmt: skip
    expected = predictions(theory, "A")[[0, 2]] * 5.0 * np.array([2.0, 4.0])
    np.testing.assert_allclose(observable.predict(gluon), expected, rtol=1e-12)
    # loading once more multiplies nothing twice
    plain = load_observable(theory, "D", [["A"]], "NULL", np.array([0, 2]), 3)
    np.testing.assert_allclose(plain.predict(gluon), predictions(theory, "A")[[0, 2]], rtol=1e-12)


def test_fault_29_rows_do_not_match_the_data(theory):
    with pytest.raises(TheoryError, match="D: the tables A have 3 rows, the data 4 points") as caught:
        load_observable(theory, "D", [["A"]], "NULL", np.array([0, 2]), 4)
    assert caught.value.exit_code == 3


def test_fault_29_single_row_for_many_points(theory):
    """One row serves all points only beside an operand with a row for each."""
    for tables, operation in (([["ONE"]], "NULL"), ([["ONE"], ["ONE"]], "RATIO")):
        with pytest.raises(TheoryError, match="D: the tables ONE have 1 row"):
            load_observable(theory, "D", tables, operation, np.array([0]), 4)


def test_wrong_number_of_operands(theory):
    with pytest.raises(TheoryError, match="operation RATIO: expected 2 tables, received 1"):
        load_observable(theory, "D", [["A"]], "RATIO", np.array([0]), 3)
