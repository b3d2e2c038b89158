"""Writing a runcard with a comment on every key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

_WIDTH = 110
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_ .+/-]*")
_NOT_TEXT = frozenset(("true", "false", "null", "yes", "no", "on", "off", "nan", "inf"))


def write_commented(content: Mapping[str, Any], meanings: Mapping[str, str], notes: Mapping[str, str]) -> str:
    """Return the content of a runcard as YAML in which every key has a comment.

    Parameters
    ----------
    content : mapping
        Numbers, texts, lists of them, mappings and lists of mappings by key.
    meanings : mapping
        The comment of each key by its path, such as ``parameters.epochs``.
    notes : mapping
        Comments in addition, by path.

    Raises
    ------
    KeyError
        A key has no meaning.
    """
    lines: list[str] = []
    after_block = False
    for key, value in content.items():
        is_block = isinstance(value, Mapping) or _is_list_of_mappings(value)
        if is_block or after_block:
            lines.append("")
        after_block = is_block
        lines += _lines(key, value, (), meanings, notes)
    return "\n".join(lines).lstrip("\n") + "\n"


def _lines(
    key: str, value: Any, around: tuple[str, ...], meanings: Mapping[str, str], notes: Mapping[str, str]
) -> Iterator[str]:
    """Yield the lines of a key, its comment first where it does not fit behind the value."""
    path = ".".join((*around, key))
    indent = "  " * len(around)
    comment = f"{meanings[path]}; {notes[path]}" if path in notes else meanings[path]
    if isinstance(value, Mapping):
        yield from _comment(comment, indent)
        yield f"{indent}{key}:"
        for name, entry in value.items():
            yield from _lines(name, entry, (*around, key), meanings, notes)
    elif _is_list_of_mappings(value):
        yield from _comment(comment, indent)
        for name in dict.fromkeys(name for entry in value for name in entry):
            yield from _comment(f"- {name}: {meanings[f'{path}.{name}']}", indent)
        yield f"{indent}{key}:"
        for entry in value:
            yield f"{indent}  - {{{', '.join(f'{name}: {format_value(item)}' for name, item in entry.items())}}}"
    else:
        line = f"{indent}{key}: {format_value(value)}"
        if len(line) + len(comment) + 4 <= _WIDTH:
            yield f"{line}  # {comment}"
        else:
            yield from _comment(comment, indent)
            yield line


def format_value(value: Any) -> str:
    """Return a number, text or list as YAML.

    >>> format_value([2.621e-3, 1e6, True]), format_value("x > 0.1"), format_value("legacy_dw"), format_value("1_2")
    ('[0.002621, 1e6, true]', '"x > 0.1"', 'legacy_dw', '"1_2"')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        short = f"{value:g}"
        return re.sub(r"e\+?(-?)0*(\d)", r"e\1\2", short if float(short) == value else repr(value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(format_value, value))}]"
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT and text == text.strip():
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _is_list_of_mappings(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and isinstance(value[0], Mapping)


def _comment(text: str, indent: str) -> list[str]:
    return [f"{indent}# {line}" for line in wrap(text, _WIDTH - len(indent) - 2, break_on_hyphens=False)]
