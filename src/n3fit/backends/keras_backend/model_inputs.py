"""Inputs of a model by the names of the user, and their constant values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


class ModelInputs:
    """Inputs by name: those with a constant value, and those (slots) that need a value in every call.

    Parameters
    ----------
    tensors : mapping
        Name -> symbolic input. The name need not be that of the input layer.
    values : mapping, optional
        Name -> constant value. The default is the attribute ``tensor_content`` of the tensor.
    scaler : function, optional
        Applied to every value given in a call, not to the constants.

    Raises
    ------
    TypeError
        One of the mappings is not a mapping.
    ValueError
        A value belongs to no input, or a name is that of the layer of another input.
    """

    def __init__(
        self,
        tensors: Mapping[Any, Any],
        values: Mapping[Any, Any] | None = None,
        scaler: Callable[[Any], Any] | None = None,
    ) -> None:
        if not isinstance(tensors, Mapping):
            raise TypeError(f"input_tensors must be a dictionary, received {type(tensors).__name__}")
        if values is not None and not isinstance(values, Mapping):
            raise TypeError(f"input_values must be a dictionary, received {type(values).__name__}")
        self.tensors = dict(tensors)
        self.layer_names = {key: tensor.name for key, tensor in self.tensors.items()}
        self.scaler = scaler
        self._check_names()
        given = dict(values or {})
        self._check_known(given)
        self.constants: dict[Any, Any] = {}
        for key, tensor in self.tensors.items():
            value = given.get(key)
            if value is None:
                value = getattr(tensor, "tensor_content", None)
            if value is not None:
                self.constants[key] = value
        self.slots = set(self.tensors) - set(self.constants)

    def _check_names(self) -> None:
        names = list(self.layer_names.values())
        if len(set(names)) < len(names):
            raise ValueError(f"the input layers must have different names, received {', '.join(names)}")
        for key, name in self.layer_names.items():
            if key != name and key in names:
                raise ValueError(f"the name {key!r} of the input {name!r} is the name of another input layer")

    def _check_known(self, given: Mapping[Any, Any]) -> None:
        unknown = [str(key) for key in given if key not in self.tensors]
        if unknown:
            known = ", ".join(map(str, self.tensors))
            raise ValueError(f"the model has no input {', '.join(unknown)}; its inputs are {known}")

    def complete(self, x: Mapping[Any, Any] | None = None) -> dict[Any, Any]:
        """Return a new dictionary with a value for every input: the constants, updated with ``x``.

        Raises
        ------
        TypeError
            ``x`` is not a dictionary.
        ValueError
            An input is unknown, or one without constant value is missing.
        """
        if x is not None and not isinstance(x, Mapping):
            raise TypeError(f"the input must be a dictionary, received {type(x).__name__}")
        given = dict(x or {})
        self._check_known(given)
        missing = sorted(str(key) for key in self.slots - set(given))
        if missing:
            raise ValueError(f"the model needs values for the inputs {', '.join(missing)}")
        if self.scaler is not None:
            given = {key: self.scaler(value) for key, value in given.items()}
        return {**self.constants, **given}

    def arrays(self, x: Mapping[Any, Any] | None = None) -> dict[str, NDArray[Any]]:
        """Return the values of :meth:`complete` as arrays of the dtypes of the inputs, by the names of their layers."""
        return {
            self.layer_names[key]: np.asarray(value, dtype=self.tensors[key].dtype)
            for key, value in self.complete(x).items()
        }

    def by_layer_name(self, inputs: Any) -> Any:
        """Return inputs by the names of the input layers: a dictionary by the names of the user, or a single input."""
        if not isinstance(inputs, Mapping):
            single = len(self.layer_names) == 1 and not isinstance(inputs, (list, tuple))
            return dict.fromkeys(self.layer_names.values(), inputs) if single else inputs
        return {self.layer_names.get(key, key): value for key, value in inputs.items()}
