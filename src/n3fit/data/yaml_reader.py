"""A YAML reader for large files of numbers, built directly on libyaml's events.

Commondata files hold up to a hundred thousand scalars. Composing nodes and resolving tags in Python takes
seconds per file; collecting libyaml's events takes a tenth of that. Only what commondata needs is understood:
mappings, sequences, scalars, and aliases, which share the object of their anchor. Plain scalars follow the YAML 1.2
core schema, except that every number is a float; whatever else might carry meaning (tags, merge keys, several
documents) is refused.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import yaml

from n3fit.errors import DataError

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_CONSTANTS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".nan": math.nan, ".NaN": math.nan, ".NAN": math.nan,
    ".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf,
}  # fmt: skip
_NUMBER_START = frozenset("0123456789+-.")


def read_yaml(path: Path) -> Any:
    """Give the content of a YAML file as dictionaries, lists, strings, floats, booleans and None.

    Raises
    ------
    DataError
        The file is missing, is not UTF-8 or not YAML, repeats a key, or uses tags, merge keys or several documents.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error
    try:
        return _build(text, path)
    except yaml.YAMLError as error:
        raise DataError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error


class _Builder:
    """Puts events together, one container at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.documents: list[Any] = []
        self.container: Any = self.documents
        self.key: str | None = None
        self.outer: list[tuple[Any, str | None]] = []
        self.anchors: dict[str, Any] = {}

    def begin_document(self, event: yaml.DocumentStartEvent) -> None:
        if self.documents:
            raise self._refused(event)

    def add(self, value: Any) -> None:
        if type(self.container) is dict:
            self.container[self.key] = value
            self.key = None
        else:
            self.container.append(value)

    def scalar(self, event: yaml.ScalarEvent) -> None:
        if event.tag is not None:
            raise self._refused(event)
        if self.key is None and type(self.container) is dict:
            self.key = event.value
            if self.key in self.container:
                raise DataError(f"{self._place(event)}: the key {self.key!r} appears twice")
            if self.key == "<<" or event.anchor is not None:
                raise self._refused(event)
            return
        value = _resolve(event.value) if event.implicit[0] else event.value
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        self.add(value)

    def start(self, event: yaml.NodeEvent, fresh: dict[str, Any] | list[Any]) -> None:
        if event.tag is not None or (self.key is None and type(self.container) is dict):
            raise self._refused(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = fresh
        self.outer.append((self.container, self.key))
        self.container, self.key = fresh, None

    def end(self) -> None:
        value = self.container
        self.container, self.key = self.outer.pop()
        self.add(value)

    def alias(self, event: yaml.AliasEvent) -> None:
        if (self.key is None and type(self.container) is dict) or event.anchor not in self.anchors:
            raise self._refused(event)
        self.add(self.anchors[event.anchor])

    def _place(self, event: yaml.Event) -> str:
        return f"{self.path}, line {event.start_mark.line + 1}"

    def _refused(self, event: yaml.Event) -> DataError:
        return DataError(
            f"{self._place(event)}: expected plain mappings, lists and scalars, received a tag, a merge key, "
            "an unknown alias, a second document or a key that is not a scalar"
        )


def _build(text: str, path: Path) -> Any:
    builder = _Builder(path)
    for event in yaml.parse(text, Loader=_LOADER):
        kind = type(event)
        if kind is yaml.ScalarEvent:
            builder.scalar(event)
        elif kind is yaml.MappingStartEvent:
            builder.start(event, {})
        elif kind is yaml.SequenceStartEvent:
            builder.start(event, [])
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            builder.end()
        elif kind is yaml.AliasEvent:
            builder.alias(event)
        elif kind is yaml.DocumentStartEvent:
            builder.begin_document(event)
    return builder.documents[0] if builder.documents else None


def _resolve(text: str) -> Any:
    if text[:1] in _NUMBER_START and text:
        try:
            number = float(text)
        except ValueError:
            return _CONSTANTS.get(text, text)
        return number if math.isfinite(number) or text[-1].isdigit() else text
    return _CONSTANTS.get(text, text)
