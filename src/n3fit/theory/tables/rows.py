"""Rows of FK tables at one virtuality, folded with the evolution from the initial scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from n3fit.errors import MissingExtraError, TheoryError
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.tables.channels import fold_flavours
from n3fit.theory.tables.coefficient_functions import Operators, OrderOperators, StructureFunctions, add_operators
from n3fit.theory.tables.collection import KernelCollection
from n3fit.theory.tables.heavy_quarks import PartonSet, scheme_parts
from n3fit.theory.tables.processes import PROJECTILES
from n3fit.theory.tables.scales import combine_orders, pdf_scale
from n3fit.theory.tables.sharing import SharedOperators, coefficient_key
from n3fit.theory.tables.specifications import Row, TableSpecification
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats

LOWEST_SCALE = 1.65
"""Scale in GeV down to which rows are provided if the initial scale is higher, by evolution towards lower scales."""


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
    """Return the rows that the theory provides by virtuality, in increasing order."""
    grouped: dict[float, list[tuple[int, int]]] = {}
    for number, table in enumerate(tables):
        if table.observable.startswith("initial"):
            continue
        for index, row in enumerate(table.rows):
            if is_provided(row, card):
                grouped.setdefault(row.q2, []).append((number, index))
    return tuple(Unit(q2, tuple(grouped[q2])) for q2 in sorted(grouped))


def is_provided(row: Row, card: TheoryCard) -> bool:
    """Return whether the theory provides a row: x < 1, not below the initial scale or ``LOWEST_SCALE``."""
    return row.q2 >= min(card.Q0, LOWEST_SCALE) ** 2 * (1 - 1e-9) and row.x < 1


_LARGEST_ENERGY = 1e7
"""Squared energy in GeV^2 of all collisions, x > Q2 / s: tabulated kernels, and thereby rows, depend on no others."""


class RowCalculator:
    """Calculator of the rows of tables for a theory card and an x-grid.

    Parameters
    ----------
    card : TheoryCard
    xgrid : (nx,)
    shared : SharedOperators, optional
        On the same x-grid, for theories that are built together.
    """

    def __init__(self, card: TheoryCard, xgrid: ArrayLike, *, shared: SharedOperators | None = None) -> None:
        self.card = card
        self._shared = SharedOperators(xgrid) if shared is None else shared
        self.evolution = self._shared.evolution(card)

    def rows(self, tables: Sequence[TableSpecification], unit: Unit) -> Floats:
        """Compute the rows of a unit: (nrows, nchannels, nx), acting on the channels of the card at Q0.

        Raises
        ------
        TheoryError
            A number is not finite.
        """
        specified = [(tables[number], tables[number].rows[index]) for number, index in unit.rows]
        size = len(EXPORT_PIDS) * len(self.evolution.xgrid)
        total = np.zeros((len(specified), size))
        operators = self.operators(specified)
        for partons in sorted({partons for operator in operators for partons in operator}):
            positions = [number for number, operator in enumerate(operators) if partons in operator]
            coefficients = np.stack([operators[number][partons].ravel() for number in positions])
            total[positions] += coefficients @ self._evolution_operator(unit.q2, partons).reshape(size, size)
        for (table, row), values in zip(specified, total, strict=True):
            if not np.all(np.isfinite(values)):
                raise TheoryError(f"{table.name}: the coefficients at x = {row.x}, Q2 = {row.q2} are not finite")
        shape = (-1, len(EXPORT_PIDS), len(self.evolution.xgrid))
        return np.stack([fold_flavours(values, self.card) for values in total.reshape(shape)])

    def operators(self, specified: Sequence[tuple[TableSpecification, Row]]) -> list[Operators]:
        """Return the operators on parton distributions at ``pdf_scale`` of rows that share one virtuality."""
        q2 = specified[0][1].q2
        return [
            combine_orders(orders, q2, card=self.card, evolution=self.evolution)
            for orders in self.order_operators(specified)
        ]

    def order_operators(self, specified: Sequence[tuple[TableSpecification, Row]]) -> list[OrderOperators]:
        """Return the operators of each order of the strong coupling of rows that share one virtuality."""
        q2 = specified[0][1].q2

        def compute() -> list[OrderOperators]:
            kernels = KernelCollection(
                self.card,
                self.evolution.basis,
                q2,
                x_min=max(float(self.evolution.xgrid[0]), q2 / _LARGEST_ENERGY),
                parts=scheme_parts(self.card, q2),
            )
            functions = StructureFunctions(kernels, massless=self._shared.massless)
            return [self._observable(functions, table, row) for table, row in specified]

        points = tuple((table.observable, table.process, table.target_mass, row) for table, row in specified)
        key = (coefficient_key(self.card), points)
        return self._shared.at_virtuality(q2, key, compute)

    def _evolution_operator(self, q2: float, partons: PartonSet) -> Floats:
        """Return the evolution of parton distributions to the virtuality: (14, nx, 14, nx)."""
        q = pdf_scale(self.card, q2)
        return self._shared.at_virtuality(
            q2,
            (self.evolution, q, partons),
            lambda: self.evolution.operator(q, partons.nf, intrinsic=partons.intrinsic),
        )

    def _observable(self, functions: StructureFunctions, table: TableSpecification, row: Row) -> OrderOperators:
        if table.observable.startswith("pid"):
            pid = int(table.observable.split()[1])
            nf = self.card.pdf_flavours(row.q2)
            operator = np.zeros((len(EXPORT_PIDS), len(self.evolution.xgrid)))
            operator[EXPORT_PIDS.index(pid)] = row.x * self.evolution.basis.evaluate(row.x)[0]
            return {(PartonSet(nf), 0): operator}
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
    try:
        from yadism.esf.exs import xs_coeffs_unpolarized
    except ImportError as error:
        raise MissingExtraError("yadism", "theory") from error

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
