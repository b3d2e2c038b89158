"""Evolution operators in the form in which pineappl combines them with grids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np
from pineappl.convolutions import ConvType
from pineappl.evolution import OperatorSliceInfo
from pineappl.pids import PidBasis

from n3fit.errors import TheoryError
from n3fit.evolution.kernels.couplings import StrongCoupling
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.theory.flavours import EXPORT_PIDS, FK_BASIS, FK_PIDS, FLAVOUR_TO_FK
from n3fit.theory.tables.grids.scales import GridScales
from n3fit.typing import Floats

Slice = tuple[OperatorSliceInfo, Floats]
"""An operator (npids, nx, nelements, nx0) with its description for pineappl."""


class GridOperators:
    """Operators from the distributions on the nodes of a table to those on the nodes of a grid.

    Parameters
    ----------
    scales : GridScales
    xgrid : (nx,), optional
        Nodes of the table, by default the usual 50.
    like_eko : bool
        Use the kernels of eko 0.15.7 with their defects, and interpolate the evolved distributions from the nodes of
        the table to those of the grid, as other programs do; for comparisons.
    """

    def __init__(self, scales: GridScales, *, xgrid: Floats | None = None, like_eko: bool = False) -> None:
        self.scales = scales
        self.xgrid = standard_xgrid() if xgrid is None else xgrid
        self._like_eko = like_eko
        self._operators: dict[bool, EvolutionOperators] = {}

    @property
    def coupling(self) -> StrongCoupling:
        """The strong coupling of the theory."""
        return self._evolution(False).coupling

    def slices(
        self, kind: ConvType, scales: Sequence[float], x: Sequence[float], pids: Sequence[int]
    ) -> Iterator[Slice]:
        """Return the operator to each squared factorisation scale (GeV^2), with its description for pineappl.

        Each is computed when it is taken from the iterator.

        Parameters
        ----------
        kind : ConvType
            Polarised or unpolarised distributions.
        scales : sequence of float
        x : sequence of float
            Nodes of the grid.
        pids : sequence of int
            Particles of the grid.

        Raises
        ------
        TheoryError
            Particles that are no partons, or nodes below those of the table.
        """
        foreign = sorted(set(pids) - set(EXPORT_PIDS))
        if foreign:
            raise TheoryError(f"expected partons, received the particles {', '.join(map(str, foreign))}")
        rows = [EXPORT_PIDS.index(pid) for pid in pids]
        return self._slices(kind, scales, x, rows, self._evolution_to(kind.polarized, np.array(x)))

    def _slices(
        self,
        kind: ConvType,
        scales: Sequence[float],
        x: Sequence[float],
        rows: Sequence[int],
        evolve: Callable[[float, int], Floats],
    ) -> Iterator[Slice]:
        elements, rotation = initial_elements(self.scales.card.nf0)
        columns = [FK_PIDS[FK_BASIS.index(name)] for name in elements]
        pids = [EXPORT_PIDS[row] for row in rows]
        for scale in scales:
            q = float(np.sqrt(scale))
            info = OperatorSliceInfo(
                self.scales.card.Q0**2, columns, self.xgrid.tolist(), scale, pids, list(x), PidBasis.Evol, kind
            )
            operator = evolve(q, self.scales.flavours(q))[rows]
            yield info, np.ascontiguousarray(np.einsum("ajbk,bi->ajik", operator, rotation, optimize=True))

    def _evolution_to(self, polarised: bool, x: Floats) -> Callable[[float, int], Floats]:
        """Return the function of scale and number of flavours that gives operators (14, npoints, 14, nx)."""
        evolution = self._evolution(polarised)
        if not self._like_eko:
            return evolution.at_points(x)
        interpolation = evolution.basis.evaluate(x)
        return lambda q, nf: np.einsum("xj,ajbk->axbk", interpolation, evolution.operator(q, nf), optimize=True)

    def _evolution(self, polarised: bool) -> EvolutionOperators:
        if polarised not in self._operators:
            self._operators[polarised] = EvolutionOperators(
                self.scales.card, self.xgrid, like_eko=self._like_eko, polarised=polarised
            )
        return self._operators[polarised]


@cache
def initial_elements(flavours: int) -> tuple[tuple[str, ...], Floats]:
    """Return the elements of the FK basis that are independent with so many flavours, and the rotation from them.

    The photon vanishes; combinations with quarks that are not there equal V or Sigma.

    Returns
    -------
    names : tuple of str
    rotation : (14, nelements)
        From the elements to the flavours EXPORT_PIDS.
    """
    sums = [count**2 - 1 for count in range(2, 7)]
    names = ("Sigma", "g", "V", *(f"V{index}" for index in sums[: flavours - 1]))
    names += tuple(f"T{index}" for index in sums[: flavours - 1])
    embedding = np.zeros((len(FK_BASIS), len(names)))
    for row, element in enumerate(FK_BASIS):
        absent = "V" if element.startswith("V") else "Sigma"
        if element != "photon":
            embedding[row, names.index(element if element in names else absent)] = 1.0
    rotation = np.linalg.inv(FLAVOUR_TO_FK) @ embedding
    rotation.setflags(write=False)
    return names, rotation
