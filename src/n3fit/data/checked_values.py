"""Values in the files of the data library, checked."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from n3fit.errors import DataError


def entry_of(content: Any, key: str, kind: type, path: Path) -> Any:
    """Return the list or mapping that a file has under a key; a DataError names what is there instead."""
    received = content.get(key) if isinstance(content, dict) else None
    if not isinstance(received, kind):
        name = "list" if kind is list else "mapping"
        raise DataError(
            f"{path}: expected the key `{key}` with a {name}, received {type(received).__name__}",
            hint="the file may be truncated; reinstall the data library",
        )
    return received


def check_count(received: int, expected: int, what: str, path: Path) -> None:
    """Check that a file has one entry for each point of the metadata; otherwise a DataError names both numbers."""
    if received != expected:
        raise DataError(
            f"{path}: expected {expected} {what} (ndata in the metadata), received {received}",
            hint="the file may be truncated; reinstall the data library",
        )


def is_finite_number(value: Any) -> bool:
    """Return whether a value of a file is a finite number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def finite_number(value: Any, what: str, path: Path) -> float:
    """Return a value of a file that must be a finite number; otherwise a DataError names it."""
    if not is_finite_number(value):
        raise DataError(f"{path}: expected a finite number for {what}, received {value!r}")
    return float(value)
