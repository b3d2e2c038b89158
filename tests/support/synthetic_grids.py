"""Small PineAPPL grids with known coefficients, and a theory at leading order whose tables are made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pineappl
from pineappl.interpolation import Interp, InterpolationMethod, MappingMethod, ReweightingMethod

from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.tables.channels import channel_pids, fold_flavours
from n3fit.theory.tables.fk_writer import write_fk_table
from n3fit.theory.theory_card import TheoryCard

CARD = {
    "PTO": 0, "ModEv": "EXA", "FNS": "ZM-VFNS", "TMC": 0, "alphas": 0.118, "Qref": 91.2, "Q0": 1.65, "nf0": 4,
    "mc": 1.51, "mb": 4.92, "mt": 172.5, "IC": 1,
}  # fmt: skip
GLUON_BINS = ((10.0, {0.01: 2.0, 0.1: 1.0}), (10.0, {0.2: 3.0}), (30.0, {0.05: 1.0, 0.4: -0.01}))
"""Scale in GeV and coefficient of the gluon f(x) at each x, bin by bin; one power of the coupling."""


def write_grid(
    path: Path,
    bins: Sequence[tuple[float, Mapping[float, float]]],
    *,
    pids: tuple[int, ...] = (21,),
    hadrons: tuple[int, ...] = (2212,),
    order: int = 1,
) -> None:
    """Write a grid with one channel: scale and coefficients of f(x), or f(x) f(x) for two hadrons, by bin."""
    unpolarised = pineappl.convolutions.ConvType(polarized=False, time_like=False)
    grid = pineappl.grid.Grid(
        pid_basis=pineappl.pids.PidBasis.Pdg,
        channels=[pineappl.boc.Channel([(list(pids), 1.0)])],
        orders=[pineappl.boc.Order(order, 0, 0, 0, 0)],
        bins=pineappl.boc.BinsWithFillLimits.from_fill_limits(fill_limits=[float(row) for row in range(len(bins) + 1)]),
        convolutions=[pineappl.convolutions.Conv(convolution_types=unpolarised, pid=pid) for pid in hadrons],
        interpolations=[_interpolation(1.0, 1e4), *(_interpolation(1e-6, 1.0) for _hadron in hadrons)],
        kinematics=[
            pineappl.boc.Kinematics.Scale(0),
            *(pineappl.boc.Kinematics.X(position) for position in range(len(hadrons))),
        ],
        scale_funcs=pineappl.boc.Scales(
            ren=pineappl.boc.ScaleFuncForm.Scale(0),
            fac=pineappl.boc.ScaleFuncForm.Scale(0),
            frg=pineappl.boc.ScaleFuncForm.NoScale(0),
        ),
    )
    for row, (q, coefficients) in enumerate(bins):
        nodes = sorted(coefficients)
        values = np.array([coefficients[x] for x in nodes])
        array = values if len(hadrons) == 1 else np.diag(values)
        subgrid = pineappl.subgrid.ImportSubgridV1(
            array=array[np.newaxis], node_values=[[q**2], *(nodes for _hadron in hadrons)]
        )
        grid.set_subgrid(0, row, 0, subgrid.into())
    path.parent.mkdir(parents=True, exist_ok=True)
    grid.write_lz4(str(path))


def write_gluon_theory(folder: Path, name: str, *, nodes: int = 40) -> None:
    """Write a theory with one table, made of GLUON_BINS."""
    card = TheoryCard.from_mapping(CARD)
    evolution = EvolutionOperators(card, standard_xgrid(nodes, 1e-4))
    rows = []
    for q, coefficients in GLUON_BINS:
        operator = evolution.operator(q, 5)[EXPORT_PIDS.index(21)]
        at_x = evolution.basis.evaluate(list(coefficients))
        weights = evolution.coupling.alpha_s(q, 5) * np.array(list(coefficients.values()))
        rows.append(fold_flavours(np.einsum("j,jk,kbl->bl", weights, at_x, operator), card))
    path = folder / "fastkernel" / f"{name}.pineappl.lz4"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_fk_table(path, np.array(rows), pids=channel_pids(card), xgrid=evolution.xgrid, q0=CARD["Q0"], metadata={})
    (folder / "theory.yaml").write_text("\n".join(f"{key}: {value}" for key, value in CARD.items()))


def _interpolation(low: float, high: float) -> Interp:
    return Interp(
        min=low, max=high, nodes=20, order=3, reweight_meth=ReweightingMethod.NoReweight,
        map=MappingMethod.ApplGridF2 if high <= 1 else MappingMethod.ApplGridH0,
        interpolation_meth=InterpolationMethod.Lagrange,
    )  # fmt: skip
