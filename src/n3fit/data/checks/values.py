"""Checks of central values and uncertainties, and of the definitions of systematics."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from n3fit.data.checked_values import is_finite_number
from n3fit.data.checks.findings import Findings, Place, number_of, several
from n3fit.data.checks.kinematics import bins_of
from n3fit.data.commondata import UNCORRELATED, WITHIN_SET
from n3fit.data.uncertainty_files import REPEATED, SKIPPED
from n3fit.paths import is_plain_name
from n3fit.storage.yaml_files import Document

TREATMENTS = ("ADD", "MULT")
TYPES = (*sorted(WITHIN_SET | UNCORRELATED), SKIPPED, REPEATED)
"""Types of systematics with a meaning of their own; any other word is the name of a nuisance parameter."""

STATISTICAL = "stat"
_SIMILAR = 0.8
_ASYMMETRIC = (
    "uncertainties are symmetric: write half of the sum of both, and move the central value by half of their difference"
)


def check_central(findings: Findings, document: Document, count: int | None) -> None:
    """Check the file of central values."""
    root = Place(findings, document, (), document.data)
    values = root.at("data_central")
    if not isinstance(values.value, list):
        values.expect("a list of numbers")
        return
    if count is not None and len(values.value) != count:
        values.problem(
            f"expected {count} central values (ndata in metadata.yaml), received {len(values.value)}",
            "add or remove values, or correct ndata",
        )
    for place in values.entries():
        number_of(place, hint="remove the point, or correct the value")


def check_uncertainties(findings: Findings, document: Document, count: int | None) -> None:
    """Check a file of uncertainties: definitions, and a value of each in every bin."""
    root = Place(findings, document, (), document.data)
    definitions = root.mapping("definitions", "name each uncertainty: description, treatment and type") if isinstance(
        root.value, dict
    ) else None  # fmt: skip
    names = [] if definitions is None else list(definitions.value)
    for name in names:
        assert definitions is not None
        _check_definition(definitions.at(name), name)
    without: list[int] = []
    for row, place in enumerate(bins_of(root, count)):
        if not isinstance(place.value, dict):
            place.expect("a mapping with the value of each uncertainty")
            continue
        missing = [name for name in names if name not in place.value]
        unknown = [name for name in place.value if name not in names]
        if names and (missing or unknown):
            parts = [f"missing: {', '.join(missing)}"] if missing else []
            parts += [f"without definition: {', '.join(unknown)}"] if unknown else []
            place.problem(f"expected a value for each of the {len(names)} definitions, {'; '.join(parts)}")
        for name in place.value:
            _check_value(place.at(name), name)
        if all(is_finite_number(value) and value == 0 for value in place.value.values()):
            without.append(row)
    if without:
        root.at("bins").note(f"all uncertainties in this file are zero for {several(without)}")


def _check_definition(place: Place, name: str) -> None:
    content: Any = place.value
    if not isinstance(content, dict):
        place.expect("a mapping with description, treatment and type")
        return
    for key in ("treatment", "type"):
        if key not in content:
            place.problem(f"expected the key `{key}`, which is missing")
    for key in [key for key in content if key not in ("description", "treatment", "type")]:
        place.at(key).note("without effect: a definition has description, treatment and type")
    treatment, kind = content.get("treatment"), content.get("type")
    if "treatment" in content and treatment not in TREATMENTS:
        hint = "ADD is absolute, MULT is relative to the central value and follows the prediction in a fit"
        place.at("treatment").expect("ADD or MULT", hint)
    if "type" in content:
        _check_type(place.at("type"))
    if name.lower() == STATISTICAL and (treatment, kind) != ("ADD", "UNCORR") and treatment in TREATMENTS:
        place.problem(
            f"expected {STATISTICAL} to be ADD and UNCORR, received {treatment} and {kind}",
            "give correlated statistical uncertainties another name, such as stat_corr_1",
        )


def _check_type(place: Place) -> None:
    """Check the type of a systematic; a misspelt one would be the name of a nuisance parameter of all data."""
    kind = place.value
    expected = f"{', '.join(TYPES[:-1])}, or the name of a nuisance parameter that several data sets share"
    if not isinstance(kind, str) or not is_plain_name(kind):
        place.expect(expected)
    elif kind not in TYPES:
        near = get_close_matches(kind.upper(), TYPES, n=1, cutoff=_SIMILAR)
        if near and not any(character.isdigit() for character in kind):
            place.expect(expected, f"did you mean {near[0]!r}?")


def _check_value(place: Place, name: str) -> None:
    if isinstance(place.value, list | dict):
        place.expect("one number", _ASYMMETRIC)
        return
    value = number_of(place, hint="write 0 for a point without this uncertainty")
    if value is not None and value < 0 and name.lower() == STATISTICAL:
        place.expect("zero or more for the statistical uncertainty")
