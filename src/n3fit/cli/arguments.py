"""Parts of the command line that mean more than a word."""

from __future__ import annotations

import re
from pathlib import Path

import click

MOST_REPLICAS = 100_000


def parse_replicas(context: click.Context, parameter: click.Parameter, value: str) -> range:
    """Give the first and the last replica of ``1-20``, both included; the callback of ``--replicas``.

    Raises
    ------
    click.BadParameter
        ``value`` is no such range. A single number is refused too: in the old form of the command it was the last
        replica, and could be taken for the only one.
    """
    found = re.fullmatch(r"\s*(\d{1,9})\s*-\s*(\d{1,9})\s*", value)
    if not found:
        number = value.strip() if re.fullmatch(r"\s*\d{1,9}\s*", value) else "20"
        alone = f"{number}-{number} for that one alone"
        ways = alone if number == "1" else f"1-{number} for replicas 1 to {number}, {alone}"
        raise click.BadParameter(f"expected FIRST-LAST, received {value!r} ({ways})")
    return check_replicas(int(found[1]), int(found[2]))


def check_replicas(first: int, last: int) -> range:
    """Give ``(first, last)`` when it is a range of replica numbers.

    Raises
    ------
    click.BadParameter
        It is empty, does not start at 1 or later, or is very long.
    """
    if first < 1:
        raise click.BadParameter(f"expected replicas from 1 on, received {first}")
    if last < first:
        raise click.BadParameter(f"expected the first replica before the last, received {first}-{last}")
    if last > MOST_REPLICAS:
        raise click.BadParameter(f"expected at most replica {MOST_REPLICAS}, received {last}")
    return range(first, last + 1)


def looks_like_runcard(word: str) -> bool:
    """Tell whether ``word`` stands for a file: the old form of the command starts with the runcard."""
    return Path(word).suffix.lower() in (".yml", ".yaml") or "/" in word
