"""Initial states of a grid, rewritten as those of protons: antiprotons, neutrons and nuclei by symmetries."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod

from pineappl.boc import Channel
from pineappl.convolutions import Conv
from pineappl.grid import Grid
from pineappl.pids import PidBasis

from n3fit.errors import TheoryError
from n3fit.theory.pineappl_files import PROTON

NEUTRON = 2112

_NUCLEUS_CODES = range(1_000_000_000, 1_100_000_000)
"""PDG numbers of nuclei: 10LZZZAAAI."""

_ISOSPIN = {1: 2, 2: 1, -1: -2, -2: -1}
_SELF_CONJUGATE = (0, 21, 22)

Partons = tuple[tuple[float, int], ...]
"""Weights and identifiers of the proton's partons."""


def as_proton_grid(grid: Grid) -> tuple[Grid, list[str]]:
    """Return a grid of protons with the same predictions, and notes on what was rewritten.

    Antiprotons are charge conjugates of protons, neutrons have u and d exchanged, and a nucleus is the average of its
    free nucleons.

    Raises
    ------
    TheoryError
        The grid has fragmentation functions, more than two hadrons, or hadrons that are none of these.
    """
    convolutions = grid.convolutions
    if len(convolutions) not in (1, 2):
        raise TheoryError(f"expected one or two PDFs, received {len(convolutions)}")
    if any(convolution.convolution_types.time_like for convolution in convolutions):
        raise TheoryError("expected PDFs, received fragmentation functions")
    hadrons = [convolution.pid for convolution in convolutions]
    for hadron in hadrons:
        proton_partons(hadron, 2)
    if grid.pid_basis != PidBasis.Pdg:
        grid.rotate_pid_basis(PidBasis.Pdg)
    if all(hadron == PROTON for hadron in hadrons):
        return grid, []
    nuclei = sorted({hadron for hadron in hadrons if abs(hadron) in _NUCLEUS_CODES})
    notes = [f"nucleus {nucleus}: the average of its free protons and neutrons" for nucleus in nuclei]
    return _rewrite(grid, hadrons), notes


def _rewrite(grid: Grid, hadrons: Sequence[int]) -> Grid:
    rewritten = Grid(
        pid_basis=grid.pid_basis,
        channels=[Channel(_proton_channel(channel, hadrons)) for channel in grid.channels()],
        orders=grid.orders(),
        bins=grid.bwfl(),
        convolutions=[Conv(convolution_types=entry.convolution_types, pid=PROTON) for entry in grid.convolutions],
        interpolations=grid.interpolations,
        kinematics=grid.kinematics,
        scale_funcs=grid.scales,
    )
    for order in range(len(grid.orders())):
        for row in range(grid.bins()):
            for channel in range(len(grid.channels())):
                subgrid = grid.subgrid(order, row, channel)
                if not subgrid.is_empty():
                    rewritten.set_subgrid(order, row, channel, subgrid.into())
    for key, value in grid.metadata.items():
        rewritten.set_metadata(key, value)
    return rewritten


def _proton_channel(
    channel: Sequence[tuple[Sequence[int], float]], hadrons: Sequence[int]
) -> list[tuple[list[int], float]]:
    """Return a channel of the partons of ``hadrons`` as one of the partons of protons."""
    entries: list[tuple[list[int], float]] = []
    for pids, factor in channel:
        partons = [proton_partons(hadron, pid) for hadron, pid in zip(hadrons, pids, strict=True)]
        for combination in product(*partons):
            weight = factor * prod(weight for weight, _ in combination)
            entries.append(([pid for _, pid in combination], weight))
    return entries


def proton_partons(hadron: int, pid: int) -> Partons:
    """Return the partons of the proton whose sum is the distribution of parton ``pid`` in a hadron.

    >>> proton_partons(-2212, 2), proton_partons(1000010020, 1)
    (((1.0, -2),), ((0.5, 1), (0.5, 2)))
    """
    parton = pid if hadron > 0 or pid in _SELF_CONJUGATE else -pid
    mirrored = _ISOSPIN.get(parton, parton)
    if abs(hadron) == PROTON:
        return ((1.0, parton),)
    if abs(hadron) == NEUTRON:
        return ((1.0, mirrored),)
    if abs(hadron) in _NUCLEUS_CODES:
        protons, nucleons = abs(hadron) // 10_000 % 1000, abs(hadron) // 10 % 1000
        if 0 < protons <= nucleons:
            share = protons / nucleons
            return tuple((weight, parton) for weight, parton in ((share, parton), (1 - share, mirrored)) if weight)
    raise TheoryError(f"expected protons, antiprotons, neutrons or nuclei, received the particle {hadron}")
