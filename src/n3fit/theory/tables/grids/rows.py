"""Rows of a grid that a theory cannot predict: their scales are too low for perturbation theory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pineappl.boc import Kinematics
from pineappl.grid import Grid
from pineappl.subgrid import ImportSubgridV1

from n3fit.errors import TheoryError
from n3fit.evolution.kernels.couplings import StrongCoupling
from n3fit.theory.tables.grids.scales import GridScales


def empty_rows_without_theory(
    grid: Grid, mask: NDArray[np.bool_], scales: GridScales, coupling: StrongCoupling
) -> list[int]:
    """Remove the coefficients of the rows with a scale at which alpha_s is too large, and return these rows.

    Raises
    ------
    TheoryError
        There are such scales, and the grid has more than one scale, so that the rows with these scales are not known;
        or all rows have them.
    """
    info = grid.evolve_info(mask)
    lost = {q2 for q2 in info.fac1 if not scales.is_reachable(coupling, scales.xi_f * float(np.sqrt(q2)))}
    lost |= {q2 for q2 in info.ren1 if not scales.alpha_s(coupling, scales.xi_r * float(np.sqrt(q2)))}
    if not lost:
        return []
    axes = [axis for axis, kind in enumerate(grid.kinematics) if isinstance(kind, Kinematics.Scale)]
    rows = _rows_at(grid, mask, np.array(sorted(lost)), axes[0]) if len(axes) == 1 else list(range(grid.bins()))
    if len(rows) == grid.bins():
        raise TheoryError(f"expected scales at which alpha_s is below 1, received {np.sqrt(min(lost)):.2g} GeV")
    empty = ImportSubgridV1(array=np.zeros((1,) * len(grid.kinematics)), node_values=[[1.0]] * len(grid.kinematics))
    for order in range(len(grid.orders())):
        for row in rows:
            for channel in range(len(grid.channels())):
                grid.set_subgrid(order, row, channel, empty.into())
    return rows


def _rows_at(grid: Grid, mask: NDArray[np.bool_], squared_scales: NDArray[np.float64], axis: int) -> list[int]:
    found = set()
    for order in np.flatnonzero(mask).tolist():
        for row in range(grid.bins()):
            for channel in range(len(grid.channels())):
                if row in found:
                    break
                if _has_scale(grid.subgrid(order, row, channel).node_values, squared_scales, axis):
                    found.add(row)
    return sorted(found)


def _has_scale(nodes: Sequence[Sequence[float]], squared_scales: NDArray[np.float64], axis: int) -> bool:
    if not nodes:
        return False
    return bool(np.isclose(np.array(nodes[axis])[:, None], squared_scales, rtol=1e-9).any())
