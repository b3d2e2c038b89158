"""Colours of the output on terminals."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TextIO

import click

COLOUR_OF_LINE: Mapping[str, str] = MappingProxyType({"+": "green", "-": "red", "@": "cyan"})
"""Colours of the lines of a difference by their first character."""


def has_colours(stream: TextIO | None = None, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether a stream, by default the standard output, shows colours.

    It is a terminal that does, and the environment variable ``NO_COLOR`` is not set (https://no-color.org).
    """
    stream = sys.stdout if stream is None else stream
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def colour_difference(lines: Iterable[str], *, colours: bool) -> list[str]:
    """Return the lines of a unified difference, with colours if a terminal shows them; the two file names are bold."""
    return [_style(line) if colours else line for line in lines]


def _style(line: str) -> str:
    if line.startswith(("--- ", "+++ ")):
        return click.style(line, bold=True)
    colour = COLOUR_OF_LINE.get(line[:1])
    return click.style(line, fg=colour) if colour else line
