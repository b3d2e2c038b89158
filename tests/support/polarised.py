"""A small polarised theory: FK tables with polarised and unpolarised PDFs, and PDF sets for fits to them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pineappl

from n3fit.theory.flavours import EXPORT_PIDS, FK_BASIS, FK_PIDS, FK_TO_FLAVOUR

XGRID = np.array([1e-9, 1e-6, 1e-4, 1e-3, 5e-3, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0])
Q0 = 1.0

CARD = """\
ID: polarised
Comments: a small polarised theory for tests
PTO: 1
FNS: ZM-VFNS
IC: 0
nf0: 3
Q0: 1.0
ModEv: TRN
alphas: 0.118
Qref: 91.2
nfref: 5
mc: 1.51
mb: 4.92
mt: 172.5
"""

DATASETS = ("COMPASS15_NC_NOTFIXED_MUP_G1", "STAR_WMWP_510GEV_WP-AL", "STAR-2012_1JET_510GEV_ALL")
"""A structure function, an asymmetry of one polarised beam, and one of two."""

POSITIVITY = ("NNPDF_POS_2P24GEV_XGL-POLARIZED", "NNPDF_POS_2P24GEV_XSQSUM-POLARIZED")
INTEGRABILITY = ("NNPDF_INTEG_1GEV_XGL-POLARIZED", "NNPDF_INTEG_1GEV_XV3-POLARIZED")

_DIS = {"COMPASS15_NC_NOTFIXED_MUP_G1": (17, True)}
_HADRONIC = {
    "STAR_WMWP_510GEV_WP-AL-POL": (6, (True, False)),
    "STAR_WMWP_510GEV_WP-AL-UNPOL": (6, (False, False)),
    "STAR_2012_1JET_510GEV_ALL-POL": (14, (True, True)),
    "STAR_2012_1JET_510GEV_ALL-UNPOL": (14, (False, False)),
}
_PARTONS = {
    "NNPDF_POS_GLUON": ("g", False),
    "NNPDF_POS_DGLUON": ("g", True),
    "NNPDF_POS_STRANGE": ("s", False),
    "NNPDF_POS_ANTI_STRANGE": ("s", False),
    "NNPDF_POS_DSTRANGE": ("s", True),
    "NNPDF_POS_ANTI_DSTRANGE": ("s", True),
}
_STRANGE_ROW = FK_TO_FLAVOUR[[EXPORT_PIDS.index(pid) for pid in (3, -3)]].mean(axis=0)
_STRANGE = {element: share for element, share in zip(FK_BASIS, _STRANGE_ROW, strict=True) if abs(share) > 1e-12}
"""The average of s and sbar in terms of the FK basis."""


def write_theory(folder: Path) -> Path:
    """Write ``theory_polarised`` into a folder, and return it."""
    home = folder / "theory_polarised"
    (home / "fastkernel").mkdir(parents=True)
    (home / "theory.yaml").write_text(CARD)
    for name, (rows, polarised) in _DIS.items():
        values = _smooth(rows, ("g", "T3", "T8", "Sigma"), 1)
        write_table(home, name, values, [["g"], ["T3"], ["T8"], ["Sigma"]], [polarised])
    for name, (rows, kinds) in _HADRONIC.items():
        first, second = ("g", "Sigma", "T3"), ("g", "Sigma", "V")
        size = 20.0 if kinds == (False, False) else 1.0
        channels = [list(pair) for pair in zip(first, second if not kinds[1] else first, strict=True)]
        write_table(home, name, size * _smooth(rows, first, 2), channels, list(kinds))
    points = np.geomspace(1e-3, 0.8, 20)
    for name, (parton, polarised) in _PARTONS.items():
        shares = {"g": {"g": 1.0}, "s": _STRANGE}[parton]
        values = np.stack([share * _at(points) for share in shares.values()], axis=1)
        write_table(home, name, values, [[element] for element in shares], [polarised])
    for name, element in (("NNPDF_INTEG_DG", "g"), ("NNPDF_INTEG_DV3", "V3")):
        write_table(home, name, _at(XGRID[:1])[:, np.newaxis], [[element]], [True])
    return home


def write_varied_theory(folder: Path, identifier: str, factor: float, renormalisation: float) -> None:
    """Write the polarised theory at another scale, where polarised cross-sections are ``factor`` times as large."""
    plain, home = folder / "theory_polarised", folder / f"theory_{identifier}"
    shutil.copytree(plain, home)
    card = f"{CARD}XIR: {renormalisation}\nXIF: 1.0\n"
    (home / "theory.yaml").write_text(card.replace("ID: polarised", f"ID: {identifier}"))
    for name in (*_DIS, *(name for name, (_, kinds) in _HADRONIC.items() if any(kinds))):
        path = home / "fastkernel" / f"{name}.pineappl.lz4"
        grid = pineappl.grid.Grid.read(str(path))
        grid.scale(factor)
        path.unlink()
        grid.write_lz4(str(path))


def write_table(
    home: Path, name: str, values: np.ndarray, channels: Sequence[Sequence[str]], polarised: Sequence[bool]
) -> None:
    """Write a table whose ``values`` (rows, channels, nx) or (rows, channels, nx, nx) multiply x f."""
    kinds = pineappl.convolutions
    legs = len(polarised)
    kinematics = [pineappl.boc.Kinematics.Scale(0), *(pineappl.boc.Kinematics.X(leg) for leg in range(legs))]
    pids = dict(zip(FK_BASIS, FK_PIDS, strict=True))
    grid = pineappl.grid.Grid(
        pid_basis=pineappl.pids.PidBasis.Evol,
        channels=[pineappl.boc.Channel([([pids[element] for element in channel], 1.0)]) for channel in channels],
        orders=[pineappl.boc.Order(0, 0, 0, 0, 0)],
        bins=pineappl.boc.BinsWithFillLimits.from_fill_limits(
            fill_limits=[float(row) for row in range(len(values) + 1)]
        ),
        convolutions=[kinds.Conv(kinds.ConvType(polarized=kind, time_like=False), 2212) for kind in polarised],
        interpolations=_interpolations(legs),
        kinematics=kinematics,
        scale_funcs=pineappl.boc.Scales(
            ren=pineappl.boc.ScaleFuncForm.NoScale(0),
            fac=pineappl.boc.ScaleFuncForm.Scale(0),
            frg=pineappl.boc.ScaleFuncForm.NoScale(0),
        ),
    )
    weights = XGRID if legs == 1 else np.multiply.outer(XGRID, XGRID)
    for row in range(len(values)):
        for channel in range(len(channels)):
            subgrid = pineappl.subgrid.ImportSubgridV1(
                array=(values[row, channel] * weights)[np.newaxis], node_values=[[Q0**2], *[XGRID.tolist()] * legs]
            )
            grid.set_subgrid(0, row, channel, subgrid.into())
    pineappl.fk_table.FkTable(grid).write_lz4(str(home / "fastkernel" / f"{name}.pineappl.lz4"))


def write_set(folder: Path, name: str, members: Sequence[Mapping[int, np.ndarray]]) -> None:
    """Write a PDF set that is the same at every scale; a member has x f on the nodes of ``set_xgrid`` by particle."""
    home = folder / name
    home.mkdir()
    x, scales = set_xgrid(), np.array([1.0, 1.5, 10.0, 200.0])
    for number, member in enumerate(members):
        rows = np.stack([member.get(pid, np.zeros_like(x)) for pid in EXPORT_PIDS], axis=1)
        text = [f"PdfType: {'replica' if number else 'central'}", "Format: lhagrid1", "---"]
        text += [" ".join(f"{value:.10e}" for value in knots) for knots in (x, scales)]
        text += [" ".join(map(str, EXPORT_PIDS))]
        text += [" ".join(f"{value:.10e}" for value in row) for row in np.repeat(rows, len(scales), axis=0)]
        (home / f"{name}_{number:04d}.dat").write_text("\n".join([*text, "---"]) + "\n")
    (home / f"{name}.info").write_text(
        f"SetDesc: {name}\nNumMembers: {len(members)}\nErrorType: replicas\nFlavors: {list(EXPORT_PIDS)}\n"
        "Particle: 2212\nXMin: 1e-9\nXMax: 1\nQMin: 1.0\nQMax: 200\n"
        "AlphaS_Qs: [1.0, 200]\nAlphaS_Vals: [0.4, 0.1]\n"
    )


def set_xgrid() -> np.ndarray:
    """Return the nodes of the sets."""
    return np.concatenate([np.geomspace(1e-9, 0.1, 60), np.linspace(0.12, 1, 40)])


def polarised_toy(x: np.ndarray) -> dict[int, np.ndarray]:
    """Return polarised x f by particle: the toy input of the benchmark of hep-ph/0204316, section 1.32."""
    up = 1.3 * x**0.7 * (1 - x) ** 3 * (1 + 3 * x)
    down = -0.5 * x**0.7 * (1 - x) ** 4 * (1 + 4 * x)
    sea = -0.05 * x**0.3 * (1 - x) ** 7
    gluon = 1.5 * x**0.5 * (1 - x) ** 5
    return {2: up + sea, 1: down + sea, 3: 0.5 * sea, -1: sea, -2: sea, -3: 0.5 * sea, 21: gluon}


def _smooth(rows: int, elements: Sequence[str], legs: int) -> np.ndarray:
    """Return positive weights (rows, channels, nx[, nx]), each row peaked at another x."""
    peaks = np.geomspace(0.01, 0.6, rows)
    width = np.exp(-((np.log(XGRID / peaks[:, np.newaxis])) ** 2))
    strengths = np.linspace(1.0, 0.4, len(elements))
    if legs == 1:
        return strengths[np.newaxis, :, np.newaxis] * width[:, np.newaxis]
    other = np.exp(-((np.log(XGRID / 0.1)) ** 2))
    return strengths[np.newaxis, :, np.newaxis, np.newaxis] * np.einsum("rx,y->rxy", width, other)[:, np.newaxis]


def _at(points: np.ndarray) -> np.ndarray:
    """Return weights (points, nx) that interpolate linearly in log x."""
    return np.stack([np.interp(np.log(points), np.log(XGRID), unit) for unit in np.eye(len(XGRID))], axis=1)


def _interpolations(legs: int) -> list[object]:
    """Return the interpolation settings that pineappl requires, although imported nodes do not use them."""
    from pineappl.interpolation import Interp, InterpolationMethod, MappingMethod, ReweightingMethod

    scale = Interp(
        min=Q0**2, max=Q0**2 * 1.01, nodes=50, order=3, reweight_meth=ReweightingMethod.NoReweight,
        map=MappingMethod.ApplGridH0, interpolation_meth=InterpolationMethod.Lagrange,
    )  # fmt: skip
    momentum = [
        Interp(
            min=float(XGRID[0]), max=1.0, nodes=len(XGRID), order=3, reweight_meth=ReweightingMethod.ApplGridX,
            map=MappingMethod.ApplGridF2, interpolation_meth=InterpolationMethod.Lagrange,
        )
        for _ in range(legs)
    ]  # fmt: skip
    return [scale, *momentum]
