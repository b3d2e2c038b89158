"""Warnings about keys of a runcard: one line for each kind, however many keys it concerns."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

from n3fit.storage.key_path import KeyPath, format_key
from n3fit.storage.yaml_files import Document


class RuncardWarning(UserWarning):
    """A key of a runcard has no effect, or has another name or place now."""


@dataclass
class Notes:
    """The keys of a runcard that have no effect or are old, by kind, in the order of their first key."""

    _keys: dict[str, list[KeyPath]] = field(default_factory=dict)

    def add(self, kind: str, key: KeyPath) -> None:
        """Add a key to those of its kind, which is the text behind the keys in the warning."""
        self._keys.setdefault(kind, []).append(key)

    def warn(self, document: Document) -> None:
        """Warn once for each kind, with the line of its first key."""
        for kind, keys in self._keys.items():
            first = min(document.line_of(key) for key in keys)
            warnings.warn(f"{document.name}:{first}: {format_keys(keys)}: {kind}", RuncardWarning, stacklevel=4)


def format_keys(keys: Sequence[KeyPath]) -> str:
    """Return keys as one text, those of one mapping together and those that differ by list indices once.

    >>> format_keys([("fitting", "ngen"), ("fitting", "seed"), ("fitting", "basis", 0, "pos"), ("lhagrid",)])
    'fitting.{ngen, seed}, fitting.basis[0].pos, lhagrid'
    >>> format_keys([("fitting", "basis", 0, "pos"), ("fitting", "basis", 1, "pos")])
    'fitting.basis[].pos'
    """
    alike: dict[KeyPath, list[KeyPath]] = {}
    for key in keys:
        alike.setdefault(tuple(part if isinstance(part, str) else 0 for part in key), []).append(key)
    by_parent: dict[str, list[str]] = {}
    for same in alike.values():
        parent, name = format_key(same[0][:-1]), str(same[0][-1])
        if len(set(same)) > 1:
            parent = format_key(tuple("[]" if isinstance(part, int) else part for part in same[0][:-1]))
            parent = parent.replace(".[]", "[]")
        by_parent.setdefault(parent, []).append(name)
    texts = []
    for parent, names in by_parent.items():
        prefix = f"{parent}." if parent else ""
        if len(names) == 1 or not parent:
            texts += [f"{prefix}{name}" for name in names]
        else:
            texts.append(f"{prefix}{{{', '.join(names)}}}")
    return ", ".join(texts)
