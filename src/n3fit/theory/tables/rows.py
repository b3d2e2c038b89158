"""Rows of FK tables at one virtuality, folded with the evolution from the initial scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from n3fit.errors import TheoryError
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.theory.flavours import EXPORT_PIDS, FK_BASIS, FK_TO_FLAVOUR
from n3fit.theory.tables.coefficient_functions import MasslessRows, Operators, StructureFunctions, add_operators
from n3fit.theory.tables.collection import KernelCollection
from n3fit.theory.tables.heavy_quarks import PartonSet, scheme_parts
from n3fit.theory.tables.processes import PROJECTILES
from n3fit.theory.tables.specifications import Row, TableSpecification
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats

TABLE_PIDS = (21, 103, 108, 115, 100, 203, 208, 215, 200)
"""Channels of the tables: g, T3, T8, T15, Sigma, V3, V8, V15, V; the others follow from four flavours at Q0."""

_TABLE_NAMES = ("g", "T3", "T8", "T15", "Sigma", "V3", "V8", "V15", "V")


@dataclass(frozen=True)
class Unit:
    """The rows of all tables at one virtuality, which are computed and stored together.

    Attributes
    ----------
    q2 : float
        GeV^2.
    rows : tuple of (table number, row number)
    """

    q2: float
    rows: tuple[tuple[int, int], ...]


def plan_units(tables: Sequence[TableSpecification], card: TheoryCard) -> tuple[Unit, ...]:
    """Return the rows that the theory provides (Q2 >= Q0^2, x < 1) by virtuality, in increasing order."""
    grouped: dict[float, list[tuple[int, int]]] = {}
    for number, table in enumerate(tables):
        if table.observable.startswith("initial"):
            continue
        for index, row in enumerate(table.rows):
            if is_provided(row, card):
                grouped.setdefault(row.q2, []).append((number, index))
    return tuple(Unit(q2, tuple(grouped[q2])) for q2 in sorted(grouped))


def is_provided(row: Row, card: TheoryCard) -> bool:
    """Return whether the theory provides a row: at or above the initial scale, with x < 1."""
    return row.q2 >= card.Q0**2 * (1 - 1e-9) and row.x < 1


class RowCalculator:
    """Calculator of the rows of tables for a theory card and an x-grid."""

    def __init__(self, card: TheoryCard, xgrid: ArrayLike) -> None:
        self.card = card
        self.evolution = EvolutionOperators(card, xgrid)
        self._massless: MasslessRows = {}

    def rows(self, tables: Sequence[TableSpecification], unit: Unit) -> Floats:
        """Compute the rows of a unit: (nrows, nchannels, nx), acting on f at Q0 (channels: TABLE_PIDS).

        Raises
        ------
        TheoryError
            A number is not finite.
        """
        specified = [(tables[number], tables[number].rows[index]) for number, index in unit.rows]
        evolution: dict[PartonSet, Floats] = {}
        values = []
        for table, row, operators in zip(*zip(*specified, strict=True), self.operators(specified), strict=True):
            total = np.zeros((len(EXPORT_PIDS), len(self.evolution.xgrid)))
            for partons, coefficients in operators.items():
                if partons not in evolution:
                    q = float(np.sqrt(unit.q2))
                    evolution[partons] = self.evolution.operator(q, partons.nf, intrinsic=partons.intrinsic)
                total += np.tensordot(coefficients, evolution[partons], axes=2)
            if not np.all(np.isfinite(total)):
                raise TheoryError(f"{table.name}: the coefficients at x = {row.x}, Q2 = {row.q2} are not finite")
            values.append(fold_flavours(total))
        return np.array(values)

    def operators(self, specified: Sequence[tuple[TableSpecification, Row]]) -> list[Operators]:
        """Return the operators on parton distributions at Q of rows that share one virtuality."""
        q2 = specified[0][1].q2
        kernels = KernelCollection(
            self.card,
            self.evolution.basis,
            q2,
            # of the grid, not of these rows: a row does not depend on those computed with it
            x_min=float(self.evolution.xgrid[0]),
            coupling=self.evolution.coupling,
            parts=scheme_parts(self.card, q2),
        )
        functions = StructureFunctions(kernels, massless=self._massless)
        return [self._observable(functions, table, row) for table, row in specified]

    def _observable(self, functions: StructureFunctions, table: TableSpecification, row: Row) -> Operators:
        if table.observable.startswith("pid"):
            pid = int(table.observable.split()[1])
            nf = 5 if row.q2 >= self.card.squared_thresholds()[1] else 4
            operator = np.zeros((len(EXPORT_PIDS), len(self.evolution.xgrid)))
            operator[EXPORT_PIDS.index(pid)] = row.x * self.evolution.basis.evaluate(row.x)[0]
            return {PartonSet(nf): operator}
        compute = functions.corrected if table.target_mass else functions.operator
        if not table.observable.startswith("XS"):
            return add_operators(
                [(1.0, compute(process, table.observable, row.x)) for process in table.process.by_charge()]
            )
        coefficients = cross_section_coefficients(table, row, self.card)
        part = table.observable.partition("_")[2] or "total"
        return add_operators(
            [
                (coefficient, compute(table.process, f"{kind}_{part}", row.x))
                for kind, coefficient in zip(("F2", "FL", "F3"), coefficients, strict=True)
                if coefficient != 0
            ]
        )


def cross_section_coefficients(table: TableSpecification, row: Row, card: TheoryCard) -> Floats:
    """Return the coefficients of F2, FL and x F3 in a reduced cross-section, as yadism defines it."""
    from yadism.esf.exs import xs_coeffs_unpolarized

    parameters = {
        "projectilePID": PROJECTILES[table.process.projectile],
        "M2target": card.MP**2,
        "M2W": card.MW**2,
        "GF": card.GF,
    }
    return np.asarray(
        xs_coeffs_unpolarized(table.observable.partition("_")[0], row.y, x=row.x, Q2=row.q2, params=parameters),
        dtype=np.float64,
    )


def fold_flavours(flavours: Floats) -> Floats:
    """Return coefficients (14, nx) of flavours rotated to the channels of the tables (nchannels, nx).

    Bottom and top vanish at Q0: V24 = V35 = V and T24 = T35 = Sigma.
    """
    fk = {name: FK_TO_FLAVOUR[:, index] @ flavours for index, name in enumerate(FK_BASIS)}
    fk["Sigma"] = fk["Sigma"] + fk["T24"] + fk["T35"]
    fk["V"] = fk["V"] + fk["V24"] + fk["V35"]
    return np.stack([fk[name] for name in _TABLE_NAMES])
