"""Parsing of replica ranges and of the old form of the command line."""

from __future__ import annotations

import re
from pathlib import Path

import click

MOST_REPLICAS = 100_000


class WrongReplicas(click.BadParameter):
    """Replicas that are no range; ``ways`` are the ranges that may be meant."""

    def __init__(self, message: str, number: str | None) -> None:
        super().__init__(message)
        firsts = () if number is None else dict.fromkeys(("1", number))
        self.ways = [["--replicas", f"{first}-{number}"] for first in firsts]


def parse_replicas(context: click.Context, parameter: click.Parameter, value: str) -> range:
    """Return the replica numbers of ``1-20``, both ends included; the callback of ``--replicas``.

    Raises
    ------
    click.BadParameter
        ``value`` is no such range. A single number is an error too: in the old form of the command it was the last
        replica, and could be taken for the only one.
    """
    found = re.fullmatch(r"\s*(\d{1,9})\s*-\s*(\d{1,9})\s*", value)
    if not found:
        given = value.strip() if re.fullmatch(r"\s*\d{1,9}\s*", value) else None
        number = given or "20"
        alone = f"{number}-{number} for that one alone"
        ways = alone if number == "1" else f"1-{number} for replicas 1 to {number}, {alone}"
        raise WrongReplicas(f"expected FIRST-LAST, received {value!r} ({ways})", given)
    return replica_range(int(found[1]), int(found[2]))


def replica_range(first: int, last: int) -> range:
    """Return the replica numbers from ``first`` to ``last``, both included.

    >>> replica_range(3, 5)
    range(3, 6)

    Raises
    ------
    click.BadParameter
        The range is empty, starts below 1, or ends above 100000.
    """
    if first < 1:
        raise click.BadParameter(f"expected replicas from 1 on, received {first}")
    if last < first:
        raise click.BadParameter(f"expected the first replica before the last, received {first}-{last}")
    if last > MOST_REPLICAS:
        raise click.BadParameter(f"expected at most replica {MOST_REPLICAS}, received {last}")
    return range(first, last + 1)


def looks_like_runcard(argument: str) -> bool:
    """Return whether ``argument`` is a file: the old form of the command starts with the runcard.

    >>> looks_like_runcard("cards/dis.yml"), looks_like_runcard("fit")
    (True, False)
    """
    return Path(argument).suffix.lower() in (".yml", ".yaml") or "/" in argument
