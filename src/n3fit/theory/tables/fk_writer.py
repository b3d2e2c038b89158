"""Writing of FK tables as pineappl files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from n3fit.typing import Floats

PRECISION_BITS = 28
"""Weights of x f have errors below 2^(1 - PRECISION_BITS) of the largest of their row and channel."""

NOISE_BITS = 16
"""Channels smaller than the largest of their row by this power of two are kept to the same absolute precision."""


def round_coefficients(values: Floats, xgrid: Floats) -> Floats:
    """Return coefficients rounded such that differences of rounding between libraries disappear from nearly all.

    Those of a row and channel become multiples of a power of two: of 2^-PRECISION_BITS of the largest weight of x f,
    times x. This changes predictions by less than 1e-7, and the files become smaller by a third. Channels that cancel
    but for rounding errors become zero.

    Parameters
    ----------
    values : (ndata, nchannels, nx)
        They act on f.
    xgrid : (nx,)
    """
    weights = np.max(np.abs(values) / xgrid, axis=-1, keepdims=True)
    weights = np.maximum(weights, np.ldexp(np.max(weights, axis=1, keepdims=True), -NOISE_BITS))
    _, largest = np.frexp(weights)
    _, node = np.frexp(xgrid)
    exponents = largest + node - PRECISION_BITS
    # adding zero removes the sign of zeros
    return np.ldexp(np.rint(np.ldexp(values, -exponents)), exponents) + 0.0


def write_fk_table(
    path: Path, values: Floats, *, pids: tuple[int, ...], xgrid: Floats, q0: float, metadata: Mapping[str, str]
) -> None:
    """Write a table that acts on f (not x f) of the proton at the initial scale.

    Parameters
    ----------
    path : Path
        Ends in ``.pineappl.lz4``; the file appears only when it is complete.
    values : (ndata, nchannels, nx)
    pids : (nchannels,)
        Elements of the evolution basis (FK_PIDS).
    xgrid : (nx,)
    q0 : float
        Initial scale in GeV.
    metadata : mapping of str to str
    """
    import pineappl

    from n3fit.theory.tables.table_files import write_table

    ndata = len(values)
    channels = [pineappl.boc.Channel([([pid], 1.0)]) for pid in pids]
    proton = pineappl.convolutions.Conv(
        convolution_types=pineappl.convolutions.ConvType(polarized=False, time_like=False), pid=2212
    )
    grid = pineappl.grid.Grid(
        pid_basis=pineappl.pids.PidBasis.Evol,
        channels=channels,
        orders=[pineappl.boc.Order(0, 0, 0, 0, 0)],
        bins=pineappl.boc.BinsWithFillLimits.from_fill_limits(fill_limits=[float(row) for row in range(ndata + 1)]),
        convolutions=[proton],
        interpolations=_interpolations(xgrid, q0),
        kinematics=[pineappl.boc.Kinematics.Scale(0), pineappl.boc.Kinematics.X(0)],
        scale_funcs=pineappl.boc.Scales(
            ren=pineappl.boc.ScaleFuncForm.NoScale(0),
            fac=pineappl.boc.ScaleFuncForm.Scale(0),
            frg=pineappl.boc.ScaleFuncForm.NoScale(0),
        ),
    )
    for row in range(ndata):
        for channel in range(len(pids)):
            subgrid = pineappl.subgrid.ImportSubgridV1(
                array=values[row, channel][np.newaxis, :], node_values=[[q0**2], xgrid.tolist()]
            )
            grid.set_subgrid(0, row, channel, subgrid.into())
    for key, value in metadata.items():
        grid.set_metadata(key, value)
    table = pineappl.fk_table.FkTable(grid)
    write_table(table, path)


def _interpolations(xgrid: Floats, q0: float) -> list[object]:
    """Return the interpolation settings that pineappl requires, although imported nodes do not use them."""
    from pineappl.interpolation import Interp, InterpolationMethod, MappingMethod, ReweightingMethod

    scale = Interp(
        min=q0**2, max=q0**2 * 1.01, nodes=50, order=3, reweight_meth=ReweightingMethod.NoReweight,
        map=MappingMethod.ApplGridH0, interpolation_meth=InterpolationMethod.Lagrange,
    )  # fmt: skip
    momentum = Interp(
        min=float(xgrid[0]), max=1.0, nodes=len(xgrid), order=min(4, len(xgrid) - 1),
        reweight_meth=ReweightingMethod.ApplGridX, map=MappingMethod.ApplGridF2,
        interpolation_meth=InterpolationMethod.Lagrange,
    )  # fmt: skip
    return [scale, momentum]
