"""Changes to the text of a runcard."""

from __future__ import annotations


def change(text: str, *changes: tuple[str, str]) -> str:
    """Return the text with each ``old`` replaced by its ``new``; every ``old`` must occur."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text
