"""Values that a program wrote as the text of numpy instead of JSON: arrays such as ``[[1. 2.] [3. 4.]]``."""

from __future__ import annotations

import re
from typing import Any

_WRAPPER = re.compile(r"\b(?:(?:np|numpy)\.)?(?:array|float(?:16|32|64)|u?int(?:8|16|32|64))\(")
_DTYPE = re.compile(r",\s*dtype=[\w.]+")
_TOKEN = re.compile(r"[\[\]]|[^\s,\[\]]+")
_LONGEST = 10**7
_DEEPEST = 8


def plain_value(value: Any, *, levels: int = _DEEPEST) -> Any:
    """Return a value with the texts of arrays and numbers in it as lists and numbers.

    Other text is left as it is, also that of an array of which numpy printed only the first and the last numbers, and
    so is what lies deeper than ``levels`` mappings and lists.

    >>> plain_value({"losses": "[[1.5 2. ] [nan 4. ]]", "name": "tanh"})
    {'losses': [[1.5, 2.0], [nan, 4.0]], 'name': 'tanh'}
    >>> plain_value("array([1, 2], dtype=int32)"), plain_value("['tanh' 'linear']"), plain_value("[1. ... 9.]")
    ([1, 2], ['tanh', 'linear'], '[1. ... 9.]')
    """
    if isinstance(value, dict | list) and not levels:
        return value
    if isinstance(value, dict):
        return {key: plain_value(item, levels=levels - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [plain_value(item, levels=levels - 1) for item in value]
    return _read(value) if isinstance(value, str) else value


def _read(text: str) -> Any:
    """Return the numbers of a text, and the text itself where it is anything else."""
    if len(text) > _LONGEST:
        return text
    plain = text
    if "(" in text:
        plain = _DTYPE.sub("", _WRAPPER.sub("", text)).replace(")", "")
    if plain.lstrip()[:1] != "[":
        number = _number(plain.strip())
        return text if number is None else number
    levels: list[list[Any]] = [[]]
    for token in _TOKEN.findall(plain):
        if token == "[" and len(levels) <= _DEEPEST:
            levels.append([])
        elif token == "]" and len(levels) > 1:
            finished = levels.pop()
            levels[-1].append(finished)
        elif (number := _number(token)) is not None:
            levels[-1].append(number)
        elif len(token) > 1 and token[0] == token[-1] and token[0] in "'\"":
            levels[-1].append(token[1:-1])
        else:
            return text
    return levels[0][0] if len(levels) == 1 and len(levels[0]) == 1 else text


def _number(word: str) -> int | float | None:
    if "_" in word or not word:
        return None
    try:
        return int(word)
    except ValueError:
        pass
    try:
        return float(word)
    except ValueError:
        return None
