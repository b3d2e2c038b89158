"""Differences between fits: settings, inputs and data sets, and marks on data sets that are not the same in all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from n3fit.report.runcard_contents import flatten, read_contents, show
from n3fit.results.filter_files import read_kept_points
from n3fit.results.folder import FitFolder
from n3fit.results.records import DatasetRecord

NOT_THERE = "–"
_SHOWN_DIGITS = 12
_GROUPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "Theory": frozenset(("theory", "theorycovmatconfig", "fiatlux")),
        "Cuts, t0 set and data": frozenset(
            (
                *("datacuts", "added_filter_rules", "filter_rules", "filter_defaults", "drop_internal_rules"),
                *("cuts_intersection_spec", "cut_similarity_threshold", "do_not_require_similarity_for", "fit"),
                *("closuretest", "norm_threshold", "metadata_group", "data_grouping"),
            )
        ),
        "Seeds": frozenset(("trvlseed", "nnseed", "mcseed", "filterseed")),
    }
)
"""Keys of the top level of a runcard by the heading under which their differences are; others are methodology."""

METHODOLOGY, CARD, SETS, CHECKSUMS, VERSIONS = (
    "Methodology", "Theory card", "Data sets that are not in all fits", "Checksums of inputs", "Versions",
)  # fmt: skip
_NOT_COMPARED = frozenset(("description", "dataset_inputs"))
_CARD_TEXTS = frozenset(("ID", "Comments"))


@dataclass(frozen=True)
class Difference:
    """A quantity that is not the same in all fits, with its value in each as text."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Differences:
    """All differences between fits.

    Parameters
    ----------
    groups : mapping of str to tuple of Difference
        By heading; without those that have none.
    marks : mapping of str to tuple of Difference
        By data set that several fits have, what is not the same for it.
    """

    groups: Mapping[str, tuple[Difference, ...]]
    marks: Mapping[str, tuple[Difference, ...]]


def find_differences(fits: Sequence[FitFolder]) -> Differences:
    """Return the differences between fits; none for one alone."""
    if len(fits) < 2:
        return Differences({}, {})
    contents = read_contents(fits)
    marks = {name: tuple(_dataset_differences(name, fits, contents)) for name in _datasets(fits)}
    groups: dict[str, list[Difference]] = {heading: [] for heading in (*_GROUPS, METHODOLOGY)}
    for difference in _different([dict(flatten(_compared(content))) for content in contents]):
        groups[_heading(difference.name)].append(difference)
    groups |= {
        CARD: list(_different([_theory_card(fit) for fit in fits])),
        SETS: list(_left_out(fits)),
        CHECKSUMS: list(_checksums(fits)),
        VERSIONS: list(_different([_versions(fit) for fit in fits])),
    }
    return Differences(
        groups={heading: tuple(found) for heading, found in groups.items() if found},
        marks={name: found for name, found in marks.items() if found},
    )


