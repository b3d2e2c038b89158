"""Specifications of the FK tables of the embedded theory: observable, process and kinematics of every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from n3fit.data.library import library_folder
from n3fit.errors import TheoryError, did_you_mean
from n3fit.storage.yaml_files import read_yaml
from n3fit.theory.tables.processes import Process

PROTON_MASS = 0.938
"""Mass in GeV, used only to compute beam energies from y."""


@dataclass(frozen=True)
class Row:
    """Kinematics of one row: Bjorken x, virtuality in GeV^2, inelasticity (nan where it is not used)."""

    x: float
    q2: float
    y: float


@dataclass(frozen=True)
class TableSpecification:
    """Specification of one FK table.

    Attributes
    ----------
    name : str
        File name without suffixes, as in the metadata of nnpdf-data.
    dataset : str
        The data set in nnpdf-data with the kinematics of the rows.
    observable : str
        A structure function such as F2_total, a reduced cross-section of yadism such as XSHERANC or, of a heavy quark
        alone, XSHERANCAVG_charm; or for positivity and integrability ``pid <n>``: x f of a flavour, or
        ``initial <name>``: x f of an FK-basis element at Q0.
    process : Process
    target_mass : bool
        Whether target-mass corrections apply.
    rows : tuple of Row
    """

    name: str
    dataset: str
    observable: str
    process: Process
    target_mass: bool
    rows: tuple[Row, ...]


_ELECTRON = Process("NC", "electron")
_POSITRON = Process("NC", "positron")
_DEUTERON = Process("NC", "electron", "isoscalar")
_NEUTRINOS = MappingProxyType({"NU": "neutrino", "NB": "antineutrino"})

_DATA: tuple[tuple[str, str, Mapping[str, tuple[str, Process]]], ...] = (
    ("NMC_NC_NOTFIXED", "EM-F2",
     {"NMC_NC_EM_D_F2": ("F2_total", _DEUTERON), "NMC_NC_EM_P_F2": ("F2_total", _ELECTRON)}),
    ("NMC_NC_NOTFIXED_P", "EM-SIGMARED", {"NMC_NC_EM_P_SIGMARED": ("XSHERANC", _ELECTRON)}),
    ("SLAC_NC_NOTFIXED_P", "EM-F2", {"SLAC_NC_EM_P_F2": ("F2_total", _ELECTRON)}),
    ("SLAC_NC_NOTFIXED_D", "EM-F2", {"SLAC_NC_EM_D_F2": ("F2_total", _DEUTERON)}),
    ("BCDMS_NC_NOTFIXED_P", "EM-F2",
     {f"BCDMS_NC_{energy}GEV_EM_P_F2": ("F2_total", _ELECTRON) for energy in (100, 120, 200, 280)}),
    ("BCDMS_NC_NOTFIXED_D", "EM-F2",
     {f"BCDMS_NC_{energy}GEV_EM_D_F2": ("F2_total", _DEUTERON) for energy in (100, 200, 280)}),
    ("HERA_NC_318GEV", "EM-SIGMARED", {"HERA_NC_318GEV_EM_SIGMARED": ("XSHERANC", _ELECTRON)}),
    *((f"HERA_NC_{energy}GEV", "EP-SIGMARED", {f"HERA_NC_{energy}GEV_EP_SIGMARED": ("XSHERANC", _POSITRON)})
      for energy in (225, 251, 300, 318)),
    ("HERA_CC_318GEV", "EM-SIGMARED", {"HERA_CC_318GEV_EM_SIGMARED": ("XSHERACC", Process("CC", "electron"))}),
    ("HERA_CC_318GEV", "EP-SIGMARED", {"HERA_CC_318GEV_EP_SIGMARED": ("XSHERACC", Process("CC", "positron"))}),
    *(("HERA_NC_318GEV_EAVG", f"{quark}-SIGMARED",
       {f"HERA_NC_318GEV_EAVG_SIGMARED_{quark}": (f"XSHERANCAVG_{quark.lower()}", _ELECTRON)})
      for quark in ("CHARM", "BOTTOM")),
    *(("CHORUS_CC_NOTFIXED_PB", f"{beam}-SIGMARED",
       {f"CHORUS_CC_{beam}_PB_SIGMARED": ("XSCHORUSCC", Process("CC", projectile, "lead"))})
      for beam, projectile in _NEUTRINOS.items()),
    *(("NUTEV_CC_NOTFIXED_FE", f"{beam}-SIGMARED",
       {f"NUTEV_CC_{beam}_FE_SIGMARED": ("XSNUTEVCC_charm", Process("CC", projectile, "iron"))})
      for beam, projectile in _NEUTRINOS.items()),
    # charm and gluon alone couple, in a nucleus as in a proton
    ("EMC_NC_250GEV", "EM-F2C", {"EMC_NC_250GEV_EM_F2C": ("F2_charm", _ELECTRON)}),
)  # fmt: skip

_POSITIVITY = MappingProxyType(
    {
        "F2U": ("NNPDF_POS_F2U_40", "F2_light", "up"),
        "F2D": ("NNPDF_POS_F2D_40", "F2_light", "down"),
        "F2S": ("NNPDF_POS_F2S_40", "F2_light", "strange"),
        "F2C": ("NNPDF_POS_F2C_40", "F2_charm", "all"),
        "FLL": ("NNPDF_POS_FLL_40", "FL_light", "light"),
        "XUQ": ("NNPDF_POS_UP_40", "pid 2", None),
        "XUB": ("NNPDF_POS_ANTI_UP_40", "pid -2", None),
        "XDQ": ("NNPDF_POS_DOWN_40", "pid 1", None),
        "XDB": ("NNPDF_POS_ANTI_DOWN_40", "pid -1", None),
        "XSQ": ("NNPDF_POS_STRANGE_40", "pid 3", None),
        "XSB": ("NNPDF_POS_ANTI_STRANGE_40", "pid -3", None),
        "XGL": ("NNPDF_POS_GLUON_40", "pid 21", None),
    }
)
_INTEGRABILITY = MappingProxyType({"XT3": ("INTEGXT3", "initial T3"), "XT8": ("INTEGXT8", "initial T8")})


def table_specifications() -> tuple[TableSpecification, ...]:
    """Return the specification of every table, in a fixed order.

    Raises
    ------
    TheoryError
        The metadata of the installed nnpdf-data contain other tables than expected.
    """
    tables: list[TableSpecification] = []
    for folder, observable, specifications in _DATA:
        grouped, bins = _metadata(folder, observable, set(specifications))
        dataset = f"{folder}_{observable}"
        for names in grouped:
            split = _split_by_beam(names, bins) if len(names) > 1 else {names[0]: bins}
            for name, rows in split.items():
                kind, process = specifications[name]
                tables.append(TableSpecification(name, dataset, kind, process, True, tuple(rows)))
    for observable, (name, kind, charge) in _POSITIVITY.items():
        _grouped, bins = _metadata("NNPDF_POS_2P24GEV", observable, {name})
        process = Process("EM", "electron", "proton", charge)
        tables.append(TableSpecification(name, f"NNPDF_POS_2P24GEV_{observable}", kind, process, False, tuple(bins)))
    for observable, (name, kind) in _INTEGRABILITY.items():
        _grouped, bins = _metadata("NNPDF_INTEG_3GEV", observable, {name})
        tables.append(
            TableSpecification(name, f"NNPDF_INTEG_3GEV_{observable}", kind, Process("EM"), False, tuple(bins))
        )
    return tuple(tables)


def select_tables(*, tables: Sequence[str] = (), datasets: Sequence[str] = ()) -> tuple[TableSpecification, ...]:
    """Return the specifications of some tables, in the order of all; of all if no table and no data set is named.

    Parameters
    ----------
    tables : sequence of str
        Names of tables.
    datasets : sequence of str
        Names of data sets as in nnpdf-data: all their tables.

    Raises
    ------
    TheoryError
        There is no such table or data set.
    """
    known = table_specifications()
    for kind, received, names in (
        ("table", tables, [table.name for table in known]),
        ("dataset", datasets, [table.dataset for table in known]),
    ):
        for name in received:
            if name not in names:
                raise TheoryError(
                    f"--{kind}: expected one of deep-inelastic scattering or positivity, received {name!r}",
                    hint=did_you_mean(name, names),
                )
    chosen = tuple(table for table in known if table.name in tables or table.dataset in datasets)
    return chosen or known


def _metadata(folder: str, observable: str, expected: set[str]) -> tuple[list[tuple[str, ...]], list[Row]]:
    """Read the groups of FK tables and the kinematics of a data set in nnpdf-data."""
    from nnpdf_data.commondataparser import parse_new_metadata

    root = library_folder() / folder
    try:
        metadata = parse_new_metadata(root / "metadata.yaml", observable)
    except (OSError, KeyError, ValueError) as error:
        raise TheoryError(f"{folder} {observable}: not a data set of nnpdf-data ({error})") from error
    grouped = [tuple(str(name) for name in group) for group in metadata.theory.FK_tables]
    found = {name for group in grouped for name in group}
    if found != expected:
        raise TheoryError(f"{folder} {observable}: expected the FK tables {sorted(expected)}, received {sorted(found)}")
    bins = read_yaml(root / metadata.kinematics.file, error=TheoryError)["bins"]
    return grouped, [_row(entry) for entry in bins]


def _row(entry: Mapping[str, Any]) -> Row:
    # NMC rounds x and keeps the exact value in xraw
    x = entry.get("xraw", entry["x"])["mid"]
    y = entry.get("y", {"mid": None})["mid"]
    return Row(float(x), float(entry["Q2"]["mid"]), float("nan") if y is None else float(y))


def _split_by_beam(names: tuple[str, ...], rows: list[Row]) -> dict[str, list[Row]]:
    """Return the rows of the table of each beam energy Q2 / (2 M x y)."""
    energies = np.array([float(name.split("_")[2].removesuffix("GEV")) for name in names])
    split: dict[str, list[Row]] = {name: [] for name in names}
    order = []
    for row in rows:
        index = int(np.argmin(np.abs(np.log(energies / (row.q2 / (2 * PROTON_MASS * row.x * row.y))))))
        split[names[index]].append(row)
        order.append(index)
    if order != sorted(order):
        raise TheoryError(
            f"{names[0]}: expected rows in the order of beam energies, in which their tables are concatenated"
        )
    return split
