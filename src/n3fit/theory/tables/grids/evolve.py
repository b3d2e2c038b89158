"""Evolution of one PineAPPL grid into an FK table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pineappl.boc import BinsWithFillLimits
from pineappl.convolutions import ConvType
from pineappl.evolution import EvolveInfo
from pineappl.fk_table import FkAssumptions, FkTable
from pineappl.grid import Grid

from n3fit.errors import TheoryError
from n3fit.storage import atomic_path
from n3fit.theory.pineappl_files import MISSING_ROWS_KEY, without_panic_text
from n3fit.theory.tables.grids.initial_states import as_proton_grid
from n3fit.theory.tables.grids.notes import notes_on_card, notes_on_content, notes_on_scales
from n3fit.theory.tables.grids.operators import GridOperators
from n3fit.theory.tables.grids.orders import OrderSelection, select_orders
from n3fit.theory.tables.grids.rows import empty_rows_without_theory
from n3fit.theory.tables.table_files import system_error
from n3fit.theory.theory_card import order_name


@dataclass(frozen=True)
class EvolvedGrid:
    """A table and what there is to say about it.

    Attributes
    ----------
    table : FkTable
    notes : tuple of str
        One line each.
    """

    table: FkTable
    notes: tuple[str, ...]


def evolve_grid(grid: Grid, operators: GridOperators, *, metadata: Mapping[str, str] | None = None) -> EvolvedGrid:
    """Evolve a grid into a table of protons at the initial scale.

    Parameters
    ----------
    grid : Grid
        Rows without prediction are emptied.
    operators : GridOperators
    metadata : mapping of str to str, optional
        Added to that of the grid.

    Raises
    ------
    TheoryError
        The grid has none of the orders of the theory, lacks logarithms of varied scales, has initial states that are
        not those of hadrons, or has no row that can be computed.
    """
    scales = operators.scales
    selection = select_orders(grid.orders(), perturbative_order=scales.card.PTO, xi_r=scales.xi_r, xi_f=scales.xi_f)
    proton_grid, notes = as_proton_grid(grid)
    missing = empty_rows_without_theory(proton_grid, selection.mask, scales, operators.coupling)
    info = proton_grid.evolve_info(selection.mask)
    if not len(info.fac1):
        raise TheoryError(f"expected coefficients up to {order_name(scales.card.PTO)} in QCD, received an empty grid")
    notes += notes_on_content(selection, info) + notes_on_scales(info, missing, scales)
    notes += notes_on_card(grid.metadata, scales.card)
    table = _combine(proton_grid, info, selection, operators)
    if not np.all(np.isfinite(np.array(table.table()))):
        raise TheoryError("expected finite coefficients, received others")
    assumptions = f"Nf{scales.card.nf0}Ind"
    table.optimize(FkAssumptions(assumptions))
    entries = {"fk_assumptions": assumptions, MISSING_ROWS_KEY: json.dumps(missing), **(metadata or {})}
    for key, value in entries.items():
        table.set_metadata(key, value)
    return EvolvedGrid(table=table, notes=tuple(notes))


def _combine(grid: Grid, info: EvolveInfo, selection: OrderSelection, operators: GridOperators) -> FkTable:
    """Return the table of a grid, bin by bin: pineappl adds up bins with the same limits if their scales differ."""
    limits = grid.bwfl()
    edges = [tuple(map(tuple, edge)) for edge in grid.bin_limits()]
    if len(set(edges)) == len(edges):
        return _evolve(grid, info, selection, operators)
    grid.set_bwfl(BinsWithFillLimits.from_fill_limits([float(row) for row in range(len(edges) + 1)]))
    try:
        return _with_limits(_evolve(grid, info, selection, operators), limits)
    finally:
        grid.set_bwfl(limits)


def _evolve(grid: Grid, info: EvolveInfo, selection: OrderSelection, operators: GridOperators) -> FkTable:
    """Return the table of a grid; the operators are computed one after the other, each when it is needed."""
    scales = operators.scales
    factorisation = [scale * scales.xi_f**2 for scale in sorted(info.fac1)]
    renormalisation = [scale * scales.xi_r**2 for scale in info.ren1]
    couplings = [scales.alpha_s(operators.coupling, float(np.sqrt(scale))) for scale in renormalisation]
    kinds = sorted({convolution.convolution_types.polarized for convolution in grid.convolutions})
    slices = [
        operators.slices(ConvType(polarized=kind, time_like=False), factorisation, info.x1, info.pids1)
        for kind in kinds
    ]
    try:
        with without_panic_text():
            return grid.evolve(slices, selection.mask, (scales.xi_r, scales.xi_f, 1.0), renormalisation, couplings)
    except (KeyboardInterrupt, SystemExit, Exception):
        raise
    except BaseException as error:  # a Rust panic
        raise TheoryError(f"pineappl cannot evolve it: {str(error).splitlines()[0]}") from error


def _with_limits(table: FkTable, limits: BinsWithFillLimits) -> FkTable:
    """Return a table with other limits of its bins; pineappl sets them in grids read from files, not in tables."""
    with TemporaryDirectory() as folder, atomic_path(Path(folder) / "table.pineappl") as path:
        try:
            with without_panic_text():
                table.write(str(path))
                grid = Grid.read(str(path))
        except (KeyboardInterrupt, SystemExit, Exception):
            raise
        except BaseException as error:  # a Rust panic
            raise system_error(error) from error
    grid.set_bwfl(limits)
    return FkTable(grid)
