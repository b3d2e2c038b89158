"""YAML 1.2 into plain dictionaries, lists and scalars, with line numbers and bounded effort.

Values mean what they look like: ``1e6`` and ``40_000_000`` are numbers, ``None`` is nothing, ``on`` and ``no`` are
true and false; text in quotes stays text. Tags, repeated keys and oversized files are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
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
from n3fit.runcard.consistency import KeyPath, format_key

MAX_BYTES = 1_000_000
MAX_NODES = 20_000
"""Largest number of values, those repeated through aliases counted each time."""
MAX_DEPTH = 32
LONGEST_NUMBER = 64
LONGEST_KEY = 100

_INTEGER = re.compile(r"[-+]?[0-9]+(_[0-9]+)*")
_FLOAT = re.compile(r"[-+]?([0-9]+(_[0-9]+)*(\.([0-9]+(_[0-9]+)*)?)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, Any] = {
    **dict.fromkeys(("", "~", "null", "none")),
    **dict.fromkeys(("true", "yes", "on"), True),
    **dict.fromkeys(("false", "no", "off"), False),
    ".nan": float("nan"),
    **dict.fromkeys((".inf", "+.inf"), float("inf")),
    "-.inf": float("-inf"),
}


@dataclass(frozen=True)
class Document:
    """A YAML file.

    Attributes
    ----------
    name : str
        The file, for messages.
    text : str
        The file as it is.
    data : dict
        Its content: dictionaries with text keys, lists, text, numbers, truth values and None.
    lines : mapping of key path to int
        Line, counted from 1, of each key and list entry.
    """

    name: str
    text: str
    data: dict[str, Any]
    lines: Mapping[KeyPath, int]

    def line_of(self, key: KeyPath) -> int:
        """Give the line of a key, or of the nearest mapping around it that is in the file."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key, 1)

    def where(self, key: KeyPath) -> str:
        """Give ``file:line: key``, the start of a message."""
        return f"{self.name}:{self.line_of(key)}: {format_key(key)}" if key else f"{self.name}"


def read_text(path: Path) -> str:
    """Give the text of a small UTF-8 file.

    Raises
    ------
    RuncardError
        The file is missing, is not a plain file, cannot be read, is too large or is not UTF-8.
    """
    if not path.is_file():
        problem = "is not a file" if path.exists() else "is not there"
        raise RuncardError(f"{path}: expected a runcard, {problem}", hint="give the path of a .yml file")
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise RuncardError(f"{path}: cannot be read ({error.strerror})", hint="check the permissions") from error
    if len(raw) > MAX_BYTES:
        raise RuncardError(
            f"{path}: expected at most {MAX_BYTES // 1000} kB, received more", hint="is this really a runcard?"
        )
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise RuncardError(
            f"{path}:1: expected plain UTF-8, received a byte-order mark", hint="save as UTF-8 without BOM"
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise RuncardError(
            f"{path}:{line}: expected UTF-8, received the byte 0x{raw[error.start]:02x}", hint="save the file as UTF-8"
        ) from error


def parse_yaml(text: str, name: str) -> Document:
    """Give the content of a YAML text whose root is a mapping.

    Raises
    ------
    RuncardError
        The text is no YAML, is empty, has tags, repeated keys, too many values or too deep a nesting.
    """
    yaml = YAML(typ="safe", pure=True)
    try:
        builder = _Builder(iter(yaml.parse(text)), name)
        data = builder.build()
    except MarkedYAMLError as error:
        raise _explain(error, text, name) from error
    except YAMLError as error:
        problem = str(error).splitlines()[0]
        raise RuncardError(f"{name}: not valid YAML: {problem}", hint="save the file as plain text") from error
    if data is None:
        raise RuncardError(f"{name}: expected a runcard, received an empty file", hint="start from runcards/dis.yml")
    if not isinstance(data, dict):
        received = "a list" if isinstance(data, list) else "text"
        raise RuncardError(
            f"{name}:1: expected lines such as 'epochs: 1000', received {received}", hint="start from runcards/dis.yml"
        )
    if builder.mistakes:
        raise RuncardError("\n".join(builder.mistakes))
    return Document(name=name, text=text, data=data, lines=builder.lines)


def _explain(error: MarkedYAMLError, text: str, name: str) -> RuncardError:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark is not None else 1
    lines = text.splitlines()
    source = lines[line - 1] if line <= len(lines) else ""
    hint = "indent with spaces, not tabs" if "\t" in source else "check the indentation, colons and quotes there"
    problem = " ".join(str(error.problem or error.context or "unexpected text").split())
    return RuncardError(f"{name}:{line}: not valid YAML: {problem}", hint=hint)


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


class _Builder:
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
