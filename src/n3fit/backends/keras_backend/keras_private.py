"""Private names of Keras, JAX and PyTorch, all in one place.

No other module of n3fit uses a private name of these libraries. :data:`TESTED_WITH` holds the versions with which they
have been tested; :func:`missing_names` returns the names that the installed versions no longer have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

from n3fit.errors import ResourceError

TESTED_WITH = MappingProxyType({"keras": "3.14.0 to 3.15.1", "jax": "0.8.0 to 0.10.2", "torch": "2.13.0"})
"""Versions of the libraries with which the private names have been tested."""

FLOAT64_TABLE = "keras.src.backend.common.dtypes:BIT64_TO_BIT32_DTYPE"
SAVE_STATE = "keras.src.saving.saving_lib:_save_state"
FILE_STORE = "keras.src.saving.saving_lib:H5IOStore"
NESTED_LAYERS = "keras.layers:Layer._flatten_layers"
APPLY_GRADIENTS = "keras.optimizers:Optimizer._backend_apply_gradients"
CLIP_GRADIENTS = "keras.optimizers:Optimizer._clip_gradients"
JAX_STARTED = "jax._src.xla_bridge:backends_are_initialized"
JAX_DEVICE_LOGGER = "jax._src.xla_bridge"
"""Logger of the messages about devices that cannot be used."""

TORCH_SCHEMA = "torch:ops.aten.add_.Tensor._schema"
"""What the schema of an operator of PyTorch is found by, here of one of them."""

KERAS_NAMES = (
    FLOAT64_TABLE,
    SAVE_STATE,
    FILE_STORE,
    f"{FILE_STORE}.make",
    NESTED_LAYERS,
    APPLY_GRADIENTS,
    CLIP_GRADIENTS,
)
JAX_NAMES = (JAX_STARTED, f"{JAX_DEVICE_LOGGER}:logger")
TORCH_NAMES = (TORCH_SCHEMA,)


def missing_names(names: Sequence[str]) -> list[str]:
    """Return the names, each ``module:attribute``, that the installed versions do not have."""
    missing = []
    for name in names:
        try:
            _find(name)
        except (ImportError, AttributeError):
            missing.append(name)
    return missing


def _find(name: str) -> Any:
    module, attributes = name.split(":")
    found: Any = import_module(module)
    for attribute in attributes.split("."):
        found = getattr(found, attribute)
    return found


def _private(name: str) -> Any:
    """Return the object of a private name.

    Raises
    ------
    ResourceError
        The installed version does not have it.
    """
    try:
        return _find(name)
    except (ImportError, AttributeError) as error:
        library = name.partition(".")[0]
        raise ResourceError(
            f"{library} {version(library)} does not have {name}, which n3fit depends on",
            hint=f"install one of the versions that n3fit is tested with: {library} {TESTED_WITH[library]}",
        ) from error


def keep_float64(keep: bool) -> None:
    """Set whether tanh, sqrt, mean and others return float64 for float64.

    Except on TensorFlow, Keras casts their arguments to float32, as if the 64-bit mode of JAX were always off, and has
    no public switch for it.
    """
    _private(FLOAT64_TABLE)["float64"] = "float64" if keep else "float32"


def jax_has_started() -> bool:
    """Return whether JAX has set up its devices; the public functions set them up when they are called."""
    return bool(_private(JAX_STARTED)())


def operator_schema(operator: Any) -> Any:
    """Return the schema of an operator of PyTorch, with the arguments that it changes; None for other functions."""
    return getattr(operator, "_schema", None)


def nested_layers(layer: Any) -> list[Any]:
    """Return a layer and all layers inside it, at any depth."""
    return list(layer._flatten_layers())


class OwnClipping:
    """Mixin for Keras optimisers whose method :meth:`clip` replaces the clipping of Keras."""

    @property
    def clips(self) -> bool:
        """Whether :meth:`clip` is used; Keras clips otherwise."""
        raise NotImplementedError

    def clip(self, gradients: Sequence[Any], variables: Sequence[Any]) -> list[Any]:
        """Compute the clipped gradients of some variables."""
        raise NotImplementedError

    def _backend_apply_gradients(self, grads: Sequence[Any], trainable_variables: Sequence[Any]) -> None:
        clipped = self.clip(grads, trainable_variables) if self.clips else grads
        super()._backend_apply_gradients(clipped, trainable_variables)  # type: ignore[misc]

    def _clip_gradients(self, grads: Sequence[Any]) -> Sequence[Any]:
        return grads if self.clips else super()._clip_gradients(grads)  # type: ignore[misc]


@dataclass(frozen=True)
class KerasPlace:
    """Place of a weight in the file that ``keras.Model.save_weights`` writes.

    Parameters
    ----------
    path : str
        Path of the array, such as ``layers/dense/vars/0``.
    layer : str
        Name of the layer that owns the weight.
    variable : keras.Variable
    """

    path: str
    layer: str
    variable: Any


def keras_places(model: Any) -> list[KerasPlace]:
    """Return the place of each weight of a model; variables of its optimiser are left out."""
    found: list[KerasPlace] = []

    class Recorder(_private(FILE_STORE)):  # type: ignore[misc]
        """Store of Keras that records where each variable would be written, and writes nothing."""

        def __init__(self) -> None:
            self.group, self.layer = "", ""

        def __bool__(self) -> bool:
            return True

        def make(self, path: str, metadata: dict[str, Any] | None = None) -> Recorder:
            self.group, self.layer = f"{path}/vars" if path else "vars", str((metadata or {}).get("name", ""))
            return self

        def __setitem__(self, key: str, value: Any) -> None:
            found.append(KerasPlace(f"{self.group}/{key}", self.layer, value))

    _private(SAVE_STATE)(model, weights_store=Recorder(), assets_store=None, inner_path="", visited_saveables=set())
    weights = {id(weight) for weight in model.weights}
    return [place for place in found if id(place.variable) in weights]
