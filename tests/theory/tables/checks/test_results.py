"""Comparison of a table with a reference, and the report."""

import numpy as np
import pytest

from n3fit.theory.tables.checks.results import CheckedTable, CheckReport, Reference, compare

REFERENCE = Reference("grid", (0, 2), (1.0, 4.0), ("bin 0", "bin 2"))


def test_the_largest_relative_deviation_counts() -> None:
    found = compare("T", np.array([1.001, 7.0, 4.2]), REFERENCE, tolerance=0.06)
    assert (found.points, found.place, found.reference) == (2, "bin 2", "grid")
    assert found.worst == pytest.approx(0.05)
    assert found.passed
    failed = compare("T", np.array([1.001, 7.0, 4.2]), REFERENCE, tolerance=0.04)
    assert failed.problems == ("differs from its grid by 5.0e-02 at bin 2, tolerance 4e-02",)


def test_observables_that_may_vanish_are_compared_with_the_largest() -> None:
    reference = Reference("grid", (0, 1), (1e-6, 2.0), ("a", "b"), may_vanish=True)
    found = compare("T", np.array([2e-6, 2.0]), reference, tolerance=1e-3)
    assert found.worst == pytest.approx(1e-6 / 0.02)


def test_rows_of_terms_that_cancel_are_compared_with_these() -> None:
    reference = Reference("grid", (0, 1), (1.0, 2.0), ("a", "b"), terms=(10.0, 0.5))
    found = compare("T", np.array([1.005, 2.002]), reference, tolerance=1e-3)
    assert found.worst == pytest.approx(1e-3)
    assert found.place == "b"
    alone = compare("T", np.array([1.005, 2.0]), reference, tolerance=1e-3)
    assert alone.worst == pytest.approx(5e-4)


def test_the_accuracy_of_a_reference_is_a_multiple_of_the_tolerance() -> None:
    accurate, less = (Reference("grid", (0,), (1.0,), ("a",), accuracy=accuracy) for accuracy in (1.0, 2.0))
    assert compare("T", np.array([1.0015]), less, tolerance=1e-3).passed
    assert not compare("T", np.array([1.0015]), accurate, tolerance=1e-3).passed
    assert not compare("T", np.array([1.0025]), less, tolerance=1e-3).passed


def test_numbers_that_are_not_finite_do_not_pass() -> None:
    found = compare("T", np.array([np.nan, 0.0, 4.0]), REFERENCE, tolerance=1e-3)
    assert not found.passed
    assert found.place == "bin 0"


def test_a_report_passes_if_all_tables_do() -> None:
    rows = (CheckedTable("A", "grid", 2, 1e-4, "bin 0"), CheckedTable("B", "grid", 3, 2e-3, "bin 1", ("differs",)))
    report = CheckReport(rows=(*rows, CheckedTable("C", notes=("not compared",))), tolerance=1e-3)
    assert (report.passed, report.points, report.worst) == (False, 5, 2e-3)
    assert [row.name for row in report.compared] == ["A", "B"]
    recorded = report.record()
    assert [row["passed"] for row in recorded["tables"]] == [True, False, True]
    assert np.isnan(CheckReport(rows=(), tolerance=1e-3).worst)
