"""References for tables with a PineAPPL grid: its convolution with the evolved toy PDF, bin by bin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pineappl.boc import Order
from pineappl.grid import Grid

from n3fit.errors import TheoryError
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.progress import ProgressReporter
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.pineappl_files import call_pineappl
from n3fit.theory.tables.checks.evolved_toy import EvolvedToy
from n3fit.theory.tables.checks.partons import active_partons
from n3fit.theory.tables.checks.results import Reference
from n3fit.theory.tables.grids.grid_files import read_grid
from n3fit.theory.tables.grids.initial_states import proton_partons
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats

METHOD = "grid"
_GLUON = 21


@dataclass(frozen=True, eq=False)
class GridContents:
    """A grid and the points at which it needs the PDF.

    Attributes
    ----------
    grid : Grid
    orders : (norders,)
        Whether an order of the grid is one of the theory.
    scales : tuple of float
        Factorisation scales in GeV, those of the card's variation.
    x_min : float
        Smallest momentum fraction.
    """

    grid: Grid
    orders: NDArray[np.bool_]
    scales: tuple[float, ...]
    x_min: float


def open_grid(path: Path, card: TheoryCard) -> GridContents:
    """Read a grid and select the orders of the theory.

    Raises
    ------
    TheoryError
        The file is not a grid, a Git-LFS pointer, or a grid of polarised PDFs, fragmentation functions or other hadrons
        than protons, neutrons and nuclei; or it has no order of the card.
    """
    grid = read_grid(path)
    for convolution in grid.convolutions:
        kind = convolution.convolution_types
        if kind.polarized or kind.time_like:
            received = "fragmentation functions" if kind.time_like else "polarised PDFs"
            raise TheoryError(f"{path}: expected unpolarised PDFs, received {received}")
        try:
            proton_partons(convolution.pid, _GLUON)
        except TheoryError as error:
            raise TheoryError(f"{path}: {error.message}") from error
    orders = np.asarray(Order.create_mask(grid.orders(), card.PTO + 1, 0, True), dtype=bool)
    if not orders.any():
        raise TheoryError(f"{path}: there is no order of the theory in the grid")
    info = grid.evolve_info(orders)
    return GridContents(
        grid=grid,
        orders=orders,
        scales=tuple(_factor(card) * float(np.sqrt(mu2)) for mu2 in info.fac1),
        x_min=float(np.min(info.x1)),
    )


def grid_references(
    grids: Mapping[str, GridContents], evolution: EvolutionOperators, *, every: int, progress: ProgressReporter
) -> dict[str, Reference]:
    """Return the bins of grids for the evolved toy PDF.

    Bins with a scale below the initial one are left out: there is no common way to make their tables, and they are
    below the cuts.

    Parameters
    ----------
    grids : mapping of str to GridContents
        By table.
    evolution : EvolutionOperators
        With the card of the theory, on a dense x-grid that covers the grids.
    every : int
        Only every n-th bin is calculated.
    progress : ProgressReporter
    """
    scales = {q for contents in grids.values() for q in contents.scales if _is_above(q, evolution.card)}
    pdf = ToyFunction(EvolvedToy(evolution, scales))
    references = {}
    for number, (name, contents) in enumerate(grids.items()):
        bins = range(0, contents.grid.bins(), every)
        found = {index: convolve(contents, pdf, index) for index in bins}
        values = {index: value for index, value in found.items() if value is not None}
        references[name] = Reference(
            method=METHOD,
            rows=tuple(values),
            values=tuple(values.values()),
            places=tuple(f"bin {index}" for index in values),
            may_vanish=min(values.values(), default=0.0) < 0 < max(values.values(), default=0.0),
        )
        progress.step("grids", number + 1, len(grids))
    return references


class ToyFunction:
    """The evolved toy PDF and the coupling, as the functions of pineappl.

    Below the initial scale the PDF is zero, and ``below`` becomes true.
    """

    def __init__(self, toy: EvolvedToy) -> None:
        self.toy = toy
        self.card = toy.evolution.card
        self.below = False
        self._points: dict[float, Floats] = {}
        self._distributions: dict[float, Floats] = {}

    def xfx(self, pid: int, x: float, q2: float) -> float:
        """Return x f(x, Q2); pineappl calls the gluon 21 or 0."""
        q = float(np.sqrt(q2))
        if not _is_above(q, self.card):
            self.below = True
            return 0.0
        if x not in self._points:
            self._points[x] = self.toy.evolution.basis.evaluate(x)[0]
        if q2 not in self._distributions:
            self._distributions[q2] = self.toy.at(q, active_partons(self.card, q))
        row = EXPORT_PIDS.index(pid or _GLUON)
        return x * float(self._points[x] @ self._distributions[q2][row])

    def alpha_s(self, q2: float) -> float:
        """Return the coupling with as many flavours as are active; pineappl needs that of all bins."""
        q = float(np.sqrt(q2))
        return self.toy.evolution.coupling.alpha_s(q, active_partons(self.card, q).nf)


def convolve(contents: GridContents, pdf: ToyFunction, index: int) -> float | None:
    """Compute the prediction of a bin with the orders and the coupling of the theory; None if a scale is below Q0."""
    convolutions = contents.grid.convolutions
    functions: list[Callable[..., Any]] = [_of_hadron(pdf, convolution.pid) for convolution in convolutions]
    pdf.below = False
    predictions = call_pineappl(
        lambda: contents.grid.convolve(
            pdg_convs=convolutions,
            xfxs=functions,
            alphas=pdf.alpha_s,
            order_mask=contents.orders,
            bin_indices=np.array([index], dtype=np.uint64),
            xi=[(pdf.card.XIR, _factor(pdf.card), 1.0)],
        ),
        f"bin {index} of the grid cannot be convolved",
    )
    return None if pdf.below else float(predictions[0])


def _factor(card: TheoryCard) -> float:
    """Return the factor of the factorisation scale of grids: with a ``ModSV`` the evolution has the variation."""
    return card.XIF if card.ModSV == "None" else 1.0


def _is_above(q: float, card: TheoryCard) -> bool:
    return q >= card.Q0 * (1 - 1e-9)


def _of_hadron(pdf: ToyFunction, hadron: int) -> Callable[..., float]:
    """Return the PDF of a hadron: that of the proton, or what follows from it by symmetries."""

    def xfx(pid: int, x: float, q2: float) -> float:
        return float(sum(weight * pdf.xfx(parton, x, q2) for weight, parton in proton_partons(hadron, pid)))

    return xfx
