"""Whole values of a runcard replaced, and keys of its top level removed; comments elsewhere and the order are kept.

:mod:`n3fit.runcard.editing` replaces single values with a few digits; here values are lists and mappings too, written
in one line with all digits.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from n3fit.errors import RuncardError
from n3fit.runcard.tabs import replace_tabs
from n3fit.runcard.yaml_reader import RULES, parse_yaml
from n3fit.storage.key_path import KeyPath, format_key
from n3fit.storage.yaml_files import compose_yaml

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.+-]*")


def rewrite_runcard(
    text: str, changes: Mapping[KeyPath, Any], *, removed: Iterable[str] = (), name: str = "runcard"
) -> str:
    """Return the text of a runcard with some values replaced or inserted, and keys of the top level removed.

    Parameters
    ----------
    text : str
        YAML whose root is a mapping in block style.
    changes : mapping
        New values by key path, in the place where the key is in the file. A key that is missing is inserted before
        the others of its mapping, which must be there.
    removed : iterable of str
        Keys of the top level; those that are missing are left out.
    name : str
        Name of the file in messages.

    Raises
    ------
    RuncardError
        The text is not such YAML, or a value cannot be changed without changing another one: it is an alias.
    """
    expected = dict(parse_yaml(text, name).data)
    root = compose_yaml(replace_tabs(text))
    if not isinstance(root, MappingNode) or root.flow_style:
        raise RuncardError(f"{name}: expected one key in each line, received a card in braces", hint="write it out")
    gone = [key for key in removed if key in expected]
    pieces = [_replacement(text, root, path, value, name) for path, value in changes.items()]
    pieces += [_removal(text, root, key) for key in gone]
    for start, end, piece in sorted(pieces, reverse=True):
        text = text[:start] + piece + text[end:]
    for key in gone:
        del expected[key]
    for path, value in changes.items():
        _set(expected, path, value)
    if not _means(text, expected):
        keys = ", ".join([*map(format_key, changes), *gone])
        raise RuncardError(
            f"{name}: {keys}: cannot be changed alone, as '&' and '*' make several keys share a value",
            hint="write these values out",
        )
    return text


def flow_text(value: Any) -> str:
    """Return a value in one line of YAML, with all digits of its numbers.

    >>> flow_text({"optimizer_name": "Nadam", "learning_rate": 2.621e-05, "layers": [25, 8], "word": "1e3"})
    "{optimizer_name: Nadam, learning_rate: 2.621e-05, layers: [25, 8], word: '1e3'}"
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow_text(str(key))}: {flow_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow_text, value)) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else f"{'-' if value < 0 else ''}.inf"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    plain = _PLAIN.fullmatch(text) and isinstance(RULES.resolve(text), str)
    return text if plain else "'" + text.replace("'", "''") + "'"


def _replacement(text: str, root: Node, path: KeyPath, value: Any, name: str) -> tuple[int, int, str]:
    """Return start and end of a value in the text, and what replaces it."""
    node = root
    for depth, part in enumerate(path):
        if not isinstance(node, MappingNode):
            raise RuncardError(f"{name}: {format_key(path[:depth])}: expected a mapping, received another value")
        found = next(((key, child) for key, child in node.value if key.value == part), None)
        if found is None:
            for outer in reversed(path[depth + 1 :]):
                value = {outer: value}
            return _insertion(node, str(part), value)
        key_node, node = found
        if isinstance(node, ScalarNode) and depth < len(path) - 1 and node.value in ("", "null", "~"):
            for outer in reversed(path[depth + 1 :]):
                value = {outer: value}
            break
    start, end = node.start_mark.index, _last_place(node)
    if start == end:  # nothing behind the colon
        start = end = text.index(":", key_node.end_mark.index) + 1
        return start, end, f" {flow_text(value)}"
    return start, end, flow_text(value)


def _insertion(mapping: MappingNode, key: str, value: Any) -> tuple[int, int, str]:
    pair = f"{key}: {flow_text(value)}"
    if not mapping.value:
        return mapping.start_mark.index, mapping.end_mark.index, f"{{{pair}}}"
    place = mapping.value[0][0].start_mark
    following = ", " if mapping.flow_style else f"\n{' ' * place.column}"
    return place.index, place.index, pair + following


def _removal(text: str, root: MappingNode, key: str) -> tuple[int, int, str]:
    """Return the lines of a key of the top level with its value, up to the end of its last line."""
    key_node, node = next(pair for pair in root.value if pair[0].value == key)
    end = text.find("\n", _end_of_pair(key_node, node))
    return key_node.start_mark.index, len(text) if end < 0 else end + 1, ""


def _last_place(node: Node) -> int:
    """Return the end of a value without the comments and empty lines that follow a block."""
    if not isinstance(node, CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end_of_pair(*last) if isinstance(last, tuple) else _last_place(last)


def _end_of_pair(key: Node, value: Node) -> int:
    """Return the end of a key with its value; a parser places an empty value at the next key."""
    empty = isinstance(value, ScalarNode) and value.start_mark.index == value.end_mark.index
    return int(key.end_mark.index) + 1 if empty else _last_place(value)


def _set(content: dict[str, Any], path: KeyPath, value: Any) -> None:
    inner: Any = content
    for part in path[:-1]:
        below = inner.get(part)
        inner[part] = dict(below) if isinstance(below, dict) else {}
        inner = inner[part]
    inner[path[-1]] = value


def _means(text: str, expected: Mapping[str, Any]) -> bool:
    try:
        found = parse_yaml(text, "").data
    except RuncardError:  # an anchor of an alias was removed
        return False
    return bool(found == _lists(expected))


def _lists(value: Any) -> Any:
    """Return a value with lists in place of tuples."""
    if isinstance(value, Mapping):
        return {key: _lists(item) for key, item in value.items()}
    return [_lists(item) for item in value] if isinstance(value, list | tuple) else value
