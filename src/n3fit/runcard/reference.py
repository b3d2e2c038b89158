"""The keys of a runcard with their type, default and meaning, read off the schema."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType, NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from n3fit.runcard.schema import Runcard
from n3fit.runcard.values import SHOWN_DEFAULT, Kind, RuncardSection, show_value
from n3fit.storage.key_path import KeyPath

_MAPPING = Kind("mapping")
_LIMIT_WORDS = ("from", "at least", "more than", "at most", "less than")


@dataclass(frozen=True)
class ReferenceRow:
    """One key: its path such as ``parameters.optimizer.learning_rate``, type, default, allowed values and meaning.

    ``allowed`` is empty where the type says everything.
    """

    key: str
    type: str
    default: str
    allowed: str
    meaning: str


def sections_in(annotation: object) -> Iterator[type[RuncardSection]]:
    """Yield the sections inside a type: ``DatasetInput`` of ``ListAsTuple[DatasetInput]``, and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if issubclass(annotation, RuncardSection):
            yield annotation
    else:
        for argument in get_args(annotation):
            yield from sections_in(argument)


def section_at(path: KeyPath, root: type[RuncardSection] = Runcard) -> type[RuncardSection] | None:
    """Return the section at a path below ``root``, None where there is a single value or nothing."""
    section: type[RuncardSection] | None = root
    for part in path:
        if isinstance(part, int):
            continue
        field = section.model_fields.get(part) if section is not None else None
        section = next(sections_in(field.annotation), None) if field is not None else None
    return section


def reference_rows(root: type[RuncardSection] = Runcard) -> tuple[ReferenceRow, ...]:
    """Return a row for every supported key below a section, in the order of the schema."""
    return tuple(_row(key, field) for key, field in _fields(root))


def _row(key: str, field: FieldInfo) -> ReferenceRow:
    kind, allowed = _separate_values(_type_of(field.annotation, field.metadata))
    return ReferenceRow(key, kind, _default_of(field), allowed, field.description or "")


def _separate_values(text: str) -> tuple[str, str]:
    """Return the type and the allowed values in the words of a key.

    >>> _separate_values("number, at least 0"), _separate_values("true or false")
    (('number', 'at least 0'), ('true or false', ''))
    >>> _separate_values("true, false or one of ALL, MSR"), _separate_values("one of dense, dense_per_flavour")
    (('true, false or name', 'true, false, ALL, MSR'), ('name', 'dense, dense_per_flavour'))
    """
    before, choice, names = text.partition("one of ")
    if choice:
        words = [before.removesuffix(" or "), names] if before else [names]
        return f"{before}name", ", ".join(words)
    kind, limits = re.fullmatch(rf"(.*?)(?:,? ((?:{'|'.join(_LIMIT_WORDS)}) .*))?", text).groups()  # type: ignore[union-attr]
    return kind, limits or ""


def _fields(section: type[RuncardSection], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for name, field in section.model_fields.items():
        yield f"{prefix}{name}", field
        for inner in sections_in(field.annotation):
            yield from _fields(inner, f"{prefix}{name}.")


def describe_keys(root: type[RuncardSection]) -> Mapping[str, str]:
    """Return the meaning of every key below a section, by its path."""
    return MappingProxyType({key: field.description or "" for key, field in _fields(root)})


REFERENCE: Mapping[str, str] = describe_keys(Runcard)
"""Meaning of every supported key, by its path."""


def _type_of(annotation: Any, metadata: Iterable[Any]) -> str:
    """Return the type of a key in words, such as ``number, at least 0``."""
    if get_origin(annotation) is Annotated:
        inner, *own = get_args(annotation)
        return _type_of(inner, [*own, *metadata])
    flat = [item for outer in metadata for item in (outer.metadata if isinstance(outer, FieldInfo) else (outer,))]
    kinds = [item for item in flat if isinstance(item, Kind)]
    arguments = get_args(annotation)
    if not kinds and NoneType in arguments:
        return _type_of(next(argument for argument in arguments if argument is not NoneType), flat)
    if not kinds and get_origin(annotation) is tuple:
        noun, *limits = re.split(r"(?=,| from )", _type_of(arguments[0], ()), maxsplit=1)
        return f"list of {noun}s{''.join(limits)}"
    if any(sections_in(annotation)):
        kinds.append(_MAPPING)
    return kinds[-1].name + _limits(flat, integer=annotation is int)


def _limits(metadata: Iterable[Any], *, integer: bool) -> str:
    """Return the allowed range in words; of integers both ends are included."""
    names = ("ge", "gt", "le", "lt")
    limits = {name: getattr(item, name) for item in metadata for name in names if hasattr(item, name)}
    if integer and "lt" in limits:
        limits["le"] = limits.pop("lt") - 1
    shown = {name: str(value) if integer else f"{value:g}" for name, value in limits.items()}
    if shown.keys() == {"ge", "le"}:
        return f" from {shown['ge']} to {shown['le']}"
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    text = " and ".join(f"{words[name]} {shown[name]}" for name in names if name in shown)
    return f", {text}" if text else ""


def _default_of(field: FieldInfo) -> str:
    if isinstance(field.json_schema_extra, dict) and SHOWN_DEFAULT in field.json_schema_extra:
        return str(field.json_schema_extra[SHOWN_DEFAULT])
    if field.is_required():
        return "required"
    if field.default_factory is not None:
        return "{}"
    if field.default is None:
        return "none"
    if isinstance(field.default, str):
        return field.default or "empty"
    return show_value(list(field.default) if isinstance(field.default, tuple) else field.default)
