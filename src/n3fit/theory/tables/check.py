"""Check of a theory: its tables against calculations that do not use their x-grid.

For the Les Houches toy PDF the rows of each table are predicted twice: by the table, which interpolates the PDF on the
table's nodes at Q0, and directly: the toy PDF is evolved on a grid with many more nodes, none of them (but x = 1)
shared, and convolved there with the PineAPPL grid of the table or with coefficient functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from n3fit.data.library_tables import TableUse
from n3fit.data.own_tables import all_table_uses
from n3fit.defaults import THEORY_TOLERANCE
from n3fit.errors import TheoryError
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.storage import write_atomically
from n3fit.storage.json_files import to_json
from n3fit.theory.capabilities import check_building, evolution_obstacles
from n3fit.theory.fittable_sets import fittable_sets
from n3fit.theory.tables.checks.coefficient_functions import direct_references
from n3fit.theory.tables.checks.contents import (
    ALL_ZERO,
    TableContents,
    check_rows,
    missing_tables,
    read_contents,
    row_counts,
)
from n3fit.theory.tables.checks.grids import METHOD as GRID
from n3fit.theory.tables.checks.grids import GridContents, grid_references, open_grid
from n3fit.theory.tables.checks.partons import integrability_references, positivity_references, positivity_tables
from n3fit.theory.tables.checks.positivity import check_signs
from n3fit.theory.tables.checks.results import CheckedTable, CheckReport, Reference, compare
from n3fit.theory.tables.grids.grid_files import find_grids
from n3fit.theory.tables.manifest import read_manifest
from n3fit.theory.tables.rows import RowCalculator
from n3fit.theory.tables.specifications import TableSpecification, table_specifications
from n3fit.theory.theories import Theory, open_theory_folder
from n3fit.theory.theory_card import TheoryCard

DENSE_NODES, DENSE_XMIN = 101, 1.3e-7


def check_theory(
    theory: Theory | Path,
    *,
    grids: Path | None = None,
    tolerance: float = THEORY_TOLERANCE,
    every: int = 1,
    data_path: Path | None = None,
    progress: ProgressReporter | None = None,
) -> CheckReport:
    """Check the tables of a theory.

    Parameters
    ----------
    theory : Theory or Path
        A theory, or its folder.
    grids : Path, optional
        Folder with PineAPPL grids, which have the names of their tables.
    tolerance : float
        Largest relative deviation that passes.
    every : int
        Only every n-th virtuality and every n-th bin of a grid is calculated.
    data_path : Path, optional
        A folder with data sets of the user, besides those that are always searched.
    progress : ProgressReporter, optional

    Raises
    ------
    DataError
        A folder of the user has no data sets, or wrong ones.
    TheoryError
        The theory has no tables, its card is wrong, or there are no grids. A broken table fails the check instead.
    """
    theory = open_theory_folder(theory) if isinstance(theory, Path) else theory
    names = theory.table_names()
    if not names:
        raise TheoryError(f"{theory.folder / 'fastkernel'}: expected FK tables (*.pineappl.lz4), there is none")
    if tolerance <= 0 or every < 1:
        raise TheoryError(f"expected a positive tolerance and every from 1, received {tolerance:g} and {every}")
    paths = {} if grids is None else {grid.name: grid.path for grid in find_grids(grids)}
    reporter = progress or NullReporter()
    contents = []
    for number, name in enumerate(names):
        contents.append(read_contents(theory, name))
        reporter.step("tables", number + 1, len(names))
    uses = all_table_uses(data_path)
    contents = check_signs(check_rows([*contents, *missing_tables(theory, names)], uses), uses)
    work = _Comparison(theory, contents, uses, every, reporter)
    work.add_grids(paths)
    work.add_partons()
    work.add_coefficient_functions()
    complete, incomplete = fittable_sets(theory, rows=row_counts(contents), data_path=data_path)
    return CheckReport(
        rows=work.results(tolerance),
        tolerance=tolerance,
        datasets=complete,
        incomplete=incomplete,
        unused_grids=tuple(sorted(set(paths) - {table.name for table in contents})),
    )


@dataclass
class _Comparison:
    """The references of the tables of a theory, collected method by method."""

    theory: Theory
    contents: Sequence[TableContents]
    uses: Sequence[TableUse]
    every: int
    progress: ProgressReporter
    references: dict[str, Reference] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.card = TheoryCard.from_mapping(self.theory.card, source=str(self.theory.folder))
        self.obstacles = ", ".join(evolution_obstacles(self.card))
        self._dense: RowCalculator | None = None

    def wanted(self) -> set[str]:
        """Return the tables that can be compared and have no reference yet."""
        comparable = {table.name for table in self.contents if table.readable and not table.polarised}
        return comparable - set(self.references) - set(self.problems)

    def add_grids(self, paths: Mapping[str, Path]) -> None:
        """Add the references of tables with a grid."""
        named = {name: path for name, path in paths.items() if name in self.wanted()}
        if self.obstacles:
            self.notes |= dict.fromkeys(named, f"not compared with its grid: no evolution with {self.obstacles}")
            return
        grids: dict[str, GridContents] = {}
        for name, path in named.items():
            try:
                grids[name] = open_grid(path, self.card)
            except TheoryError as error:
                self.problems[name] = error.message
        if not grids:
            return
        x_min = min((contents.x_min for contents in grids.values()), default=1.0)
        evolution = self._calculator(x_min).evolution
        self.references |= grid_references(grids, evolution, every=self.every, progress=self.progress)
        for name, contents in grids.items():
            below = len(range(0, contents.grid.bins(), self.every)) - len(self.references[name].rows)
            if below:
                self.notes[name] = f"bins of its grid with a scale below Q0, not compared: {below}"

    def add_partons(self) -> None:
        """Add the references of tables of single parton distributions."""
        self.references |= integrability_references(self.uses, self.wanted())
        # with logarithms of the factorisation scale in coefficient functions these tables have them as well
        varied = self.card.XIF != 1.0 and self.card.ModSV == "None"
        tables = {} if self.obstacles or varied else positivity_tables(self.uses, self.wanted())
        if tables:
            self.references |= positivity_references(tables, self._calculator().evolution)

    def add_coefficient_functions(self) -> None:
        """Add the references of deep-inelastic tables."""
        wanted = self.wanted()
        tables = tuple(table for table in table_specifications() if table.name in wanted)
        try:
            check_building(self.card, source=str(self.theory.folder))
        except TheoryError as error:
            reason = f"not compared with coefficient functions: {error.message.partition(': ')[2]}"
            self.notes |= {table.name: reason for table in tables}
            return
        counts = {table.name: len(table.predictions) for table in self.contents}
        fitting: list[TableSpecification] = []
        for table in tables:
            if counts[table.name] == len(table.rows):
                fitting.append(table)
            else:
                self.problems[table.name] = f"expected {len(table.rows)} rows, received {counts[table.name]}"
        if not fitting:
            return
        missing = {table.name: table.missing_rows for table in self.contents}
        self.notes |= {
            table.name: "not compared: none of its rows is selected and within the cuts" for table in fitting
        }
        self.references |= direct_references(
            tuple(fitting), self._calculator(), missing, every=self.every, progress=self.progress
        )

    def results(self, tolerance: float) -> tuple[CheckedTable, ...]:
        """Return the result of each table."""
        return tuple(self._result(table, tolerance) for table in self.contents)

    def _result(self, table: TableContents, tolerance: float) -> CheckedTable:
        problems = [*table.problems, *([self.problems[table.name]] if table.name in self.problems else [])]
        result = CheckedTable(table.name)
        reference = self.references.get(table.name)
        if reference is None or not reference.rows:
            result = replace(result, notes=self._reasons(table))
        elif max(reference.rows) >= len(table.predictions):
            problems.append(f"expected {max(reference.rows) + 1} rows or more as in its {reference.method}")
        else:
            result = compare(table.name, table.predictions, reference, tolerance=tolerance)
            if not any(reference.values):
                problems = [problem for problem in problems if problem != ALL_ZERO]
            if reference.method == GRID:
                result = replace(result, notes=self._noted(table.name))
        return replace(result, problems=(*problems, *result.problems), missing_rows=tuple(sorted(table.missing_rows)))

    def _reasons(self, table: TableContents) -> tuple[str, ...]:
        """Return why a table was not compared."""
        if not table.readable or table.name in self.problems:
            return ()
        if table.polarised:
            return ("not compared: polarised",)
        return self._noted(table.name) or ("not compared: give its grid with --grids",)

    def _noted(self, name: str) -> tuple[str, ...]:
        return (self.notes[name],) if name in self.notes else ()

    def _calculator(self, x_min: float = 1.0) -> RowCalculator:
        """Return the calculator on a dense x-grid, which begins below ``x_min``."""
        if self._dense is None:
            self._dense = RowCalculator(self.card, standard_xgrid(DENSE_NODES, min(DENSE_XMIN, 0.65 * x_min)))
        return self._dense


def record_check(folder: Path, report: CheckReport) -> None:
    """Write the result of a check into the theory's manifest.

    Raises
    ------
    TheoryError
        The check was not passed; its result is recorded nevertheless.
    """
    manifest = read_manifest(folder)
    manifest["check"] = report.record()
    write_atomically(folder / "manifest.json", to_json(manifest))
    if not report.passed:
        failed = "; ".join(f"{row.name}: {', '.join(row.problems)}" for row in report.rows if not row.passed)
        raise TheoryError(f"{folder}: tables did not pass the check: {failed}")
