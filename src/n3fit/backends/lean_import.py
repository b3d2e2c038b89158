"""Loading Keras without the packages that it only takes along where it finds them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

UNUSED_BY_KERAS = ("matplotlib", "pandas")
"""Keras draws galleries of images with the one and accepts tables of the other; loading them takes a third of the
time in which Keras loads."""


@contextmanager
def without_packages(*names: str) -> Iterator[None]:
    """Let the import of some packages fail inside the block, unless they are loaded already.

    Afterwards they can be imported as ever; what was imported inside the block goes on without them.
    """
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # documented: the import then fails
    try:
        yield
    finally:
        for name in hidden:
            if sys.modules.get(name, name) is None:
                del sys.modules[name]
