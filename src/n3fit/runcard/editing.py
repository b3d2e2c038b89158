"""Replacement of values in the text of a runcard; comments, order, quotes and spaces are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from n3fit.errors import RuncardError
from n3fit.runcard.legacy import translate_legacy
from n3fit.runcard.notes import Notes
from n3fit.runcard.tabs import replace_tabs
from n3fit.runcard.yaml_reader import RULES, parse_yaml
from n3fit.storage.key_path import KeyPath, format_key
from n3fit.storage.yaml_files import compose_yaml

Value = str | int | float | bool | None | Sequence[Any] | Mapping[str, Any]
_DIGITS = 4
_PLAIN = re.compile(r"[A-Za-z0-9_./+-]([A-Za-z0-9_./+ -]*[A-Za-z0-9_./+-])?")
"""Text that YAML takes as it is, unless it is a number or another word."""


def edit_runcard(
    text: str, changes: Mapping[KeyPath, Value], *, name: str = "runcard", digits: int | None = _DIGITS
) -> str:
    """Return the text of a runcard with some values replaced.

    Parameters
    ----------
    text : str
        YAML whose root is a mapping.
    changes : mapping
        New values by key path, which is that of the schema: keys that stand elsewhere in the file are replaced there.
        A last key that is missing is inserted before the others of its mapping; a mapping under the root that is
        missing, before ``theory``. Lists and mappings replace one in a line of its own, ``[...]`` or ``{...}``.
    name : str
        Name of the file in messages.
    digits : int, optional
        Digits of floats; None keeps all.

    Returns
    -------
    str

    Raises
    ------
    RuncardError
        The text is not YAML, or a value cannot be replaced without changing another one: it is an alias.
    """
    document = parse_yaml(text, name)
    before = document.data
    places = translate_legacy(document, Notes())
    changes = {places.place(path): value for path, value in changes.items()}
    root = compose_yaml(replace_tabs(text))
    pieces = {path: format_value(value, digits) for path, value in changes.items()}
    replacements = [_locate(text, root, path, piece, name) for path, piece in pieces.items()]
    for start, end, piece in sorted(replacements, reverse=True):
        text = text[:start] + piece + text[end:]
    for path, value in changes.items():
        _set(before, path, RULES.resolve(pieces[path]) if isinstance(value, float) else value)
    if not _means(text, before):
        keys = ", ".join(format_key(path) for path in changes)
        raise RuncardError(
            f"{name}: {keys}: cannot be changed alone, as '&' and '*' make several keys share a value",
            hint="write these values out",
        )
    return text


def format_value(value: Value, digits: int | None = _DIGITS) -> str:
    """Return a value as YAML in one line: floats without an exponent, text in quotes where needed.

    >>> format_value(0.00262112), format_value(0.00262112, None), format_value([1, "a", True]), format_value("1")
    ('0.002621', '0.00262112', '[1, "a", true]', "'1'")
    """
    if isinstance(value, bool) or value is None or isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        shown: str = np.format_float_positional(value, precision=digits, fractional=digits is None, trim="0")
        return shown
    if isinstance(value, str) and not (_PLAIN.fullmatch(value) and isinstance(RULES.resolve(value), str)):
        return f"'{value}'" if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    return str(value)


def _locate(text: str, root: Node, path: KeyPath, value: str, name: str) -> tuple[int, int, str]:
    """Return start and end of the part of the text to replace, and its replacement."""
    node: Node = root
    for depth, key in enumerate(path):
        child = _child(node, key)
        if child is None:
            if not isinstance(node, MappingNode):
                raise RuncardError(f"{name}: {format_key(path)}: expected an existing value, received nothing")
            return _insertion(node, _pair(path[depth:], value))
        key_node, node = child
        if isinstance(node, ScalarNode) and depth < len(path) - 1:  # an empty value
            start, end = _span(text, key_node, node)
            return start, end, f"{' ' if start == end else ''}{{{_pair(path[depth + 1 :], value)}}}"
    in_one_line = isinstance(node, ScalarNode) or (isinstance(node, CollectionNode) and node.flow_style is True)
    if not in_one_line or (not isinstance(node, ScalarNode) and value[:1] not in "[{"):
        raise RuncardError(
            f"{name}: {format_key(path)}: expected a single value to replace, received several",
            hint="only values in one line are replaced: lists as [...], mappings as {...}",
        )
    start, end = _span(text, key_node, node)
    return start, end, f"{' ' if start == end else ''}{value}"


def _child(node: Node, key: str | int) -> tuple[Node | None, Node] | None:
    """Return the nodes of a key and of its value; entries of a list have no node of a key."""
    if isinstance(node, MappingNode):
        return next(((known, value) for known, value in node.value if known.value == key), None)
    if isinstance(node, SequenceNode) and isinstance(key, int) and key < len(node.value):
        return None, node.value[key]
    return None


def _span(text: str, key: Node | None, node: Node) -> tuple[int, int]:
    """Return start and end of a value; an empty value is directly behind the colon, whatever lines follow."""
    start, end = node.start_mark.index, node.end_mark.index
    if start == end and key is not None:
        start = end = text.index(":", key.end_mark.index) + 1
    return start, end


def _insertion(mapping: MappingNode, pair: str) -> tuple[int, int, str]:
    """Return the insertion of a new pair before the first key of a mapping, or before ``theory`` where it has that."""
    if not mapping.value:
        return mapping.start_mark.index, mapping.end_mark.index, f"{{{pair}}}"
    keys = [key for key, _ in mapping.value]
    place = next((key for key in keys if key.value == "theory"), keys[0]).start_mark
    following = ", " if mapping.flow_style else f"\n{' ' * place.column}"
    return place.index, place.index, pair + following


def _pair(path: KeyPath, value: str) -> str:
    """Return ``a: {b: value}`` for the path (a, b)."""
    for depth, key in enumerate(reversed(path)):
        value = f"{key}: {value}" if depth == 0 else f"{key}: {{{value}}}"
    return value


def _means(text: str, expected: Mapping[str, Any]) -> bool:
    try:
        return parse_yaml(text, "").data == expected
    except RuncardError:  # the anchor of an alias was replaced
        return False


def _set(data: Any, path: KeyPath, value: Any) -> None:
    for key in path[:-1]:
        if isinstance(data, dict) and data.get(key) is None:
            data[key] = {}
        data[key] = deepcopy(data[key])  # an alias must keep its value
        data = data[key]
    data[path[-1]] = value
