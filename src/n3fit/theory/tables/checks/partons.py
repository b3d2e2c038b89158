"""References for tables of single parton distributions: positivity of x f, and integrability at the initial scale."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.data.library_tables import TableUse
from n3fit.data.loading import load_commondata
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.theory.flavours import EXPORT_PIDS, FK_BASIS, FLAVOUR_TO_FK
from n3fit.theory.tables.checks.evolved_toy import EvolvedToy
from n3fit.theory.tables.checks.results import Reference
from n3fit.theory.tables.heavy_quarks import PartonSet
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.toy_pdf import les_houches_toy

EVOLVED = "evolved PDF"
INITIAL = "PDF at Q0"

_FLAVOURS = MappingProxyType(
    {"XUQ": 2, "XUB": -2, "XDQ": 1, "XDB": -1, "XSQ": 3, "XSB": -3, "XCQ": 4, "XCB": -4, "XGL": 21}
)
_INITIAL_ELEMENT = re.compile(r"X(T3|T8|T15|V|V3|V8|V15)")


def positivity_tables(uses: Iterable[TableUse], names: Collection[str]) -> dict[str, str]:
    """Return the data set of each of the tables ``names`` that is the positivity of a flavour."""
    return {
        use.tables[0]: use.dataset
        for use in uses
        if use.process == "POS_XPDF"
        and use.dataset.rpartition("_")[2] in _FLAVOURS
        and len(use.tables) == 1
        and use.tables[0] in names
    }


def positivity_references(tables: Mapping[str, str], evolution: EvolutionOperators) -> dict[str, Reference]:
    """Return x f of the evolved toy PDF for tables of the positivity of a flavour.

    Parameters
    ----------
    tables : mapping of str to str
        Data sets by table, from :func:`positivity_tables`.
    evolution : EvolutionOperators
        With the card of the theory, on a dense x-grid.
    """
    points = {name: load_commondata(dataset) for name, dataset in tables.items()}
    toy = EvolvedToy(evolution, {float(np.sqrt(q2)) for data in points.values() for q2 in data.q2})
    return {
        name: _evolved_reference(points[name], _FLAVOURS[dataset.rpartition("_")[2]], toy, evolution.card)
        for name, dataset in tables.items()
    }


def integrability_references(uses: Iterable[TableUse], names: Collection[str]) -> dict[str, Reference]:
    """Return x f of the toy PDF at the initial scale for the tables of integrability."""
    references = {}
    for use in uses:
        match = _INITIAL_ELEMENT.fullmatch(use.dataset.rpartition("_")[2])
        if use.process != "INTEG" or match is None or len(use.tables) != 1 or use.tables[0] not in names:
            continue
        x = load_commondata(use.dataset).x
        values = (FLAVOUR_TO_FK @ les_houches_toy(EXPORT_PIDS, x))[FK_BASIS.index(match[1])]
        references[use.tables[0]] = Reference(
            method=INITIAL,
            rows=tuple(range(len(x))),
            values=tuple(values.tolist()),
            places=tuple(f"x = {value:.2g}" for value in x),
        )
    return references


def active_partons(card: TheoryCard, q: float) -> PartonSet:
    """Return the parton distributions at a scale (GeV): as many flavours as are active there."""
    return PartonSet(card.pdf_flavours(q**2))


def _evolved_reference(data: CommonData, pid: int, toy: EvolvedToy, card: TheoryCard) -> Reference:
    rows = [row for row, q2 in enumerate(data.q2) if q2 >= card.Q0**2 * (1 - 1e-9) and data.x[row] < 1]
    values = []
    for row in rows:
        q = float(np.sqrt(data.q2[row]))
        distributions = toy.at(q, active_partons(card, q))[EXPORT_PIDS.index(pid)]
        values.append(float(data.x[row] * (toy.evolution.basis.evaluate(data.x[row]) @ distributions)[0]))
    return Reference(
        method=EVOLVED,
        rows=tuple(rows),
        values=tuple(values),
        places=tuple(f"x = {data.x[row]:.2g}, Q2 = {data.q2[row]:.4g} GeV2" for row in rows),
        may_vanish=True,
    )
