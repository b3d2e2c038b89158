"""Large tables of numbers in YAML files, read without a parser of YAML where their text is plain enough.

A parser makes two events for each number, and tables of uncertainties have up to a million numbers. Here a table is a
block sequence of block mappings with the same keys in the same order, at the end of the file::

    bins:
    - stat: 0.1
      norm: 2.0e-3
    - stat: 0.2
      norm: 1.5e-3

Text with anything else in it (comments, quotes, other indentation, words, missing keys) is left to the parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from n3fit.storage.yaml_builder import Rules
from n3fit.typing import Floats

_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-: \n"
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.+-]*:")
_LONGEST_NUMBER = 64


@dataclass(frozen=True, eq=False)
class PlainTable:
    """The table at the end of a YAML text.

    Parameters
    ----------
    head : str
        The text before it.
    names : tuple of str
        Keys of every row, in the order of the file.
    values : (rows, columns)
        All finite.
    """

    head: str
    names: tuple[str, ...]
    values: Floats


def split_plain_table(text: str, key: str, rules: Rules) -> PlainTable | None:
    """Return the table under a key at the end of a YAML text, None where the text is not plain.

    The table has the values that a parser of YAML finds, and the text before it is a document of its own if the whole
    text is one; whether it is remains to be checked.
    """
    head, found, body = f"\n{text}".partition(f"\n{key}:\n")
    if not found or "\n..." in head or not body.endswith("\n") or body.encode().translate(None, delete=_LETTERS):
        return None
    names, tokens = _names(body), body.split()
    width, lines = 1 + 2 * len(names), body.count("\n")
    rows = len(tokens) // width
    # the nodes of the table: its numbers, rows, and itself
    if not names or len(tokens) != rows * width or lines + rows + 1 > rules.nodes or not _is_regular(body, rows, lines):
        return None
    keys = [f"{name}:" for name in names]
    numbers = []
    for start in range(0, len(tokens), width):
        if tokens[start] != "-" or tokens[start + 1 : start + width : 2] != keys:
            return None
        numbers += tokens[start + 2 : start + width : 2]
    if max(map(len, numbers)) > _LONGEST_NUMBER:
        return None
    try:
        values = np.array(list(map(float, numbers))).reshape(rows, len(names))
    except ValueError:
        return None
    return PlainTable(head[1:] + "\n" if head else "", names, values) if np.isfinite(values).all() else None


def _names(body: str) -> tuple[str, ...]:
    """Return the keys of the first row, nothing if one of them is not a plain word or is there twice."""
    first = body.partition("\n- ")[0].removeprefix("- ")
    keys = first.split()[::2]
    plain = len(set(keys)) == len(keys) and all(_KEY.fullmatch(key) and len(key) < _LONGEST_NUMBER for key in keys)
    return tuple(key[:-1] for key in keys) if plain else ()


def _is_regular(body: str, rows: int, lines: int) -> bool:
    """Return whether each line has one key, which a number follows, after "- " in the first line of a row.

    ``rows`` and ``lines`` follow from the number of words; with one colon and a space in each line, and none at the end
    of a line, every line has exactly one key.
    """
    text = f"\n{body}"
    return (
        text.count("\n- ") == rows
        and text.count("\n  ") == lines - rows
        and not any(broken in text for broken in ("\n   ", "\n-  ", "\n\n", " \n", ":\n"))
        and text.count(":") == text.count(": ") == lines
    )
