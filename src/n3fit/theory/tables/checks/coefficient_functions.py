"""References for deep-inelastic tables: coefficient functions with the evolved toy PDF on a dense grid."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from n3fit.defaults import Q2_MIN, W2_MIN
from n3fit.progress import ProgressReporter
from n3fit.theory.tables.checks.evolved_toy import EvolvedToy
from n3fit.theory.tables.checks.results import Reference
from n3fit.theory.tables.coefficient_functions import contract_operators
from n3fit.theory.tables.rows import RowCalculator, Unit, is_provided, plan_units
from n3fit.theory.tables.scales import pdf_scale
from n3fit.theory.tables.specifications import Row, TableSpecification
from n3fit.theory.theory_card import TheoryCard

METHOD = "coefficient functions"

HEAVY_FLOOR = 0.05
"""Fraction of the largest row with which those of a heavy quark alone are compared: the toy PDF has no charm."""

HEAVY_ACCURACY = 2.0
"""Multiple of the tolerance for a heavy quark alone, whose distribution is steeper than those of light ones."""


def direct_references(
    tables: tuple[TableSpecification, ...],
    calculator: RowCalculator,
    missing_rows: Mapping[str, Collection[int]],
    *,
    every: int,
    progress: ProgressReporter,
) -> dict[str, Reference]:
    """Return the rows of tables, for the toy PDF on the grid of a calculator.

    Rows of data are calculated where they pass the default cuts, and none that the tables leave out.

    Parameters
    ----------
    tables : tuple of TableSpecification
    calculator : RowCalculator
    missing_rows : mapping of str to collection of int
        Rows that a table leaves out, by table.
    every : int
        Only every n-th virtuality is calculated.
    progress : ProgressReporter
    """
    card = calculator.card
    units = []
    for unit in plan_units(tables, card)[::every]:
        kept = tuple(
            (table, row)
            for table, row in unit.rows
            if is_compared(tables[table], tables[table].rows[row], card)
            and row not in missing_rows.get(tables[table].name, ())
        )
        units += [Unit(unit.q2, kept)] if kept else []
    toy = EvolvedToy(calculator.evolution, [pdf_scale(calculator.card, unit.q2) for unit in units])
    found: dict[int, list[tuple[int, list[float]]]] = {}
    for number, unit in enumerate(units):
        for (table, row), terms in zip(unit.rows, direct_terms(calculator, tables, unit, toy), strict=True):
            found.setdefault(table, []).append((row, terms))
        progress.step("virtualities", number + 1, len(units))
    return {tables[table].name: _reference(tables[table], rows) for table, rows in found.items()}


def direct_terms(
    calculator: RowCalculator, tables: tuple[TableSpecification, ...], unit: Unit, toy: EvolvedToy
) -> list[list[float]]:
    """Compute the rows of a unit for the toy PDF on the grid of the calculator, as terms to be added.

    There is one for each set of parton distributions; those of a heavy quark alone may cancel almost.
    """
    operators = calculator.operators([(tables[table], tables[table].rows[row]) for table, row in unit.rows])
    q = pdf_scale(calculator.card, unit.q2)
    evolved = {partons: toy.at(q, partons) for partons in {partons for operator in operators for partons in operator}}
    return [
        [contract_operators({partons: values}, evolved) for partons, values in operator.items()]
        for operator in operators
    ]


def is_compared(table: TableSpecification, row: Row, card: TheoryCard) -> bool:
    """Return whether a row passes the default cuts; rows of positivity are not cut."""
    if not is_provided(row, card):
        return False
    return not table.target_mass or (row.q2 > Q2_MIN and row.q2 * (1 - row.x) / row.x > W2_MIN)


def _reference(table: TableSpecification, found: list[tuple[int, list[float]]]) -> Reference:
    rows = [table.rows[row] for row, _terms in found]
    values = [sum(terms) for _row, terms in found]
    floor = HEAVY_FLOOR * max(map(abs, values))
    heavy = table.observable.endswith(("_charm", "_bottom"))
    return Reference(
        method=METHOD,
        rows=tuple(row for row, _terms in found),
        values=tuple(values),
        places=tuple(f"x = {row.x:.2g}, Q2 = {row.q2:.4g} GeV2" for row in rows),
        may_vanish=not table.target_mass,
        terms=tuple(max([floor, *map(abs, terms)]) for _row, terms in found) if heavy else (),
        accuracy=HEAVY_ACCURACY if heavy else 1.0,
    )
