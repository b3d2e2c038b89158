"""Small PineAPPL grids with known predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from pineappl.boc import BinsWithFillLimits, Channel, Kinematics, Order, ScaleFuncForm, Scales
from pineappl.convolutions import Conv, ConvType
from pineappl.grid import Grid
from pineappl.interpolation import Interp, InterpolationMethod, MappingMethod, ReweightingMethod
from pineappl.pids import PidBasis
from pineappl.subgrid import ImportSubgridV1

Content = Mapping[tuple[int, int, int], tuple[np.ndarray, Sequence[float]]]
"""By order, bin and channel: weights of f (nscales, nx, ...) and the scales in GeV."""


def hadron(pid: int = 2212, *, polarised: bool = False, time_like: bool = False) -> Conv:
    """Return a convolution."""
    return Conv(convolution_types=ConvType(polarized=polarised, time_like=time_like), pid=pid)


def make_grid(
    content: Content,
    *,
    x: Sequence[float],
    channels: Sequence[Sequence[tuple[Sequence[int], float]]],
    hadrons: Sequence[Conv] | None = None,
    orders: Sequence[tuple[int, int, int, int, int]] = ((0, 0, 0, 0, 0),),
    limits: Sequence[tuple[float, float]] = ((0.0, 1.0),),
    normalisations: Sequence[float] | None = None,
) -> Grid:
    """Build a grid; its renormalisation and factorisation scales are equal."""
    convolutions = list(hadrons or [hadron()])
    grid = Grid(
        pid_basis=PidBasis.Pdg,
        channels=[Channel([(list(pids), factor) for pids, factor in channel]) for channel in channels],
        orders=[Order(*order) for order in orders],
        bins=BinsWithFillLimits.from_limits_and_normalizations(
            [[limit] for limit in limits], list(normalisations or [1.0] * len(limits))
        ),
        convolutions=convolutions,
        interpolations=_interpolations(len(convolutions)),
        kinematics=[Kinematics.Scale(0), *(Kinematics.X(index) for index in range(len(convolutions)))],
        scale_funcs=Scales(ren=ScaleFuncForm.Scale(0), fac=ScaleFuncForm.Scale(0), frg=ScaleFuncForm.NoScale(0)),
    )
    for (order, row, channel), (weights, scales) in content.items():
        nodes = [[scale**2 for scale in scales], *([list(x)] * len(convolutions))]
        subgrid = ImportSubgridV1(array=np.array(weights, dtype=np.float64), node_values=nodes)
        grid.set_subgrid(order, row, channel, subgrid.into())
    return grid


def _interpolations(hadrons: int) -> list[Interp]:
    """Return the settings that pineappl requires, although imported nodes do not use them."""
    scale = Interp(
        min=1.0, max=1e8, nodes=40, order=3, reweight_meth=ReweightingMethod.NoReweight,
        map=MappingMethod.ApplGridH0, interpolation_meth=InterpolationMethod.Lagrange,
    )  # fmt: skip
    momentum = Interp(
        min=2e-7, max=1.0, nodes=50, order=3, reweight_meth=ReweightingMethod.ApplGridX,
        map=MappingMethod.ApplGridF2, interpolation_meth=InterpolationMethod.Lagrange,
    )  # fmt: skip
    return [scale, *([momentum] * hadrons)]
