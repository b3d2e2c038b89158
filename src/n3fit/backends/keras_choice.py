"""Choice of the Keras backend: that of the user, else JAX; and what Keras need not import."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from importlib.util import find_spec
from threading import get_ident
from types import MappingProxyType
from typing import Any

from n3fit.errors import MissingExtraError, ResourceError, did_you_mean

DEFAULT_BACKEND = "jax"
EXTRAS = MappingProxyType({"jax": "", "tensorflow": "tensorflow", "torch": "torch"})
"""The extra of n3fit that installs each backend; n3fit itself installs JAX."""


def choose_keras_backend(environment: MutableMapping[str, str] = os.environ) -> str:
    """Set ``KERAS_BACKEND`` if the user has not, check that the backend is installed, and return its name.

    When Keras is already loaded, its backend is the choice of the user.

    Raises
    ------
    MissingExtraError
        The backend is not installed.
    ResourceError
        ``KERAS_BACKEND`` is not one of jax, tensorflow and torch.
    """
    if "keras" in sys.modules:
        name = str(sys.modules["keras"].backend.backend())
    else:
        name = environment.get("KERAS_BACKEND") or DEFAULT_BACKEND
    if name not in EXTRAS:
        raise ResourceError(
            f"KERAS_BACKEND must be one of {', '.join(EXTRAS)}, received {name!r}",
            hint=did_you_mean(name, EXTRAS) or "unset it to use jax",
        )
    if find_spec(name) is None:
        raise MissingExtraError(name, EXTRAS[name])
    environment["KERAS_BACKEND"] = name
    return name


UNUSED = frozenset({"matplotlib", "pandas", "PIL"})
"""Optional imports of Keras, for images and for data frames as inputs of models, of which n3fit uses none."""


def unused_by_keras(backend: str) -> frozenset[str]:
    """Return the modules without which Keras is imported: it takes more time for them than for itself.

    PyTorch looks for some of them itself.
    """
    return UNUSED if backend == "jax" else frozenset()


@contextmanager
def without_modules(names: frozenset[str]) -> Iterator[None]:
    """Make some modules appear missing, to the imports of this thread alone; those loaded already stay."""
    finder = _Missing(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Missing:
    """Finder that says of some modules that there are none."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self._thread = get_ident()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name in self._names and get_ident() == self._thread:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
