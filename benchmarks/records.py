"""Measurements as lines of JSON, and tables of them."""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Record = dict[str, Any]


def now() -> str:
    """Return date and time, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")


def log(text: str) -> None:
    """Print a message with the time to the standard error stream."""
    print(f"{now()}  {text}", file=sys.stderr, flush=True)


def append_record(path: Path, record: Record) -> None:
    """Add one line to a file and see it onto the disk: an interrupted run loses nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(record) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def read_records(path: Path) -> list[Record]:
    """Return all lines of a file; a last line that was cut off is left out."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n") and line.strip()]


def median_of(records: Iterable[Record], key: str) -> float | None:
    """Return the median of a number over records, None where none has it."""
    values = [record[key] for record in records if record.get(key) is not None]
    return statistics.median(values) if values else None


def format_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, markdown: bool = False) -> str:
    """Return a table with columns as wide as needed, the first to the left, the others to the right."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    texts = []
    for line in lines:
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        texts.append(f"| {' | '.join(cells)} |" if markdown else "  ".join(cells).rstrip())
    if markdown:
        rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        texts.insert(1, f"| {' | '.join(rule)} |")
    return "\n".join(texts)


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with so many significant digits, ``-`` for None."""
    if value is None:
        return "-"
    if value == 0:
        return "0"
    return f"{value:.{digits}g}" if abs(value) < 10 ** (digits - 1) else f"{value:,.0f}".replace(",", " ")
