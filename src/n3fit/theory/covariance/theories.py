"""Which theory is which variation: the table of the NNPDF releases, and theories that the runcard names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from n3fit.errors import TheoryError, n3fit_command
from n3fit.storage.yaml_files import read_yaml
from n3fit.theory.covariance.prescriptions import CENTRAL_SCALES, PointPrescription
from n3fit.theory.theories import Theory

TheoryId = int | str

TABLE = Path(__file__).parents[2] / "resources" / "theory_covariance" / "theories.yaml"

_TOLERANCE = 1e-6
_SCALES = re.compile(r"(?:(?:hadronic|missing) )?(\S+) (\S+)")


@dataclass(frozen=True)
class TheoryFamily:
    """Theories of one release that differ in scales, alpha_s or approximations.

    Parameters
    ----------
    name : str
    central : frozenset of int
        Theories of a fit whose variations these are.
    theories : mapping of str to int
        The theory of each variation.
    """

    name: str
    central: frozenset[int]
    theories: Mapping[str, int]


@cache
def theory_families() -> tuple[TheoryFamily, ...]:
    """Return the families of the table that comes with the package."""
    table = read_yaml(TABLE, error=TheoryError)
    return tuple(
        TheoryFamily(
            name=str(entry["name"]),
            central=frozenset(_expand(entry["central"])),
            theories=MappingProxyType(dict(_variations(entry, table["scales"], table["alphas"]))),
        )
        for entry in table["families"]
    )


def variation_theories(
    prescriptions: Iterable[PointPrescription],
    central: TheoryId,
    named: Mapping[str, TheoryId],
    *,
    built: Mapping[str, TheoryId] = MappingProxyType({}),
) -> dict[str, TheoryId]:
    """Return the theory of every variation and reference that some prescriptions need.

    Parameters
    ----------
    prescriptions : iterable of PointPrescription
    central : int or str
        The theory of the fit.
    named : mapping of str to int or str
        Theories that the runcard names by their variation; they precede the table. Where they are all that is known
        of the central theory, it is its own reference.
    built : mapping of str to int or str
        Theories that n3fit has built, for a central theory that is not in the table.

    Raises
    ------
    TheoryError
        Variations have no theory; all are named.
    """
    family = next((entry for entry in theory_families() if central in entry.central), None)
    known: dict[str, TheoryId] = {**(family.theories if family is not None else built), **named}
    if family is None and named:
        known.setdefault(CENTRAL_SCALES, central)
    wanted = [list(dict.fromkeys((entry.reference, *entry.variations))) for entry in prescriptions]
    names = list(dict.fromkeys(name for block in wanted for name in block))
    missing = [name for name in names if name not in known]
    if missing:
        table = "is in no family of" if family is None else f"({family.name}) lacks variations in"
        raise TheoryError(
            f"theorycovmatconfig: theory {central} {table} the table of theory variations; without a theory: "
            f"{', '.join(missing)}",
            hint=f"build them with `{n3fit_command('theory', 'build', central, '--scale-variations', 7)}` (or 9), or "
            "name them under "
            "theorycovmatconfig.theories, such as {'2 1': 714}",
        )
    return {name: known[name] for name in names}


def check_variation_cards(theories: Mapping[str, Theory]) -> None:
    """Check that the card of each theory has the scales or the alpha_s of its variation.

    Values that a card does not have are not checked.

    Raises
    ------
    TheoryError
        Some have others; all are named.
    """
    wrong = [text for variation, theory in theories.items() for text in _differences(variation, theory)]
    if wrong:
        raise TheoryError("\n".join(wrong), hint="name the right theories under theorycovmatconfig.theories")


def _differences(variation: str, theory: Theory) -> Iterator[str]:
    for key, expected in _expected_values(variation).items():
        received = theory.card.get(key)
        if received is not None and abs(float(received) - expected) > _TOLERANCE:
            yield (
                f"theory {theory.identifier}: {key}: expected {expected:g} for the variation {variation!r}, "
                f"received {received} in its card"
            )


def _expected_values(variation: str) -> dict[str, float]:
    """Return the values that the card of a variation has; XIF and XIR are the factors of the scales."""
    if variation.startswith("alphas "):
        return {"alphas": float(variation.partition(" ")[2])}
    scales = _SCALES.fullmatch(variation)
    if scales is None or variation.startswith(("dis ", "splitting ")):
        return {}
    return {"XIF": float(scales[1]), "XIR": float(scales[2])}


def _variations(entry: Mapping[str, Any], scales: Sequence[str], alphas: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield name and theory of the variations of one entry of the table."""
    for name, theory in zip(scales, entry["scales"], strict=True):
        if theory is not None:
            yield name, theory
    for value, theory in zip(alphas, entry.get("alphas", [None] * len(alphas)), strict=True):
        if theory is not None:
            yield f"alphas {value}", theory
    for prefix in ("hadronic", "missing", "dis"):
        for name, theory in entry.get(prefix, {}).items():
            yield f"{prefix} {name}", theory
    for kind, content in entry.get("splitting", {}).items():
        if kind == "central":
            yield "splitting central", content
        else:
            for number, theory in enumerate(range(content[0], content[1] + 1), start=1):
                yield f"splitting {kind} {number}", theory


def _expand(entries: Iterable[int | list[int]]) -> Iterator[int]:
    for entry in entries:
        if isinstance(entry, list):
            yield from range(entry[0], entry[1] + 1)
        else:
            yield entry
