"""Dictionaries of optimisers, initialisers, layers and regularisers by name.

They are plain dictionaries, as the documented interface promises: users may add entries. Functions of n3fit only read
them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Entry = TypeVar("Entry")
Registry = dict[str, tuple[Callable[..., Any], dict[str, Any]]]
"""Name -> (class or function, default arguments)."""


def build_registry(objects: Mapping[str, Callable[..., Any]], defaults: Mapping[str, Mapping[str, Any]]) -> Registry:
    """Build the dictionary of the names of ``defaults``.

    Parameters
    ----------
    objects : mapping
        Name -> class or function.
    defaults : mapping
        Name -> default arguments, from :mod:`n3fit.vocabulary`; they are copied.

    Raises
    ------
    ValueError
        The two mappings have different names.
    """
    if set(objects) != set(defaults):
        raise ValueError(f"expected objects for {', '.join(defaults)}, received {', '.join(objects)}")
    return {name: (objects[name], dict(defaults[name])) for name in defaults}


def look_up(registry: Mapping[str, Entry], name: str, kind: str) -> Entry:
    """Return the entry of a name.

    Raises
    ------
    NotImplementedError
        There is no entry of this name; the message lists those of this ``kind``.
    """
    try:
        return registry[name]
    except KeyError as error:
        raise NotImplementedError(f"unknown {kind} {name!r}, known are: {', '.join(registry)}") from error
