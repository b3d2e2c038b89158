"""The text of a small runcard, and changes to the text of a runcard."""

from __future__ import annotations

from pathlib import Path

SMALL_FIT = (Path(__file__).parent / "small_fit.yml").read_text().replace("t0pdfset: toy, ", "")
"""A fit to one data set that needs no files besides those of the package."""


def change(text: str, *changes: tuple[str, str]) -> str:
    """Return the text with each ``old`` replaced by its ``new``; every ``old`` must occur."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text
