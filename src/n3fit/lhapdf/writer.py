"""The files of an LHAPDF set in the format lhagrid1 (arXiv:1412.7420, sections 3.2 and 4.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from n3fit.evolution.coupling_cache import coupling_at
from n3fit.evolution.grids import QSegment
from n3fit.lhapdf.grid import SubGrid
from n3fit.lhapdf.table_text import format_table
from n3fit.storage import write_atomically
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats

SET_PIDS = tuple(sorted(EXPORT_PIDS))
"""Order of the flavours in the files."""

_FROM_EXPORT = [EXPORT_PIDS.index(pid) for pid in SET_PIDS]
_PROTON = 2212
_YAML_WORDS = ("true", "false", "yes", "no", "on", "off", "y", "n", "null")
_NO_INDEX = 0  # the set has no number in LHAPDF's register, but some readers require one


@dataclass(frozen=True, eq=False)
class SetLayout:
    """What all members of a set share.

    Parameters
    ----------
    name : str
    description : str
        ``SetDesc``, one line.
    card : TheoryCard
    xgrid : (nx,)
    segments : tuple of QSegment
    polarised : bool
        Whether the PDFs are polarised.
    entries : mapping
        Entries of the ``.info`` file besides or instead of those of a set of replicas.
    """

    name: str
    description: str
    card: TheoryCard
    xgrid: Floats
    segments: tuple[QSegment, ...]
    polarised: bool = False
    entries: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def write_info(folder: Path, layout: SetLayout, *, members: int) -> None:
    """Write ``<name>.info`` for a set of ``members`` files, the central one included."""
    write_entries(folder / f"{layout.name}.info", {**_describe(layout, members), **layout.entries})


def write_entries(path: Path, entries: Mapping[str, object]) -> None:
    """Write an ``.info`` file with one line for each entry."""
    write_atomically(path, "".join(f"{key}: {to_yaml(value)}\n" for key, value in entries.items()))


def write_member(
    folder: Path, layout: SetLayout, number: int, values: Sequence[Floats], *, replica: int | None = None
) -> None:
    """Write the file of one member into a folder in which a set is prepared.

    Parameters
    ----------
    folder : Path
    layout : SetLayout
    number : int
        0 is the central member.
    values : sequence of (nq, nx, 14)
        x f(x, Q) of each segment, flavours in the order of EXPORT_PIDS.
    replica : int, optional
        The replica of the fit that the member is.
    """
    grids = [
        SubGrid(x=layout.xgrid, q=segment.q, pids=SET_PIDS, values=np.swapaxes(block, 0, 1)[..., _FROM_EXPORT])
        for segment, block in zip(layout.segments, values, strict=True)
    ]
    kind = member_kind(number, str(layout.entries.get("ErrorType", "replicas")))
    write_grids(folder / f"{layout.name}_{number:04d}.dat", grids, kind=kind, replica=replica)


def member_kind(number: int, error_type: str) -> str:
    """Return the ``PdfType`` of a member of a set with an ``ErrorType``: central, replica or error."""
    if not number:
        return "central"
    return "replica" if error_type == "replicas" else "error"


def write_grids(path: Path, grids: Sequence[SubGrid], *, kind: str, replica: int | None = None) -> None:
    """Write the file of a member with the ``PdfType`` ``kind``; ``replica`` is the one that it comes from."""
    header = [f"PdfType: {kind}", "Format: lhagrid1"]
    if replica is not None:
        header.append(f"FromMCReplica: {replica}")
    blocks = [("\n".join(header) + "\n---\n").encode()]
    for grid in grids:
        knots = f"{_join(grid.x)}\n{_join(grid.q)}\n{' '.join(map(str, grid.pids))}\n"
        blocks += [knots.encode(), format_table(grid.values.reshape(-1, len(grid.pids))), b"---\n"]
    path.write_bytes(b"".join(blocks))


def _describe(layout: SetLayout, members: int) -> Mapping[str, object]:
    """Return the entries of the ``.info`` file; alpha_s has its knots at the nodes in Q, a threshold twice.

    The coupling is the exact solution of its equation whatever the solution of the evolution is: the expanded one, that
    truncated evolution uses, is off by 3e-3 at 1.65 GeV, more than users of a set expect. At the Z mass it has the
    flavours of the set, as at the nodes.
    """
    card = layout.card
    scales = [(float(q), segment.nf) for segment in layout.segments for q in segment.q]
    at_z, *at_nodes = coupling_at(replace(card, ModEv="EXA"), [(card.MZ, card.most_flavours), *scales])
    return {
        "SetDesc": layout.description,
        "SetIndex": _NO_INDEX,
        "Authors": "made with n3fit",
        "Format": "lhagrid1",
        "DataVersion": 1,
        "NumMembers": members,
        "Particle": _PROTON,
        **({"Polarized": True} if layout.polarised else {}),
        "Flavors": list(SET_PIDS),
        "OrderQCD": card.PTO,
        "FlavorScheme": "fixed" if card.most_flavours == card.nf0 else "variable",
        "NumFlavors": max(segment.nf for segment in layout.segments),
        "ErrorType": "replicas" if members > 1 else "unknown",
        "XMin": float(layout.xgrid[0]),
        "XMax": float(layout.xgrid[-1]),
        "QMin": scales[0][0],
        "QMax": scales[-1][0],
        "MZ": card.MZ,
        "MUp": 0.0,
        "MDown": 0.0,
        "MStrange": 0.0,
        "MCharm": card.mc,
        "MBottom": card.mb,
        "MTop": card.mt,
        "ThresholdCharm": card.kcThr * card.mc,
        "ThresholdBottom": card.kbThr * card.mb,
        "ThresholdTop": card.ktThr * card.mt,
        "AlphaS_MZ": at_z,
        "AlphaS_OrderQCD": card.PTO,
        "AlphaS_Type": "ipol",
        "AlphaS_Qs": [q for q, _ in scales],
        "AlphaS_Vals": at_nodes,
    }


def to_yaml(value: object) -> str:
    """Write a value for any YAML reader: text in double quotes unless it is a plain word, 1e-9 as 1.0e-09."""
    if isinstance(value, list):
        return f"[{', '.join(map(to_yaml, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{to_yaml(key)}: {to_yaml(entry)}' for key, entry in value.items())}}}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        mantissa, exponent, power = repr(value).partition("e")
        return f"{mantissa}{'.0' if exponent and '.' not in mantissa else ''}{exponent}{power}"
    if isinstance(value, str) and not (value.isalnum() and value[0].isalpha() and value.lower() not in _YAML_WORDS):
        return json.dumps(value, ensure_ascii=False)
    return "null" if value is None else str(value)


def _join(knots: Floats) -> str:
    return " ".join(map(repr, knots.tolist()))
