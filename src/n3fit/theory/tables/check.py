"""Check of a theory: its tables against a calculation that does not use their x-grid.

For the Les Houches toy PDF the rows of each table are predicted twice: by the table, which interpolates the PDF on
the table's nodes at Q0, and directly: the toy PDF is evolved on a grid with many more nodes, none of them (but x = 1)
shared, and the coefficient functions are convolved with the evolved PDF there.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from n3fit.defaults import Q2_MIN, W2_MIN
from n3fit.errors import TheoryError
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.storage import write_atomically
from n3fit.storage.json_files import to_json
from n3fit.theory.capabilities import check_building
from n3fit.theory.flavours import EXPORT_PIDS, FK_PIDS, FLAVOUR_TO_FK
from n3fit.theory.tables.coefficient_functions import contract_operators
from n3fit.theory.tables.manifest import read_manifest
from n3fit.theory.tables.rows import RowCalculator, Unit, is_provided, plan_units
from n3fit.theory.tables.scales import pdf_scale
from n3fit.theory.tables.specifications import Row, TableSpecification, table_specifications
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.toy_pdf import les_houches_toy
from n3fit.typing import Floats

TOLERANCE = 1e-3
DENSE_NODES, DENSE_XMIN = 101, 1.3e-7
POSITIVITY_FLOOR = 1e-2
"""Positivity observables below this fraction of the largest of their table are compared relative to that."""


@dataclass(frozen=True)
class CheckedTable:
    """Result of the check of one table.

    Attributes
    ----------
    name : str
    points : int
        Number of rows compared.
    worst : float
        Largest relative deviation.
    x, q2 : float
        Its position; q2 in GeV^2.
    passed : bool
    """

    name: str
    points: int
    worst: float
    x: float
    q2: float
    passed: bool


@dataclass(frozen=True)
class CheckReport:
    """Results of the check of all tables.

    Attributes
    ----------
    rows : tuple of CheckedTable
    tolerance : float
    """

    rows: tuple[CheckedTable, ...]
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether every table passed."""
        return all(row.passed for row in self.rows)

    @property
    def points(self) -> int:
        """Number of rows compared."""
        return sum(row.points for row in self.rows)

    @property
    def worst(self) -> float:
        """Largest relative deviation."""
        return max(row.worst for row in self.rows)


def check_theory(folder: Path, *, progress: ProgressReporter | None = None, every: int = 1) -> CheckReport:
    """Compare the tables of a theory from ``build_theory`` with direct calculations.

    Parameters
    ----------
    folder : Path
        The folder of the theory.
    progress : ProgressReporter, optional
    every : int
        Only every n-th virtuality is checked.

    Raises
    ------
    TheoryError
        The folder has no manifest, or a table is missing or is not the one of the manifest.
    """
    reporter = progress or NullReporter()
    manifest = read_manifest(folder)
    card = TheoryCard.from_mapping(manifest["card"], source=str(folder / "manifest.json"))
    check_building(card, source=str(folder / "manifest.json"))
    tables = table_specifications()
    predictions = {table.name: _table_predictions(folder, table.name) for table in tables}
    calculator = RowCalculator(card, standard_xgrid(DENSE_NODES, DENSE_XMIN))
    deviations: dict[str, list[tuple[float, Row]]] = {table.name: [] for table in tables}
    floors = {
        table.name: 0.0 if table.target_mass else POSITIVITY_FLOOR * float(np.abs(predictions[table.name]).max())
        for table in tables
    }
    units = plan_units(tables, card)[::every]
    for number, unit in enumerate(units):
        kept = tuple(
            (table, row) for table, row in unit.rows if _is_checked(tables[table], tables[table].rows[row], card)
        )
        direct = direct_predictions(calculator, tables, Unit(unit.q2, kept)) if kept else []
        for (table, row), value in zip(kept, direct, strict=True):
            name = tables[table].name
            # at leading order FL vanishes
            scale = max(abs(value), floors[name]) or 1.0
            deviations[name].append(((float(predictions[name][row]) - value) / scale, tables[table].rows[row]))
        reporter.step("check", number + 1, len(units))
    return CheckReport(
        rows=tuple(_summary(name, found) for name, found in deviations.items() if found), tolerance=TOLERANCE
    )


def direct_predictions(calculator: RowCalculator, tables: tuple[TableSpecification, ...], unit: Unit) -> list[float]:
    """Compute the rows of a unit for the toy PDF on the grid of the calculator."""
    specified = [(tables[table], tables[table].rows[row]) for table, row in unit.rows]
    operators = calculator.operators(specified)
    grid = calculator.evolution.xgrid
    initial = les_houches_toy(EXPORT_PIDS, grid) / grid
    q = pdf_scale(calculator.card, unit.q2)
    evolved = {
        partons: calculator.evolution.evolve(initial, q, partons.nf, intrinsic=partons.intrinsic)
        for partons in {partons for operator in operators for partons in operator}
    }
    return [contract_operators(operator, evolved) for operator in operators]


def record_check(folder: Path, report: CheckReport) -> None:
    """Write the result of a check into the theory's manifest.

    Raises
    ------
    TheoryError
        The check was not passed; its result is recorded nevertheless.
    """
    manifest = read_manifest(folder)
    manifest["check"] = {
        "passed": report.passed,
        "tolerance": report.tolerance,
        "points": report.points,
        "worst": report.worst,
        "tables": [asdict(row) for row in report.rows],
    }
    write_atomically(folder / "manifest.json", to_json(manifest))
    if not report.passed:
        failed = ", ".join(f"{row.name} ({row.worst:.1e})" for row in report.rows if not row.passed)
        raise TheoryError(f"{folder}: the tables differ from a direct calculation by more than {TOLERANCE}: {failed}")


def _is_checked(table: TableSpecification, row: Row, card: TheoryCard) -> bool:
    """Return whether a row passes the default cuts; rows of positivity and integrability are not cut."""
    if not is_provided(row, card):
        return False
    return not table.target_mass or (row.q2 > Q2_MIN and row.q2 * (1 - row.x) / row.x > W2_MIN)


def _table_predictions(folder: Path, name: str) -> Floats:
    """Compute the predictions of a table for the toy PDF."""
    import pineappl

    table = pineappl.fk_table.FkTable.read(str(folder / "fastkernel" / f"{name}.pineappl.lz4"))
    grid = np.asarray(table.x_grid())
    toy = FLAVOUR_TO_FK @ les_houches_toy(EXPORT_PIDS, grid) / grid
    channels = [FK_PIDS.index(channel[0]) for channel in table.channels()]
    return np.asarray(np.einsum("ncx,cx->n", np.asarray(table.table()), toy[channels]))


def _summary(name: str, found: list[tuple[float, Row]]) -> CheckedTable:
    worst, row = max(found, key=lambda entry: abs(entry[0]) if np.isfinite(entry[0]) else np.inf)
    return CheckedTable(
        name=name,
        points=len(found),
        worst=abs(worst),
        x=row.x,
        q2=row.q2,
        passed=bool(np.isfinite(worst) and abs(worst) <= TOLERANCE),
    )
