"""From the events of a YAML parser to plain values, with line numbers and counted effort.

Values mean what they look like: ``1e6`` and ``40_000_000`` are numbers, ``None`` is nothing, ``on`` and ``no`` are
true and false; text in quotes stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from n3fit.errors import RuncardError
from n3fit.runcard.key_path import KeyPath, format_key

MAX_NODES = 20_000
"""Largest number of values, those repeated through aliases counted each time."""
MAX_DEPTH = 32
LONGEST_NUMBER = 64
LONGEST_KEY = 100

_INTEGER = re.compile(r"[-+]?[0-9]+(_[0-9]+)*")
_FLOAT = re.compile(r"[-+]?([0-9]+(_[0-9]+)*(\.([0-9]+(_[0-9]+)*)?)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, Any] = MappingProxyType(
    {
        **dict.fromkeys(("", "~", "null", "none")),
        **dict.fromkeys(("true", "yes", "on"), True),
        **dict.fromkeys(("false", "no", "off"), False),
        ".nan": float("nan"),
        **dict.fromkeys((".inf", "+.inf"), float("inf")),
        "-.inf": float("-inf"),
    }
)


def resolve_scalar(text: str) -> Any:
    """Give the value that an unquoted word means: None, a truth value, a number or the text itself."""
    lowered = text.lower()
    if lowered in _WORDS:
        return _WORDS[lowered]
    if len(text) <= LONGEST_NUMBER:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
    return text


class DocumentBuilder:
    """Build the content from the events of the parser, counting as it goes."""

    def __init__(self, events: Iterator[Event], name: str) -> None:
        self._events = events
        self._name = name
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self.lines: dict[KeyPath, int] = {}
        self.mistakes: list[str] = []

    def build(self) -> Any:
        """Give the value of the only document, None when there is none."""
        root, documents = None, 0
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refusal(event, "one YAML document", "a second one, after '---'")
            elif isinstance(event, StreamStartEvent | StreamEndEvent):
                continue
            elif isinstance(event, NodeEvent):
                root = self._value(event, ())
        return root

    def _value(self, event: Event, path: KeyPath) -> Any:
        if isinstance(event, AliasEvent):
            if event.anchor not in self._anchors:
                raise self._refusal(event, "a name set with '&' before", f"*{event.anchor}")
            repeated, size = self._anchors[event.anchor]
            self._count(event, size)
            return repeated
        if not isinstance(event, ScalarEvent | CollectionStartEvent):
            raise self._refusal(event, "a value", "nothing")
        if len(path) > MAX_DEPTH:
            raise self._refusal(event, f"at most {MAX_DEPTH} levels", "deeper nesting")
        before = self._nodes
        self._count(event, 1)
        if event.ctag is not None:
            self._note(event, path, f"expected a value without a tag, received {str(event.ctag)[:80]!r}")
        value: Any
        if isinstance(event, ScalarEvent):
            value = resolve_scalar(event.value) if event.style is None else event.value
        elif isinstance(event, SequenceStartEvent):
            value = self._sequence(path)
        else:
            value = self._mapping(path)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, self._nodes - before)
        return value

    def _sequence(self, path: KeyPath) -> list[Any]:
        entries: list[Any] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            here = (*path, len(entries))
            self.lines[here] = event.start_mark.line + 1
            entries.append(self._value(event, here))
        return entries

    def _mapping(self, path: KeyPath) -> dict[str, Any]:
        content: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                raise self._refusal(event, "a word before ':'", "something else")
            if len(event.value) > LONGEST_KEY:
                raise self._refusal(event, f"keys of at most {LONGEST_KEY} letters", "a longer one")
            key, here = event.value, (*path, event.value)
            if key == "<<" and event.style is None:
                merged = {**self._merged(next(self._events), here), **merged}
                continue
            if key in content:
                first, again = self.lines[here], event.start_mark.line + 1
                self._note(event, here, f"expected every key once, received it on lines {first} and {again}")
            self.lines[here] = event.start_mark.line + 1
            content[key] = self._value(next(self._events), here)
        return {**merged, **content}

    def _merged(self, event: Event, path: KeyPath) -> dict[str, Any]:
        value = self._value(event, path)
        parts = value if isinstance(value, list) else [value]
        merged: dict[str, Any] = {}
        for part in parts:
            if not isinstance(part, dict):
                self._note(event, path, "expected '<<' with a mapping, received something else")
                continue
            merged = {**part, **merged}
        return merged

    def _count(self, event: Event, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise self._refusal(event, f"at most {MAX_NODES} values", "more, counting what aliases repeat")

    def _note(self, event: Event, path: KeyPath, text: str) -> None:
        key = f" {format_key(path)}:" if path else ""
        self.mistakes.append(f"{self._name}:{event.start_mark.line + 1}:{key} {text}")

    def _refusal(self, event: Event, expected: str, received: str) -> RuncardError:
        line = event.start_mark.line + 1
        return RuncardError(f"{self._name}:{line}: expected {expected}, received {received}")
