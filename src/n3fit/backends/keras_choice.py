"""Choice of the Keras backend: that of the user, else JAX."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from importlib.util import find_spec
from types import MappingProxyType

from n3fit.errors import MissingExtraError, ResourceError, did_you_mean

DEFAULT_BACKEND = "jax"
EXTRAS = MappingProxyType({"jax": "jax", "tensorflow": "tensorflow", "torch": "torch"})
"""The extra of n3fit that installs each backend."""


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
