"""Formatting of numbers, losses and tables as text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence


def format_number(value: float | None, spec: str = ".3f") -> str:
    """Return a number in the format ``spec``, and a dash for None and numbers that are not finite.

    >>> format_number(1.25), format_number(12.3456, ".4g"), format_number(float("nan"))
    ('1.250', '12.35', '-')
    """
    return "-" if value is None or not math.isfinite(value) else format(value, spec)


def format_range(limits: tuple[float, float] | None) -> str:
    """Return ``[low, high]`` with four digits, and a dash for None.

    >>> format_range((0.5, 1.23456)), format_range(None)
    ('[0.5, 1.235]', '-')
    """
    return "-" if limits is None else f"[{limits[0]:.4g}, {limits[1]:.4g}]"


def format_bytes(size: float) -> str:
    """Return a size in bytes, kB, MB, GB or TB, powers of 1000.

    >>> format_bytes(999), format_bytes(1500), format_bytes(2.5e9)
    ('999 B', '1.5 kB', '2.5 GB')
    """
    units = ("kB", "MB", "GB", "TB")
    if size < 1000:
        return f"{size:.0f} B"
    power = min(len(units), int(math.log10(size) / 3 + 1e-9))
    return f"{size / 1000**power:.1f} {units[power - 1]}"


def format_losses(losses: Mapping[str, float]) -> list[str]:
    """Return ``name value`` for each loss.

    >>> format_losses({"training": 1.23456, "validation": 2.0})
    ['training 1.235', 'validation 2']
    """
    return [f"{name} {value:.4g}" for name, value in losses.items()]


def describe_epoch(doing: str, epoch: int, total: int) -> str:
    """Return the current activity with the epoch.

    >>> describe_epoch("training, epoch 200 of 1000", 300, 1000)
    'training, epoch 300 of 1000'
    """
    return f"{doing.partition(',')[0]}, epoch {epoch} of {total}"


def align(header: Sequence[str], rows: Iterable[Sequence[str]], sides: str) -> list[str]:
    """Return a table as lines of text; ``sides`` has ``<`` or ``>`` for each column.

    >>> align(("set", "points"), [("NMC", "204"), ("HERA", "42")], "<>")
    ['set   points', 'NMC      204', 'HERA      42']
    """
    cells = [tuple(header), *(tuple(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return [
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True)).rstrip()
        for row in cells
    ]
