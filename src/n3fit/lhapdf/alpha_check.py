"""Checking the coupling of a PDF set: its nodes, and the order that the set says they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from n3fit.errors import DataError
from n3fit.lhapdf.alpha_members import read_header
from n3fit.lhapdf.alpha_running import ORDERS, integrate_nodes
from n3fit.lhapdf.grid import GridMember
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.lhapdf.set_report import CheckRow
from n3fit.typing import Floats

COUPLING_TOLERANCE = 1e-2
"""Many sets have the expanded solution of the equation, or another one that is off by per milles at low scales."""

_MEASURABLE = 2e-3  # deviations by which orders differ
_CLEARLY = 5.0  # times closer than the stated order

_MASSES = ("Charm", "Bottom", "Top")
_NODES = ("AlphaS_Qs", "AlphaS_Vals")


@dataclass(frozen=True)
class CouplingNodes:
    """The nodes of a coupling, and where they come from."""

    scales: Floats
    values: Floats
    origin: str

    def problem(self) -> str:
        """Return what is wrong with the nodes themselves."""
        if len(self.scales) != len(self.values):
            return f"{self.origin}{len(self.scales)} scales but {len(self.values)} values"
        if not (np.diff(self.scales) >= 0).all() or not (self.values > 0).all():
            return f"{self.origin}scales must increase, values be positive"
        return ""


def member_coupling(member: GridMember, number: int) -> CouplingNodes | None:
    """Return the nodes in the header of a member, None where it has none of its own.

    Raises
    ------
    DataError
        The header is not YAML, or has something else than numbers.
    """
    if not any(key in member.header for key in _NODES):
        return None
    header = read_header(member)
    lists = [header.get(key) for key in _NODES]
    if not all(isinstance(values, list) for values in lists):
        raise DataError(f"{member.path}: expected both {' and '.join(_NODES)}, lists of numbers, in the header")
    try:
        scales, values = (np.array(entry, dtype=np.float64) for entry in lists)
    except (TypeError, ValueError) as error:
        raise DataError(f"{member.path}: {' and '.join(_NODES)}: expected numbers ({error})") from error
    return CouplingNodes(scales, values, f"member {number}: ")


def coupling_row(pdf: PDFSet, members: Mapping[int, CouplingNodes]) -> CheckRow:
    """Compare alpha_s at the nodes with the solution of its equation from the node nearest to the Z mass.

    Parameters
    ----------
    pdf : PDFSet
    members : mapping
        The nodes of members that have their own, by number.

    Raises
    ------
    DataError
        The ``.info`` file has entries of the wrong type.
    """
    scales, values = (np.array(pdf.numbers(key)) for key in _NODES)
    everything = [CouplingNodes(scales, values, ""), *members.values()]
    problems = [problem for nodes in everything if (problem := nodes.problem())]
    if problems:
        return CheckRow("alpha_s", False, "; ".join(problems[:3]))
    filled = [nodes for nodes in everything if len(nodes.scales)]
    if not filled:
        return CheckRow("alpha_s", None, "no nodes in the .info file")
    stated = pdf.number("AlphaS_OrderQCD", pdf.number("OrderQCD", 2))
    if stated > ORDERS[-1] or stated != int(stated):
        text = f"AlphaS_OrderQCD: expected 0 (one loop) to {ORDERS[-1]}, received {stated:g}"
        return CheckRow("alpha_s", False, text)
    deviations = {order: _deviation(pdf, filled[0], order) for order in ORDERS}
    nearest = min(deviations, key=lambda order: deviations[order][0])
    if stated < 0:
        text = _describe(filled[0], nearest, deviations[nearest])
        return CheckRow("alpha_s", None, f"AlphaS_OrderQCD {stated:g} is no order; {text}")
    order = int(stated)
    if deviations[order][0] > max(_MEASURABLE, _CLEARLY * deviations[nearest][0]):
        text = _describe(filled[0], order, deviations[order])
        other = f"only {deviations[nearest][0]:.1e} from that of the {nearest + 1}-loop equation"
        return CheckRow("alpha_s", False, f"AlphaS_OrderQCD {order}: {text}, {other}")
    worst = max(filled, key=lambda nodes: _deviation(pdf, nodes, order)[0])
    deviation = _deviation(pdf, worst, order)
    return CheckRow("alpha_s", deviation[0] <= COUPLING_TOLERANCE, worst.origin + _describe(worst, order, deviation))


def _deviation(pdf: PDFSet, nodes: CouplingNodes, order: int) -> tuple[float, float]:
    """Return the largest relative deviation from the nearer of the exact and the expanded solution, and its scale."""
    found = []
    for thresholds, expanded in product(_thresholds(pdf), (False, True)):
        expected = integrate_nodes(
            nodes.scales, nodes.values, thresholds, z_mass=pdf.number("MZ", 91.1876), order=order, expanded=expanded
        )
        deviations = np.nan_to_num(np.abs(nodes.values / expected - 1), nan=np.inf)
        worst = int(np.argmax(deviations))
        found.append((float(deviations[worst]), float(nodes.scales[worst])))
    return min(found)


def _describe(nodes: CouplingNodes, order: int, deviation: tuple[float, float]) -> str:
    return (
        f"{len(nodes.scales)} nodes, {deviation[0]:.1e} from the solution of the {order + 1}-loop equation "
        f"at {deviation[1]:g} GeV"
    )


def _thresholds(pdf: PDFSet) -> list[list[float]]:
    """Return the scales where alpha_s changes its number of flavours; at most one for each quark beyond the third.

    In a fixed scheme, which may be meant for the PDFs alone, all of them are active at every scale, or alpha_s changes.
    """
    most = int(pdf.number("AlphaS_NumFlavors", pdf.number("NumFlavors", 5)))
    scales = []
    for name in _MASSES[: max(0, most - 3)]:
        fallback = pdf.number(f"Threshold{name}", pdf.number(f"M{name}", np.inf))
        scales.append(pdf.number(f"AlphaS_Threshold{name}", fallback))
    fixed = str(pdf.info.get("AlphaS_FlavorScheme", pdf.info.get("FlavorScheme"))).lower() == "fixed"
    return [[0.0] * len(scales), scales] if fixed else [scales]
