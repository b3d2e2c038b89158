"""Plain values from the events of a YAML parser, with line numbers and within limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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
)

from n3fit.errors import N3fitError
from n3fit.storage.key_path import KeyPath, format_key

WORDS: Mapping[str, Any] = MappingProxyType(
    {
        **dict.fromkeys(("", "~", "null")),
        "true": True,
        "false": False,
        ".nan": float("nan"),
        **dict.fromkeys((".inf", "+.inf"), float("inf")),
        "-.inf": float("-inf"),
    }
)
"""Meaning of unquoted words, in lower case: the core schema of YAML 1.2."""

_LONGEST_NUMBER = 64
_NUMBER_START = frozenset("0123456789+-.")
_NUMBER_END = frozenset("0123456789.")

Line = int | tuple[int, "Lines"]
Lines = Mapping[str | int, Line]
"""Line of each key or entry, counted from 1; with the lines inside its value where that is a container."""


def split_line(line: Line) -> tuple[int, Lines]:
    """Return a line and the lines inside the value that begins there."""
    return line if isinstance(line, tuple) else (line, {})


@dataclass(frozen=True)
class Rules:
    """Meaning of unquoted words and limits of a document.

    Parameters
    ----------
    words : mapping
        Values of words in lower case.
    size : int
        Bytes of a file.
    nodes : int
        Values, those that aliases repeat counted each time.
    depth : int
        Levels of nesting.
    key_length : int
        Letters of a key.
    compiled : bool
        Use libyaml where ruamel.yaml comes with it: much faster, with other messages for broken files.
    """

    words: Mapping[str, Any] = field(default_factory=lambda: WORDS)
    size: int = 64 * 2**20
    nodes: int = 10**7
    depth: int = 64
    key_length: int = 1000
    compiled: bool = True

    def resolve(self, text: str) -> Any:
        """Return the value that an unquoted word stands for: None, a boolean, a number or the text itself."""
        if text[:1] in _NUMBER_START and text[-1:] in _NUMBER_END and len(text) <= _LONGEST_NUMBER:
            if text.isdecimal():
                return int(text)
            try:
                number = float(text)
            except ValueError:
                return _in_other_base(text)
            return number if "." in text or "e" in text or "E" in text else int(text)
        return self.words.get(text.lower(), text) if text[:1] != "0" else _in_other_base(text)


def _in_other_base(text: str) -> int | str:
    """Return the integer that YAML 1.2 writes as 0x1f or 0o17, and any other text as it is."""
    try:
        return int(text, 0) if text[:2] in ("0x", "0o") and "_" not in text else text
    except ValueError:
        return text


class DocumentBuilder:
    """Build values from the events of a parser, within the limits of ``rules``."""

    def __init__(self, events: Iterator[Event], name: str, rules: Rules, error: type[N3fitError]) -> None:
        self.problems: list[str] = []
        self.aliased: set[KeyPath] = set()
        """Paths of values that an alias repeats elsewhere."""
        self._events = events
        self._name = name
        self._rules = rules
        self._error = error
        self._anchors: dict[str, tuple[Any, int, KeyPath]] = {}
        self._nodes = 0

    def build(self) -> tuple[Any, Lines]:
        """Return the value of the only document and its lines; None when there is no document."""
        root: tuple[Any, Lines] | None = None
        for event in self._events:
            if type(event) is DocumentStartEvent and root is not None:
                raise self._refusal(event, "one YAML document", "a second one, after '---'")
            if isinstance(event, NodeEvent):
                value, lines = self._value(event, ())
                root = value, lines or {}
        return root or (None, {})

    def _value(self, event: Event, path: KeyPath) -> tuple[Any, Lines | None]:
        """Return the value that begins with an event, at the end of ``path``, and the lines inside a container."""
        before = self._nodes
        self._count(event, 1)
        value: Any
        lines: Lines | None = None
        if type(event) is ScalarEvent:
            value = event.value if event.style else self._rules.resolve(event.value)
        elif isinstance(event, CollectionStartEvent):
            value, lines = self._container(event, path)
        elif isinstance(event, AliasEvent):
            return self._repeat(event), None
        else:
            raise self._refusal(event, "a value", "nothing")
        if event.ctag is not None:
            self._note(event, path, f"expected a value without a tag, received {str(event.ctag)[:80]!r}")
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, self._nodes - before, path)
        return value, lines

    def _container(self, event: CollectionStartEvent, path: KeyPath) -> tuple[Any, Lines]:
        if len(path) > self._rules.depth:
            raise self._refusal(event, f"at most {self._rules.depth} levels", "deeper nesting")
        return self._sequence(path) if isinstance(event, SequenceStartEvent) else self._mapping(path)

    def _sequence(self, path: KeyPath) -> tuple[list[Any], Lines]:
        entries: list[Any] = []
        lines: dict[str | int, Line] = {}
        for index, event in enumerate(self._events):
            if type(event) is SequenceEndEvent:
                break
            value, inside = self._value(event, (*path, index))
            entries.append(value)
            line = event.start_mark.line + 1
            lines[index] = line if inside is None else (line, inside)
        return entries, lines

    def _mapping(self, path: KeyPath) -> tuple[dict[str, Any], Lines]:
        content: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        lines: dict[str | int, Line] = {}
        for event in self._events:
            if type(event) is MappingEndEvent:
                break
            if type(event) is not ScalarEvent:
                raise self._refusal(event, "a word before ':'", "something else")
            key, line = event.value, event.start_mark.line + 1
            if len(key) > self._rules.key_length:
                raise self._refusal(event, f"keys of at most {self._rules.key_length} letters", "a longer one")
            here = (*path, key)
            if key in content:
                first = split_line(lines[key])[0]
                self._note(event, here, f"expected every key once, received it on lines {first} and {line}")
            value, inside = self._value(next(self._events), here)
            if key == "<<" and not event.style:
                merged = {**self._merge(event, here, value), **merged}
            else:
                content[key] = value
                lines[key] = line if inside is None else (line, inside)
        return ({**merged, **content} if merged else content), lines

    def _merge(self, event: Event, path: KeyPath, value: Any) -> dict[str, Any]:
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, dict) for part in parts):
            self._note(event, path, "expected '<<' with a mapping, received something else")
            return {}
        return {key: entry for part in reversed(parts) for key, entry in part.items()}

    def _repeat(self, event: AliasEvent) -> Any:
        if event.anchor not in self._anchors:
            raise self._refusal(event, "a name set with '&' before", f"*{event.anchor}")
        value, size, path = self._anchors[event.anchor]
        self.aliased.add(path)
        self._count(event, size - 1)  # the alias itself was counted
        return value

    def _count(self, event: Event, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > self._rules.nodes:
            raise self._refusal(event, f"at most {self._rules.nodes} values", "more, counting what aliases repeat")

    def _note(self, event: Event, path: KeyPath, text: str) -> None:
        key = f" {format_key(path)}:" if path else ""
        self.problems.append(f"{self._name}:{event.start_mark.line + 1}:{key} {text}")

    def _refusal(self, event: Event, expected: str, received: str) -> N3fitError:
        return self._error(f"{self._name}:{event.start_mark.line + 1}: expected {expected}, received {received}")
