"""What is wrong in the files of a data set, with file and line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from n3fit.data.checked_values import is_finite_number
from n3fit.errors import N3fitError, did_you_mean
from n3fit.storage.json_files import read_text
from n3fit.storage.key_path import KeyPath
from n3fit.storage.yaml_files import DATA, Document, parse_yaml

MOST_OF_A_KIND = 5
"""Maximum number of entries of a list of one kind that are listed."""

CHARACTERS = 60
"""Maximum length of what was received, in a message."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth knowing.

    Parameters
    ----------
    where : str
        File, line and key.
    text : str
        What was expected and received.
    hint : str
        The next step; may be empty.
    serious : bool
        Whether the data set must not be used like this; otherwise it is a note.
    """

    where: str
    text: str
    hint: str = ""
    serious: bool = True

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.where}: {self.text}{hint}"


@dataclass
class Findings:
    """Findings in the order in which they are made."""

    entries: list[Finding] = field(default_factory=list)

    def problem(self, document: Document, key: KeyPath, text: str, hint: str = "") -> None:
        """Add what must be corrected."""
        self.entries.append(Finding(document.where(key), text, hint))

    def note(self, document: Document, key: KeyPath, text: str, hint: str = "") -> None:
        """Add what is worth knowing."""
        self.entries.append(Finding(document.where(key), text, hint, serious=False))

    def error(self, where: str, error: N3fitError) -> None:
        """Add an error, whose message may begin with the place."""
        begins = re.match(rf"({re.escape(where)}(?::\d+)?): ", error.message)
        place, text = (begins[1], error.message[begins.end() :]) if begins else (where, error.message)
        self.entries.append(Finding(place, text, error.hint))

    def open(self, path: Path) -> Document | None:
        """Return the document in a file, None with a finding when there is none."""
        try:
            return parse_yaml(read_text(path, limit=DATA.size), str(path))
        except N3fitError as error:
            self.error(str(path), error)
            return None

    def shortened(self) -> tuple[Finding, ...]:
        """Return the findings, of those that differ in numbers alone the first ones."""
        groups = Counter(map(_pattern, self.entries))
        found: list[Finding] = []
        counted: Counter[tuple[str, ...]] = Counter()
        for entry in self.entries:
            pattern = _pattern(entry)
            counted[pattern] += 1
            if counted[pattern] <= MOST_OF_A_KIND:
                found.append(entry)
            if counted[pattern] == MOST_OF_A_KIND and groups[pattern] > MOST_OF_A_KIND:
                text = f"{groups[pattern] - MOST_OF_A_KIND} more like these"
                found.append(Finding(entry.where.partition(":")[0], text, serious=entry.serious))
        return tuple(found)

    @property
    def problems(self) -> tuple[Finding, ...]:
        """What must be corrected."""
        return tuple(entry for entry in self.entries if entry.serious)


@dataclass(frozen=True)
class Place:
    """A value in a document, and where findings about it go.

    Parameters
    ----------
    findings : Findings
    document : Document
    key : tuple
    value : any
    """

    findings: Findings
    document: Document
    key: KeyPath
    value: Any

    def problem(self, text: str, hint: str = "") -> None:
        """Add what must be corrected here."""
        self.findings.problem(self.document, self.key, text, hint)

    def note(self, text: str, hint: str = "") -> None:
        """Add what is worth knowing here."""
        self.findings.note(self.document, self.key, text, hint)

    def expect(self, expected: str, hint: str = "") -> None:
        """Add that something else was expected than what is here."""
        self.problem(f"expected {expected}, received {shown(self.value)}", hint)

    def at(self, part: str | int) -> Place:
        """Return the place of a key or an entry; its value is None if it is not there."""
        known = isinstance(self.value, dict) and part in self.value
        listed = isinstance(self.value, list) and isinstance(part, int) and part < len(self.value)
        return Place(self.findings, self.document, (*self.key, part), self.value[part] if known or listed else None)

    def entries(self) -> list[Place]:
        """Return the places of the entries of a list."""
        return [self.at(index) for index in range(len(self.value))] if isinstance(self.value, list) else []

    def mapping(self, part: str, hint: str = "") -> Place | None:
        """Return the place of a key with a mapping that is not empty; None with a finding for anything else."""
        place = self.at(part)
        if isinstance(place.value, dict) and place.value:
            return place
        place.expect("a mapping", hint)
        return None

    def text(self, part: str, hint: str = "", *, empty: bool = False) -> str | None:
        """Return the text under a key; None with a finding for anything else."""
        place = self.at(part)
        if isinstance(place.value, str) and (place.value.strip() or empty):
            return place.value
        place.expect("text", hint)
        return None

    def check_keys(self, required: Iterable[str], optional: Iterable[str]) -> None:
        """Add the keys that are missing and those that are unknown."""
        content: Mapping[str, Any] = self.value
        needed = tuple(required)
        known = (*needed, *optional)
        for name in needed:
            if name not in content:
                self.problem(f"expected the key `{name}`, which is missing")
        for name in content:
            if name not in known:
                hint = did_you_mean(name, [key for key in known if key not in content])
                self.at(name).problem(f"expected one of the keys {', '.join(known)}", hint or "remove the key")


def _pattern(entry: Finding) -> tuple[str, ...]:
    """Return a finding without its numbers."""
    return re.sub(r"\d+", "#", entry.where), re.sub(r"-?\d[\d.e+-]*", "#", entry.text), entry.hint


def number_of(place: Place, *, hint: str = "") -> float | None:
    """Return a finite number; None with a finding for anything else."""
    if is_finite_number(place.value):
        return float(place.value)
    place.expect("a finite number", hint)
    return None


def shown(value: Any) -> str:
    """Return a value in the form of messages."""
    text = repr(value)
    return text if len(text) <= CHARACTERS else f"{text[:CHARACTERS]}..."


def several(rows: Iterable[int]) -> str:
    """Return the numbers of points in words.

    >>> several([3, 5]), several(range(9))
    ('points 3, 5', 'points 0, 1, 2, 3, 4 and 4 more')
    """
    numbers = list(rows)
    text = ", ".join(map(str, numbers[:MOST_OF_A_KIND]))
    more = len(numbers) - MOST_OF_A_KIND
    return f"point{'s' if len(numbers) > 1 else ''} {text}{f' and {more} more' if more > 0 else ''}"
