"""The place of each key: keys work in several mappings, and every one has a single home.

A key of the top level, of ``fitting``, ``closuretest``, ``theory`` or ``datacuts`` may stand in any of these; the first
one in this order counts, the top level last. Here each is moved to the mapping that the schema has it in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from n3fit.runcard.notes import Notes
from n3fit.runcard.old_keys import OLD_PLACES, Pattern
from n3fit.runcard.reference import section_at
from n3fit.runcard.schema import Runcard
from n3fit.runcard.violations import Violation
from n3fit.storage.key_path import KeyPath, format_key

SCOPES = ("fitting", "closuretest", "theory", "datacuts")
"""Mappings whose keys may stand in each other and at the top level, in the order in which they are looked through."""

TOP = ""
"""Name of the top level among the scopes."""


@cache
def homes(later: frozenset[Pattern] = frozenset()) -> Mapping[str, str]:
    """Return the scope in which the schema has each key, with those of ``later`` that are not in the schema yet."""
    found = dict.fromkeys(Runcard.model_fields, TOP)
    for scope in SCOPES:
        section = section_at((scope,))
        found |= dict.fromkeys(section.model_fields if section is not None else (), scope)
    for pattern in sorted(later):
        if len(pattern) == 1:
            found.setdefault(pattern[0], TOP)
        elif len(pattern) == 2 and pattern[0] in SCOPES:
            found.setdefault(pattern[1], pattern[0])
    return MappingProxyType({name: scope for name, scope in found.items() if name not in SCOPES})


def lift_keys(
    data: Mapping[str, Any], later: Iterable[Pattern], notes: Notes
) -> tuple[dict[str, Any], dict[KeyPath, KeyPath], list[Violation]]:
    """Move each key to its home.

    Returns
    -------
    content : dict
        A copy of the mappings that hold scopes; everything below is shared with ``data``.
    places : dict
        Path in ``content`` -> path in the file, for the keys that were moved.
    rejected : list of Violation
        Keys that stand in an old place beside today's, with another value.
    """
    home_of = homes(frozenset(later))
    content: dict[str, Any] = {
        key: dict(value) if key in SCOPES and isinstance(value, dict) else value for key, value in data.items()
    }
    places: dict[KeyPath, KeyPath] = {}
    found, rejected = _look_up(content, home_of, notes)
    for key, (scope, value) in found.items():
        home = home_of[key]
        if scope == home:
            continue
        target = content if home == TOP else content.setdefault(home, {})
        if not isinstance(target, dict):
            target = content[home] = {}
        target[key] = value
        places[_path(home, key)] = _path(scope, key)
        if scope == "fitting" and key in OLD_PLACES:
            notes.add("the old place of keys of the top level", (scope, key))
    return content, places, rejected


def _look_up(
    content: dict[str, Any], home_of: Mapping[str, str], notes: Notes
) -> tuple[dict[str, tuple[str, Any]], list[Violation]]:
    """Return the scope and value that count for each key, and take keys that are not at home out of ``content``."""
    blocks = {scope: content[scope] for scope in SCOPES if isinstance(content.get(scope), dict)} | {TOP: content}
    found: dict[str, tuple[str, Any]] = {}
    rejected: list[Violation] = []
    for scope, block in blocks.items():
        for key in [name for name in block if name in home_of]:
            value = block[key] if home_of[key] == scope else block.pop(key)
            if key not in found:
                found[key] = (scope, value)
                continue
            first, kept = found[key]
            if key in OLD_PLACES and first == "fitting" and kept != value:
                text = f"expected one value, received another one at fitting.{key}: keep one of the two"
                rejected.append(Violation(_path(scope, key), text))
            else:
                notes.add(f"without effect beside {format_key(_path(first, key))}", _path(scope, key))
    return found, rejected


def _path(scope: str, key: str) -> KeyPath:
    return (scope, key) if scope else (key,)