def _different(values: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    """Yield the names whose values are not the same in all mappings."""
    for name in dict.fromkeys(name for mapping in values for name in mapping):
        shown = tuple(show(mapping[name]) if name in mapping else NOT_THERE for mapping in values)
        if len(set(shown)) > 1:
            yield Difference(name, shown)


def _compared(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key not in _NOT_COMPARED}


def _heading(path: str) -> str:
    key = path.partition(".")[0]
    return next((heading for heading, keys in _GROUPS.items() if key in keys), METHODOLOGY)


def _theory_card(fit: FitFolder) -> dict[str, Any]:
    card = fit.description.theory.get("card") or {}
    return {key: value for key, value in card.items() if key not in _CARD_TEXTS}


def _versions(fit: FitFolder) -> dict[str, Any]:
    environment = {key: fit.manifest.environment[key] for key in ("precision",) if key in fit.manifest.environment}
    return dict(fit.manifest.versions) | environment


def _datasets(fits: Sequence[FitFolder]) -> list[str]:
    """Return the names of data sets in order of first appearance."""
    return list(dict.fromkeys(entry.name for fit in fits for entry in fit.description.datasets))


def _left_out(fits: Sequence[FitFolder]) -> Iterator[Difference]:
    """Yield the data, positivity and integrability sets that a fit lacks."""
    records = [_records(fit) for fit in fits]
    for name in _datasets(fits):
        shown = tuple(f"{mine[name].stop - mine[name].start} points" if name in mine else NOT_THERE for mine in records)
        if NOT_THERE in shown:
            yield Difference(name, shown)
    for kind in ("positivity_sets", "integrability_sets"):
        yield from _different([dict.fromkeys(getattr(fit.description, kind), "used") for fit in fits])


def _checksums(fits: Sequence[FitFolder]) -> Iterator[Difference]:
    """Yield the inputs that several fits have with other contents; data sets have marks instead."""
    inputs = [
        {name: digest for name, digest in fit.manifest.inputs.items() if name != "runcard" and not _is_data(name)}
        for fit in fits
    ]
    for difference in _different(inputs):
        known = {value for value in difference.values if value != NOT_THERE}
        if len(known) > 1:
            yield Difference(difference.name, tuple(value[:_SHOWN_DIGITS] for value in difference.values))


def _is_data(name: str) -> bool:
    return name.startswith("data ")


def _records(fit: FitFolder) -> dict[str, DatasetRecord]:
    return {entry.name: entry for entry in fit.description.datasets}


def _dataset_differences(
    name: str, fits: Sequence[FitFolder], contents: Sequence[Mapping[str, Any]]
) -> Iterator[Difference]:
    """Yield what is not the same for a data set: variant, keys of its entry in the runcard, points, numbers."""
    records = [_records(fit).get(name) for fit in fits]
    owners = [index for index, record in enumerate(records) if record is not None]
    if len(owners) < 2:
        return
    entries = [_entry(name, fits[index], contents[index]) for index in owners]
    yield from _spread(_different(entries), owners, len(fits))
    counts = [record.stop - record.start for record in records if record is not None]
    if len(set(counts)) > 1:
        yield from _spread([Difference("points", tuple(map(str, counts)))], owners, len(fits))
        return
    if any(fits[index].absent for index in owners):  # without kinematics and data: the numbers of the points remain
        kept = [read_kept_points(fits[index].path, name) for index in owners]
        known = [points.tolist() for points in kept if points is not None]
        texts = tuple("as first" if points == known[0] else "others" for points in known)
        if len(known) == len(kept) and len(set(texts)) > 1:
            yield from _spread([Difference("points", texts)], owners, len(fits))
        return
    blocks = [_numbers(fits[index], name) for index in owners]
    digests = {fits[index].manifest.inputs.get(f"data {name}") for index in owners}
    for heading, keys in (("points", ("x", "q2", "y")), ("central data", ("central",))):
        versions = _number_of_versions(blocks, keys)
        if len(set(versions)) > 1:
            texts = tuple("as first" if version == 0 else "others" for version in versions)
            yield from _spread([Difference(heading, texts)], owners, len(fits))
            return
    if len(digests - {None}) > 1:
        shown = tuple(str(fits[index].manifest.inputs.get(f"data {name}"))[:_SHOWN_DIGITS] for index in owners)
        yield from _spread([Difference("uncertainties", shown)], owners, len(fits))


def _entry(name: str, fit: FitFolder, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a data set: the variant that was read, and the other keys of its entry in the runcard."""
    names = [record.name for record in fit.description.datasets]
    entries = content.get("dataset_inputs") or ()
    if len(entries) == len(names):  # in the same order, perhaps with old names
        entry = entries[names.index(name)]
    else:
        entry = next((known for known in entries if isinstance(known, Mapping) and known.get("dataset") == name), {})
    settings = {key: value for key, value in entry.items() if key not in ("dataset", "variant")}
    return {"variant": _records(fit)[name].variant or "none", **settings}


def _numbers(fit: FitFolder, name: str) -> dict[str, np.ndarray[Any, Any]]:
    record = _records(fit)[name]
    return {key: getattr(fit.points, key)[record.start : record.stop] for key in ("x", "q2", "y", "central")}


def _number_of_versions(blocks: Sequence[Mapping[str, np.ndarray[Any, Any]]], keys: Sequence[str]) -> list[int]:
    """Return 0 for each block that equals the first, else 1."""
    first = blocks[0]
    return [int(not all(np.array_equal(block[key], first[key], equal_nan=True) for key in keys)) for block in blocks]


def _spread(
    found: Sequence[Difference] | Iterator[Difference], owners: Sequence[int], fits: int
) -> Iterator[Difference]:
    """Yield differences between some fits with a value for all of them."""
    for difference in found:
        values = [NOT_THERE] * fits
        for index, value in zip(owners, difference.values, strict=True):
            values[index] = value
        yield Difference(difference.name, tuple(values))
