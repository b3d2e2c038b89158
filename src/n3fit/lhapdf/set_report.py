"""The result of one check of a PDF set."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckRow:
    """Result of one check.

    Attributes
    ----------
    name : str
    passed : bool or None
        None for information that cannot fail.
    detail : str
        What was found.
    """

    name: str
    passed: bool | None
    detail: str
