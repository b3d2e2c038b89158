"""Model with inputs by name and constant values, trained in compiled chunks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from n3fit.backends.keras_backend.forked_processes import check_not_forked
from n3fit.backends.keras_backend.model_inputs import ModelInputs
from n3fit.backends.keras_backend.replica_assignment import (
    NN_LAYER_ALL_REPLICAS,
    NN_PREFIX,
    PREPROCESSING_LAYER_ALL_REPLICAS,
    assign_replicas,
)
from n3fit.backends.keras_backend.replica_weights import (
    get_layer_replica_weights,
    is_stacked_single_replicas,
    set_layer_replica_weights,
)
from n3fit.backends.keras_backend.trainable_model import TrainableModel

__all__ = [
    "NN_LAYER_ALL_REPLICAS",
    "NN_PREFIX",
    "PREPROCESSING_LAYER_ALL_REPLICAS",
    "MetaModel",
    "get_layer_replica_weights",
    "is_stacked_single_replicas",
    "set_layer_replica_weights",
]


class MetaModel(TrainableModel):
    """Functional Keras model whose inputs have names and may have constant values.

    Parameters
    ----------
    input_tensors : dict
        Name -> symbolic input.
    output_tensors : tensor, list or dict of tensors
        The outputs.
    scaler : function, optional
        Applied to the values given in a call, not to the constants.
    input_values : dict, optional
        Name -> constant value. The default of an input made by ``operations.numpy_to_input`` is its array.
    **kwargs
        Arguments of ``keras.Model``, such as ``name``.

    Attributes
    ----------
    x_in : dict
        The constant values.
    required_slots : set
        Names of the inputs without constant value.

    Raises
    ------
    TypeError
        ``input_tensors`` or ``input_values`` is not a dictionary.
    ValueError
        A value belongs to no input.
    ResourceError
        The backend started in another process, from which this one was forked.

    Examples
    --------
    >>> from n3fit.backends import MetaModel, MultiDense, operations as op
    >>> x = op.numpy_to_input(np.linspace(0.1, 1, 5)[:, None])
    >>> pdf = MultiDense(1, replica_seeds=[1, 2], kernel_initializer="glorot_normal", is_first_layer=True)(x)
    >>> model = MetaModel({"x": x}, op.sum(op.pow(pdf, 2), axis=[2, 3]))
    >>> model.compile("Adam", learning_rate=0.01)
    >>> len(model.perform_fit(epochs=7)["loss"])
    7
    >>> model.compute_losses()["loss"].shape
    (2,)
    """

    def __init__(
        self,
        input_tensors: Mapping[Any, Any],
        output_tensors: Any,
        scaler: Callable[[Any], Any] | None = None,
        input_values: Mapping[Any, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        check_not_forked()
        named = ModelInputs(input_tensors, input_values, scaler)
        super().__init__({tensor.name: tensor for tensor in named.tensors.values()}, output_tensors, **kwargs)
        self._named_inputs = named
        self.input_tensors = dict(named.tensors)
        self.x_in = dict(named.constants)
        self.required_slots = set(named.slots)
        assign_replicas(self)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Apply the model to a dictionary of inputs by name, or to any other input that Keras accepts."""
        return super().__call__(self._named_inputs.by_layer_name(inputs), *args, **kwargs)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None, **kwargs: Any) -> Any:
        """Apply the layers; Keras passes ``training`` to models inside models only if it is an explicit argument."""
        return super().call(self._named_inputs.by_layer_name(inputs), training=training, mask=mask, **kwargs)

    def apply_as_layer(self, x: Mapping[Any, Any]) -> tuple[dict[Any, Any], Any]:
        """Apply the model to other input tensors.

        Parameters
        ----------
        x : dict
            Name -> tensor, for the inputs that are replaced; the others stay the model's own.

        Returns
        -------
        inputs : dict
            All input tensors.
        output : tensor or list of tensors
            The output.

        Raises
        ------
        ValueError
            The model has no input of one of the names.
        """
        unknown = [str(key) for key in x if key not in self.input_tensors]
        if unknown:
            raise ValueError(f"the model has no input {', '.join(unknown)}")
        inputs = {**self.input_tensors, **x}
        return inputs, self(inputs)

    def predict(self, x: Mapping[Any, Any] | None = None, **kwargs: Any) -> Any:
        """Compute the outputs as numpy arrays.

        Parameters
        ----------
        x : dict, optional
            Values of inputs; the others have their constant values.
        **kwargs
            Arguments of ``keras.Model.predict``; ``verbose`` is 0 by default.

        Raises
        ------
        ValueError
            An input is missing or unknown.
        ResourceError
            As in the constructor.
        """
        check_not_forked()
        return super().predict(self._named_inputs.arrays(x), **{"verbose": 0, **kwargs})
