"""The keys of a runcard, their sections and their meaning, read off the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import get_args

from pydantic import BaseModel

from n3fit.runcard.key_path import KeyPath
from n3fit.runcard.schema import Runcard
from n3fit.runcard.values import RuncardSection


def sections_in(annotation: object) -> Iterator[type[RuncardSection]]:
    """Yield the sections inside a type: ``DatasetInput`` of ``ListAsTuple[DatasetInput]``, and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if issubclass(annotation, RuncardSection):
            yield annotation
    else:
        for argument in get_args(annotation):
            yield from sections_in(argument)


def section_at(path: KeyPath) -> type[RuncardSection] | None:
    """Return the section at a path, None where there is a single value or nothing."""
    section: type[RuncardSection] | None = Runcard
    for part in path:
        if isinstance(part, int):
            continue
        field = section.model_fields.get(part) if section is not None else None
        section = next(sections_in(field.annotation), None) if field is not None else None
    return section


def _meanings(section: type[RuncardSection], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, field in section.model_fields.items():
        yield f"{prefix}{name}", field.description or ""
        for inner in sections_in(field.annotation):
            yield from _meanings(inner, f"{prefix}{name}.")


REFERENCE: Mapping[str, str] = MappingProxyType(dict(_meanings(Runcard)))
"""Meaning of every supported key, by its path such as ``parameters.optimizer.learning_rate``."""
