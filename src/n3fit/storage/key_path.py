"""Paths of values in documents of mappings and lists."""

from __future__ import annotations

from collections.abc import Mapping

KeyPath = tuple[str | int, ...]
"""Keys and list indices from the root, for instance ``("dataset_inputs", 3, "frac")``."""


def format_key(key: KeyPath) -> str:
    """Return a path in the form of messages.

    >>> format_key(("dataset_inputs", 3, "frac"))
    'dataset_inputs[3].frac'
    """
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def move_key(key: KeyPath, places: Mapping[KeyPath, KeyPath]) -> KeyPath:
    """Return a path with its longest beginning that is in ``places`` replaced; without one, the path itself."""
    for end in range(len(key), 0, -1):
        if key[:end] in places:
            return places[key[:end]] + key[end:]
    return key
