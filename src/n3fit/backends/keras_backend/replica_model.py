"""Model with access to its layers by name and to the weights of single replicas."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from n3fit.backends.keras_backend.conversions import evaluate
from n3fit.backends.keras_backend.matrix_precision import FullPrecisionModel
from n3fit.backends.keras_backend.model_weights import load_model_weights, save_model_weights
from n3fit.backends.keras_backend.replica_assignment import PER_REPLICA_LAYERS
from n3fit.backends.keras_backend.replica_weights import (
    get_layer_replica_weights,
    get_layer_weights_of_replicas,
    set_layer_replica_weights,
    set_layer_weights_of_replicas,
)

Weights = dict[str, list[NDArray[Any]]]


class ReplicaModel(FullPrecisionModel, keras.Model):
    """Functional Keras model with access to layers by name and to the weights of single replicas.

    Attributes
    ----------
    single_replica_generator : function or None
        Function that builds the same model for one replica, set after construction. It is called with the number of the
        replica or, if it has no parameter, without.
    """

    single_replica_generator: Callable[..., Any] | None = None

    def get_layer_re(self, regex: str) -> list[Any]:
        """Return the layers whose name begins with a match of the regular expression."""
        return [layer for layer in self.layers if re.match(regex, layer.name)]

    def set_masks_to(self, names: Iterable[str], val: float = 0.0) -> None:
        """Set the first weight of each layer ``<name>_mask`` to a value.

        Raises
        ------
        ValueError
            There is no such layer.
        """
        for layer in [self._layer(f"{name}_mask") for name in names]:
            layer.weights[0].assign(np.full(layer.weights[0].shape, val))

    def reset_layer_weights_to(self, layer_names: Sequence[str], reference_vals: Sequence[Any]) -> None:
        """Set all weights of some layers.

        Parameters
        ----------
        layer_names : sequence of str
            Names of the layers.
        reference_vals : sequence
            For each layer the list of arrays; a number if the layer has a single weight.

        Raises
        ------
        ValueError
            The lengths or shapes do not match, or there is no such layer; nothing has changed then.
        """
        if len(layer_names) != len(reference_vals):
            raise ValueError(f"expected values for {len(layer_names)} layers, received {len(reference_vals)}")
        changes = []
        for name, values in zip(layer_names, reference_vals, strict=True):
            weights = self._layer(name).weights
            single_number = np.isscalar(values) or getattr(values, "ndim", None) == 0
            if single_number and len(weights) == 1:
                values = [np.full(weights[0].shape, values)]
            elif single_number or len(values) != len(weights):
                raise ValueError(f"{name} has {len(weights)} weights, received {values!r}")
            for weight, value in zip(weights, values, strict=True):
                array = evaluate(value)
                if array.shape != tuple(weight.shape):
                    raise ValueError(f"{weight.path}: expected the shape {tuple(weight.shape)}, received {array.shape}")
                changes.append((weight, array))
        for weight, array in changes:
            weight.assign(array)

    def _layer(self, name: str) -> Any:
        found = [layer for layer in self.layers if layer.name == name]
        if not found:
            raise ValueError(
                f"the model has no layer {name!r}; it has {', '.join(layer.name for layer in self.layers)}"
            )
        return found[0]

    @property
    def num_replicas(self) -> int | None:
        """Number of replicas: the size of the second axis of the output, or of its only axis."""
        shape = self.outputs[0].shape
        return shape[1] if len(shape) > 1 else shape[0]

    def _replica_layers(self) -> list[Any]:
        found = [layer for layer in self.layers if layer.name in PER_REPLICA_LAYERS]
        if not found:
            *names, last = map(repr, PER_REPLICA_LAYERS)
            raise ValueError(f"the model has neither a layer {', '.join(names)} nor a layer {last}")
        return found

    def get_replica_weights(self, i_replica: int) -> Weights:
        """Return copies of the weights of one replica, for the layers with the weights of replicas.

        These are ``all_NNs``, ``preprocessing_factor``, and ``parametrisation`` of a PDF model that is no network.

        Raises
        ------
        IndexError
            There is no such replica.
        ValueError
            The model has none of these layers.
        """
        return {layer.name: get_layer_replica_weights(layer, i_replica) for layer in self._replica_layers()}

    def get_weights_of_replicas(self, replicas: Iterable[int]) -> list[Weights]:
        """Return the weights of some replicas, as :meth:`get_replica_weights`; each array of all is read once.

        Raises
        ------
        IndexError, ValueError
            As there.
        """
        numbers = list(replicas)
        layers = [(layer.name, get_layer_weights_of_replicas(layer, numbers)) for layer in self._replica_layers()]
        return [{name: weights[index] for name, weights in layers} for index in range(len(numbers))]

    def set_replica_weights(self, weights: Mapping[str, Sequence[Any]], i_replica: int = 0) -> None:
        """Set the weights of one replica, as :meth:`get_replica_weights` returns them; the others are unchanged.

        Raises
        ------
        IndexError
            There is no such replica.
        ValueError
            A layer is missing, or the weights differ in number or shape.
        """
        for name, values in weights.items():
            set_layer_replica_weights(self._layer(name), values, i_replica)

    def set_weights_of_replicas(self, weights: Sequence[Mapping[str, Sequence[Any]]]) -> None:
        """Set the weights of the replicas 0, 1, ..., as :meth:`get_weights_of_replicas` returns them.

        Each array is written once, so that the time hardly depends on the number of replicas.

        Raises
        ------
        IndexError
            There are fewer replicas.
        ValueError
            A layer is missing, or the weights differ in number or shape.
        """
        for name in weights[0] if weights else ():
            set_layer_weights_of_replicas(self._layer(name), [values[name] for values in weights])

    def split_replicas(self) -> list[Any]:
        """Return one model per replica, with copies of the weights.

        Raises
        ------
        ValueError
            ``single_replica_generator`` has not been set.
        """
        models = []
        for i_replica in range(self.num_replicas or 0):
            single = self._single_replica_model(i_replica)
            single.set_replica_weights(self.get_replica_weights(i_replica))
            models.append(single)
        return models

    def _single_replica_model(self, i_replica: int) -> Any:
        generator = self.single_replica_generator
        if generator is None:
            raise ValueError("set single_replica_generator to a function that builds the model of one replica")
        return generator(i_replica) if signature(generator).parameters else generator()

    def save_weights(self, file: str | Path, **kwargs: Any) -> None:
        """Write the weights to a file of exactly this name, in Keras' layout ``.weights.h5``.

        Parameters
        ----------
        file : path
        **kwargs
            Arguments of ``keras.Model.save_weights``, without effect: an existing file is replaced.

        Raises
        ------
        n3fit.errors.ResourceError
            The file cannot be written.
        """
        save_model_weights(self, Path(file))

    def load_weights(self, file: str | Path, **kwargs: Any) -> None:
        """Set the weights from a file of :meth:`save_weights`, of Keras, or of one replica in a fit folder.

        Parameters
        ----------
        file : path
        **kwargs
            Arguments of ``keras.Model.load_weights``, without effect: all weights must match.

        Raises
        ------
        n3fit.errors.DataError
            The file is damaged, not a file of weights, or that of another model; the model is unchanged then.
        n3fit.errors.ResourceError
            The file is missing, cannot be read or is too large.
        """
        load_model_weights(self, Path(file))

    def load_identical_replicas(self, model_file: str | Path) -> None:
        """Set the weights of every replica to those of the single replica in a file, see :meth:`load_weights`."""
        weights = self._single_replica_weights(model_file, 0)
        for i_replica in range(self.num_replicas or 0):
            self.set_replica_weights(weights, i_replica)

    def set_replica_weights_from_file(self, model_file: str | Path, i_replica: int = 0) -> None:
        """Set the weights of one replica to those of the single replica in a file, see :meth:`load_weights`."""
        self.set_replica_weights(self._single_replica_weights(model_file, i_replica), i_replica)

    def _single_replica_weights(self, model_file: str | Path, i_replica: int) -> Weights:
        single = self._single_replica_model(i_replica)
        single.load_weights(model_file)
        weights: Weights = single.get_replica_weights(0)
        return weights
