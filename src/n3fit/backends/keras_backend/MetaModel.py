"""The model of n3fit: inputs by name, constant values, and training of many replicas in compiled chunks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from inspect import signature
from operator import index
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np
from numpy.typing import NDArray

from n3fit.backends.keras_backend.conversions import evaluate
from n3fit.backends.keras_backend.loop_protocol import Losses, TrainingLoop, per_replica
from n3fit.backends.keras_backend.model_inputs import ModelInputs
from n3fit.backends.keras_backend.optimizers import ACCEPTED_OPTIMIZERS, build_optimizer
from n3fit.backends.keras_backend.replica_weights import (
    NN_LAYER_ALL_REPLICAS,
    NN_PREFIX,
    PREPROCESSING_LAYER_ALL_REPLICAS,
    get_layer_replica_weights,
    is_stacked_single_replicas,
    set_layer_replica_weights,
)
from n3fit.backends.keras_backend.training_run import History, prepare_callbacks, train
from n3fit.backends.keras_backend.weight_files import read_weights, write_weights

__all__ = [
    "NN_LAYER_ALL_REPLICAS",
    "NN_PREFIX",
    "PREPROCESSING_LAYER_ALL_REPLICAS",
    "MetaModel",
    "get_layer_replica_weights",
    "is_stacked_single_replicas",
    "set_layer_replica_weights",
]

LONGEST_CHUNK = 100
"""Default maximum number of epochs between two returns to the host."""

ReplicaWeights = dict[str, list[NDArray[Any]]]


def _loops() -> Any:
    """Give the module with the training loop of the Keras backend in use."""
    return import_module(f"n3fit.backends.keras_backend.{keras.backend.backend()}_loop")


class MetaModel(keras.Model):
    """Functional Keras model whose inputs have names and may have constant values.

    Parameters
    ----------
    input_tensors : dict
        Name -> symbolic input.
    output_tensors : tensor, list or dict of tensors
        The outputs.
    scaler : function, optional
        Applied to every value that is given in a call; not to the constants.
    input_values : dict, optional
        Name -> constant value. An input made by ``operations.numpy_to_input`` brings its own.
    **kwargs
        Passed on to ``keras.Model``, for instance ``name``.

    Attributes
    ----------
    x_in : dict
        The constant values.
    required_slots : set
        Names of the inputs without constant value.
    single_replica_generator : function or None
        Set by whoever builds the model: gives the same model for one replica, called with the number of the replica
        or, if it takes no argument, without.

    Raises
    ------
    TypeError
        ``input_tensors`` or ``input_values`` is not a dictionary.
    ValueError
        A value belongs to no input.

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

    accepted_optimizers: ClassVar[Mapping[str, tuple[Any, Mapping[str, Any]]]] = ACCEPTED_OPTIMIZERS

    def __init__(
        self,
        input_tensors: Mapping[Any, Any],
        output_tensors: Any,
        scaler: Callable[[Any], Any] | None = None,
        input_values: Mapping[Any, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        named = ModelInputs(input_tensors, input_values, scaler)
        super().__init__({tensor.name: tensor for tensor in named.tensors.values()}, output_tensors, **kwargs)
        self._named_inputs = named
        self.input_tensors = dict(named.tensors)
        self.x_in = dict(named.constants)
        self.required_slots = set(named.slots)
        self.target_tensors: list[Any] | None = None
        self.single_replica_generator: Callable[..., Any] | None = None
        self.compute_losses_function: Callable[..., list[Any]] | None = None
        self._losses: Losses | None = None
        self._loop: TrainingLoop | None = None

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Apply the model to a dictionary of inputs by name (or to what Keras takes)."""
        return super().__call__(self._named_inputs.by_layer_name(inputs), *args, **kwargs)

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Run the layers."""
        return super().call(self._named_inputs.by_layer_name(inputs), *args, **kwargs)

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

    # -- losses and training -------------------------------------------------------------------------------------

    def compile(
        self,
        optimizer_name: str = "RMSprop",
        learning_rate: float | None = None,
        loss: Any = None,
        target_output: Any = None,
        clipnorm: float | None = None,
        **kwargs: Any,
    ) -> None:
        """Choose the optimiser and the losses; what an earlier call has chosen is forgotten.

        Parameters
        ----------
        optimizer_name : str
            One of :attr:`accepted_optimizers`.
        learning_rate : float, optional
            In place of the optimiser's default.
        loss : list, dict, function or str, optional
            One loss per output (or one for all): a function of target and output, or a name that Keras knows. None
            in a list or dictionary: the output is monitored and not trained. By default the outputs are losses
            already and their sum is minimised.
        target_output : list or array, optional
            One target per output; zeros by default.
        clipnorm : float, optional
            Maximum norm of the gradient of each variable, for each replica by itself; zero switches clipping off.
        **kwargs
            Have no effect.

        Raises
        ------
        NotImplementedError
            There is no optimiser of that name.
        ValueError
            The number of losses or targets is not that of the outputs.
        """
        names = self.unique_output_names
        losses = Losses.from_argument(loss, names)
        targets = self._one_target_per_output(target_output)
        optimizer = build_optimizer(optimizer_name, learning_rate=learning_rate, clipnorm=clipnorm)
        super().compile(optimizer=optimizer, jit_compile=keras.backend.backend() == "jax")
        self._losses = losses
        self.target_tensors = targets
        self.compute_losses_function = None
        self._loop = None

    @property
    def unique_output_names(self) -> list[str]:
        """Names of the outputs: those of their layers, numbered if a layer has several."""
        names: list[str] = []
        for name in self.output_names:
            repeats = sum(known == name or known.startswith(f"{name}_output_") for known in names)
            names.append(f"{name}_output_{repeats}" if repeats else name)
        return names

    def _one_target_per_output(self, target_output: Any) -> list[Any]:
        outputs = len(self.outputs)
        if target_output is None:
            return [np.zeros((1, 1))] * outputs
        targets = list(target_output) if isinstance(target_output, (list, tuple)) else [target_output]
        if len(targets) != outputs:
            raise ValueError(f"expected one target for each of {outputs} outputs, received {len(targets)}")
        return targets

    def perform_fit(
        self,
        x: Mapping[Any, Any] | None = None,
        y: Any = None,
        epochs: int = 1,
        *,
        callbacks: Iterable[Any] = (),
        verbose: Any = False,
        history: str = "all",
        longest_chunk: int = LONGEST_CHUNK,
    ) -> History:
        """Train for exactly ``epochs`` epochs, each of one step on all points.

        Parameters
        ----------
        x : dict, optional
            Values of inputs; the constants fill the rest.
        y : list or array, optional
            Targets, in place of those given to :meth:`compile`.
        epochs : int
            Number of epochs.
        callbacks : iterable of keras callbacks
            See :mod:`n3fit.backends.keras_backend.callbacks` for those that let the loop run.
        verbose : bool
            Has no effect: nothing is printed.
        history : {"all", "chunk"}
            Keep the losses of every epoch, or only those of the last epoch of each compiled chunk.
        longest_chunk : int
            Maximum number of epochs of one compiled chunk.

        Returns
        -------
        dict of lists of float
            ``loss`` (what is minimised, regularisation included) and ``<output>_loss`` for each output, summed over
            the replicas, before the update of the epoch.

        Raises
        ------
        RuntimeError
            The model has not been compiled.
        ValueError
            An input is missing or unknown, or a number is out of range.
        """
        if self._losses is None:
            raise RuntimeError("compile the model before training it")
        if index(epochs) < 0 or index(longest_chunk) < 1:
            raise ValueError(f"epochs and longest_chunk must be positive, received {epochs} and {longest_chunk}")
        if history not in ("all", "chunk"):
            raise ValueError(f"history must be 'all' or 'chunk', received {history!r}")
        inputs = self._named_inputs.arrays(x)
        targets = self.target_tensors if y is None else self._one_target_per_output(y)
        chosen = [callback for callback in callbacks if callback is not None]
        loop = self._training_loop(chosen, index(epochs), index(longest_chunk))
        loop.start(inputs, targets or [])
        return train(
            self,
            loop,
            chosen,
            epochs=index(epochs),
            keys=self._losses.history_keys,
            longest=index(longest_chunk),
            every_epoch=history == "all",
        )

    def _training_loop(self, callbacks: Sequence[Any], epochs: int, longest: int) -> TrainingLoop:
        """Give the loop of the latest training if it still fits, else a new one."""
        assert self._losses is not None
        on_device = prepare_callbacks(self, callbacks, epochs)
        self._build_optimizer()
        loop = self._loop
        if loop is None or not loop.fits(self, on_device, longest):
            loop = _loops().Loop(self, self._losses, on_device, longest)
            self._loop = loop
        return loop

    def _build_optimizer(self) -> None:
        variables = self.trainable_variables
        if not variables:
            raise ValueError("the model has no trainable weight")
        if not self.optimizer.built:
            self.optimizer.build(variables)
        elif [id(variable) for variable in self.optimizer._trainable_variables] != [id(v) for v in variables]:
            raise ValueError("the trainable weights have changed since the first training: compile the model again")

    def predict(self, x: Mapping[Any, Any] | None = None, **kwargs: Any) -> Any:
        """Give the outputs as numpy arrays.

        Parameters
        ----------
        x : dict, optional
            Values of inputs; the constants fill the rest.
        **kwargs
            Passed on to ``keras.Model.predict``; nothing is printed unless ``verbose`` says so.

        Raises
        ------
        ValueError
            An input is missing or unknown.
        """
        return super().predict(self._named_inputs.arrays(x), **{"verbose": 0, **kwargs})

    def compute_losses(self) -> dict[str, NDArray[Any]]:
        """Give the outputs on the constant inputs, separately for each replica.

        Returns
        -------
        dict of (R,) arrays
            ``loss``, the sum of all outputs, and ``<output>_loss`` for each of them. No compilation of the model is
            needed.

        Raises
        ------
        ValueError
            An input has no constant value.
        """
        if self.compute_losses_function is None:
            self.compute_losses_function = _loops().compile_forward(self)
        outputs = self.compute_losses_function(self._named_inputs.arrays())
        values = [evaluate(per_replica(output)).copy() for output in outputs]
        losses = {f"{name}_loss": value for name, value in zip(self.unique_output_names, values, strict=True)}
        return {"loss": np.asarray(sum(values)), **losses}

    # -- layers and weights --------------------------------------------------------------------------------------

    def get_layer_re(self, regex: str) -> list[Any]:
        """Give the layers whose name begins with a match of the regular expression."""
        return [layer for layer in self.layers if re.match(regex, layer.name)]

    def set_masks_to(self, names: Iterable[str], val: float = 0.0) -> None:
        """Set the first weight of the layers ``<name>_mask`` to a value.

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
            if np.ndim(values) == 0 and len(weights) == 1:
                values = [np.full(weights[0].shape, values)]
            if np.ndim(values) == 0 or len(values) != len(weights):
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
        wanted = (NN_LAYER_ALL_REPLICAS, PREPROCESSING_LAYER_ALL_REPLICAS)
        found = [layer for layer in self.layers if layer.name in wanted]
        if not found:
            raise ValueError(f"the model has neither a layer {wanted[0]!r} nor a layer {wanted[1]!r}")
        return found

    def get_replica_weights(self, i_replica: int) -> ReplicaWeights:
        """Give copies of the weights of one replica, for the layers ``all_NNs`` and ``preprocessing_factor``.

        Raises
        ------
        IndexError
            There is no such replica.
        ValueError
            The model has none of the two layers.
        """
        return {layer.name: get_layer_replica_weights(layer, i_replica) for layer in self._replica_layers()}

    def set_replica_weights(self, weights: Mapping[str, Sequence[Any]], i_replica: int = 0) -> None:
        """Set the weights of one replica, the inverse of :meth:`get_replica_weights`; the others stay.

        Raises
        ------
        IndexError
            There is no such replica.
        ValueError
            A layer is missing, or the weights differ in number or shape.
        """
        for name, values in weights.items():
            set_layer_replica_weights(self._layer(name), values, i_replica)

    def split_replicas(self) -> list[Any]:
        """Give one model per replica, with copies of the weights.

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
        """Write the weights, and nothing else, to a file of exactly this name.

        Raises
        ------
        n3fit.errors.ResourceError
            The file cannot be written.
        """
        write_weights(self, Path(file))

    def load_weights(self, file: str | Path, **kwargs: Any) -> None:
        """Set the weights from a file written by :meth:`save_weights`.

        Raises
        ------
        n3fit.errors.ResourceError
            The file is missing, broken, not a file of weights, or that of another model.
        """
        read_weights(self, Path(file))

    def load_identical_replicas(self, model_file: str | Path) -> None:
        """Give every replica the weights of the single-replica model in a file."""
        weights = self._single_replica_weights(model_file, 0)
        for i_replica in range(self.num_replicas or 0):
            self.set_replica_weights(weights, i_replica)

    def set_replica_weights_from_file(self, model_file: str | Path, i_replica: int = 0) -> None:
        """Give one replica the weights of the single-replica model in a file."""
        self.set_replica_weights(self._single_replica_weights(model_file, i_replica), i_replica)

    def _single_replica_weights(self, model_file: str | Path, i_replica: int) -> ReplicaWeights:
        single = self._single_replica_model(i_replica)
        single.load_weights(model_file)
        weights: ReplicaWeights = single.get_replica_weights(0)
        return weights
