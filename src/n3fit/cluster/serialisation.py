"""Functions and values as text and bytes for another process."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pkgutil import resolve_name
from typing import Any

from n3fit.errors import ResourceError


def reference_of(function: Callable[..., Any]) -> str:
    """Return ``module:name`` of a function, by which another process finds it.

    >>> from n3fit.cluster.blocks import divide
    >>> reference_of(divide)
    'n3fit.cluster.blocks:divide'

    Raises
    ------
    ResourceError
        It is not on the top level of a module.
    """
    reference = f"{getattr(function, '__module__', '')}:{getattr(function, '__qualname__', '')}"
    try:
        found = resolve_name(reference)
    except (ValueError, ImportError, AttributeError):
        found = None
    if found is not function:
        raise ResourceError(
            f"{reference}: cannot be sent to a worker: it is not a function on the top level of a module"
        )
    return reference


def serialise(value: Any, what: str) -> bytes:
    """Return a value as bytes for another process.

    Raises
    ------
    ResourceError
        The value, described by ``what``, is or holds an object that cannot be sent, such as an open file.
    """
    try:
        return pickle.dumps(value)
    except (pickle.PicklingError, TypeError, AttributeError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ResourceError(
            f"{what}: cannot be sent between processes ({reason})",
            hint="expected plain data: numbers, text, paths, sequences and mappings",
        ) from error
