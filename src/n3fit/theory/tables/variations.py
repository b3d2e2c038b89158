"""Theories with varied scales, built together with their central theory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from n3fit.defaults import BUILD_JOBS
from n3fit.errors import OutputExistsError, TheoryError
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.theory.covariance.prescriptions import CENTRAL_SCALES, PRESCRIPTIONS
from n3fit.theory.covariance.theories import theory_families
from n3fit.theory.covariance.variation_tables import record_variations
from n3fit.theory.tables.build import build_theories
from n3fit.theory.tables.grids.build import build_from_grids
from n3fit.theory.tables.manifest import fingerprint_of, is_finished
from n3fit.theory.tables.specifications import TableSpecification, table_specifications
from n3fit.theory.theories import read_theory_card
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.theory_folders import available_theories

SCALE_VARIATIONS = MappingProxyType({7: "7 point", 9: "9 point"})
"""Prescriptions whose theories can be built, by their number of points."""

_SCHEME = "expanded"
"""``ModSV`` of the varied theories where the card has none, that of the theories of the NNPDF releases."""


def varied_card(card: Mapping[str, Any], variation: str) -> dict[str, Any]:
    """Return the card of a variation ``kF kR`` of a theory.

    >>> varied_card({"ID": 1}, "0.5 2") == {"ID": "1_xif0.5_xir2", "XIF": 0.5, "XIR": 2.0, "ModSV": "expanded"}
    True
    """
    factorisation, renormalisation = variation.split()
    scheme = card.get("ModSV")
    return {
        **card,
        "ID": f"{card['ID']}_xif{factorisation}_xir{renormalisation}",
        "XIF": float(factorisation),
        "XIR": float(renormalisation),
        "ModSV": _SCHEME if scheme in (None, "None") else scheme,
    }


def build_variations(
    output: Path,
    *,
    card: Mapping[str, Any],
    points: int,
    tables: Sequence[TableSpecification] | None = None,
    grids: Path | None = None,
    jobs: int = BUILD_JOBS,
    progress: ProgressReporter | None = None,
    resume: bool = True,
) -> Path:
    """Build the theories of a point prescription, and record them in the table beside them.

    The reference is the theory of the card where it is found and has the hash of this card; else it is built in
    ``output``, or, if another theory has this ID, such as one of the NNPDF releases, beside it as a variation (1, 1).
    The varied theories are not checked against direct calculations; the reference is if it is built.

    Parameters
    ----------
    output : Path
        The folder ``theory_<ID>`` of the theory of the card; the others are built beside it.
    card : mapping
        With the ID of the folder, as for :func:`n3fit.theory.tables.build.build_theory`.
    points : int
        7 or 9.
    grids : Path, optional
        A folder with PineAPPL grids, whose tables are built instead of the deep-inelastic ones.
    tables, jobs, progress, resume
        As for :func:`n3fit.theory.tables.build.build_theory`.

    Returns
    -------
    Path
        The folder of the theory of the card.

    Raises
    ------
    TheoryError
        The card varies scales itself, or as for :func:`n3fit.theory.tables.build.build_theory`.
    """
    if points not in SCALE_VARIATIONS:
        raise TheoryError(f"--scale-variations: expected 7 or 9, received {points}")
    reporter = progress or NullReporter()
    scales = TheoryCard.from_mapping(card)
    if (scales.XIF, scales.XIR) != (1.0, 1.0):
        raise TheoryError(
            f"--scale-variations: expected a card with XIF: 1 and XIR: 1, received {scales.XIF:g} and {scales.XIR:g}"
        )
    central = str(card["ID"])
    found = available_theories(output.parent).get(central)
    variations = {name: varied_card(card, name) for name in PRESCRIPTIONS[SCALE_VARIATIONS[points]].variations}
    cards = {_beside(output, entry): entry for entry in variations.values()}
    theories = {name: str(entry["ID"]) for name, entry in variations.items()}
    if grids is None and found is not None and _is_built(found, scales, tables):
        reference, theories[CENTRAL_SCALES] = found, central
    else:
        entry = dict(card) if found in (None, output) else varied_card(card, CENTRAL_SCALES)
        reference, theories[CENTRAL_SCALES] = _beside(output, entry), str(entry["ID"])
        cards[reference] = entry
    if grids is None:
        build_theories(cards, tables=tables, jobs=jobs, progress=reporter, resume=resume, checked=(reference,))
    else:
        for folder, entry in cards.items():
            varied = TheoryCard.from_mapping(entry)
            build_from_grids(varied, grids, folder, card_mapping=entry, jobs=jobs, resume=resume, progress=reporter)
    record_variations(output.parent, central, read_theory_card(central, path=output.parent), theories)
    if any(central == str(other) for family in theory_families() for other in family.central):
        reporter.message(
            f"theory {central} has variations in the table of the NNPDF releases, which precedes: name those built "
            "here under theorycovmatconfig.theories"
        )
    return reference if found is None else found


def _beside(output: Path, card: Mapping[str, Any]) -> Path:
    return output.with_name(f"theory_{card['ID']}")


def _is_built(folder: Path, card: TheoryCard, tables: Sequence[TableSpecification] | None) -> bool:
    """Return whether a folder has the theory of a card, built by n3fit with the libraries that are installed."""
    try:
        return is_finished(folder, fingerprint_of(card, table_specifications() if tables is None else tables))
    except OutputExistsError:
        return False
