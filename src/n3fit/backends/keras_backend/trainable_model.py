"""Model that is compiled, trained in compiled chunks of epochs, and can continue the training of another model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from operator import index
from typing import Any, ClassVar

import keras
import numpy as np
from numpy.typing import NDArray

from n3fit.backends.keras_backend.conversions import evaluate
from n3fit.backends.keras_backend.losses import Losses, per_replica, targets_of_outputs
from n3fit.backends.keras_backend.matrix_precision import with_full_precision
from n3fit.backends.keras_backend.model_inputs import ModelInputs
from n3fit.backends.keras_backend.optimizers import ACCEPTED_OPTIMIZERS, build_optimizer
from n3fit.backends.keras_backend.registry import Registry
from n3fit.backends.keras_backend.replica_model import ReplicaModel
from n3fit.backends.keras_backend.training_loop import TrainingLoop, same_objects
from n3fit.backends.keras_backend.training_run import History, TrainingRun, prepare_callbacks
from n3fit.backends.keras_backend.training_state import TrainingState, random_states

LONGEST_CHUNK = 100
"""Default maximum number of epochs between two returns to the host."""


def _loops() -> Any:
    """Return the module with the training loop of the Keras backend in use."""
    return import_module(f"n3fit.backends.keras_backend.{keras.backend.backend()}_loop")


class TrainableModel(ReplicaModel):
    """Functional Keras model that is trained by the loop of the backend in use.

    Attributes
    ----------
    accepted_optimizers : dict
        Name -> (class, default arguments). Users may add entries; no call changes them.
    """

    accepted_optimizers: ClassVar[Registry] = ACCEPTED_OPTIMIZERS

    _named_inputs: ModelInputs
    target_tensors: list[Any] | None = None
    compute_losses_function: Callable[..., list[Any]] | None = None
    _output_losses: Losses | None = None
    _loop: TrainingLoop | None = None

    def compile(
        self,
        optimizer_name: str = "RMSprop",
        learning_rate: float | NDArray[np.floating] | None = None,
        loss: Any = None,
        target_output: Any = None,
        clipnorm: float | NDArray[np.floating] | None = None,
        **kwargs: Any,
    ) -> None:
        """Set the optimiser and the losses, in place of those of an earlier call.

        Parameters
        ----------
        optimizer_name : str
            One of :attr:`accepted_optimizers`.
        learning_rate : float or (R,) array, optional
            In place of the optimiser's default; zero leaves the weights as they are. An array has one for each replica.
        loss : str, function, loss of Keras, list or dict, optional
            One loss for all outputs, a list with one per output or a dictionary by name: a name of Keras, or a function
            of target and output. None in a list or dictionary: the output is monitored and not trained. By default
            the outputs are losses themselves and their sum is minimised.
        target_output : list or array, optional
            One target per output; zeros by default.
        clipnorm : float or (R,) array, optional
            Maximum norm of the gradient of each variable, for each replica separately; zero means no clipping. An array
            has one for each replica.
        **kwargs
            Other arguments that have a default in :attr:`accepted_optimizers`, such as the momentum of SGD.

        Raises
        ------
        NotImplementedError
            There is no optimiser of this name.
        ValueError
            The number of losses or targets is not that of the outputs, or a number is out of range.

        Warns
        -----
        UserWarning
            Arguments that the optimiser does not have: they have no effect.
        """
        losses = Losses.from_argument(loss, self.unique_output_names)
        targets = targets_of_outputs(target_output, len(self.outputs))
        arguments = {**kwargs, "learning_rate": learning_rate, "clipnorm": clipnorm}
        optimizer = build_optimizer(optimizer_name, registry=self.accepted_optimizers, **arguments)
        super().compile(
            optimizer=optimizer,
            loss=keras.tree.pack_sequence_as(self.output, losses.functions),
            jit_compile=keras.backend.backend() == "jax",
        )
        self._output_losses = losses
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

    @with_full_precision
    def perform_fit(
        self,
        x: Mapping[Any, Any] | None = None,
        y: Any = None,
        epochs: int = 1,
        *,
        callbacks: Iterable[Any] | None = None,
        verbose: Any = False,
        history: str = "all",
        longest_chunk: int = LONGEST_CHUNK,
        initial_epoch: int = 0,
    ) -> History:
        """Train up to exactly ``epochs`` epochs, each of one step on all points.

        Parameters
        ----------
        x : dict, optional
            Values of inputs; the others have their constant values.
        y : list or array, optional
            Targets, in place of those given to :meth:`compile`.
        epochs : int
            Number of epochs.
        callbacks : iterable of keras callbacks, optional
            :mod:`n3fit.backends.keras_backend.callbacks` has callbacks that do not interrupt the compiled loop.
        verbose : bool
            Without effect: nothing is printed.
        history : {"all", "chunk"}
            Keep the losses of every epoch, or only those of the last epoch of each compiled chunk.
        longest_chunk : int
            Maximum number of epochs of one compiled chunk.
        initial_epoch : int
            Number of epochs that an earlier training has done; the first epoch has this number.

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
        losses = self._compiled_losses()
        if history not in ("all", "chunk"):
            raise ValueError(f"history must be 'all' or 'chunk', received {history!r}")
        last = _at_least("epochs", epochs, 0)
        longest = _at_least("longest_chunk", longest_chunk, 1)
        first = _at_least("initial_epoch", initial_epoch, 0)
        inputs = self._named_inputs.arrays(x)
        targets = self.target_tensors if y is None else targets_of_outputs(y, len(self.outputs))
        chosen = [callback for callback in callbacks or () if callback is not None]
        loop = self._training_loop(losses, chosen, last, longest)
        loop.start(inputs, targets or [])
        return TrainingRun(self, loop, chosen, losses.history_keys, last, longest, history == "all").train(first)

    def _compiled_losses(self) -> Losses:
        if self._output_losses is None:
            raise RuntimeError("expected a compiled model: compile the model before training it")
        return self._output_losses

    def _training_loop(self, losses: Losses, callbacks: Sequence[Any], epochs: int, longest: int) -> TrainingLoop:
        """Return the loop of the latest training if it can be used again, else a new one."""
        on_device = prepare_callbacks(self, callbacks, epochs)
        self._build_optimizer()
        loop = self._loop
        if loop is None or not loop.fits(self, on_device, longest):
            loop = _loops().Loop(self, losses, on_device, longest)
            self._loop = loop
        return loop

    def _build_optimizer(self) -> None:
        variables = self.trainable_variables
        if not variables:
            raise ValueError("the model has no trainable weight")
        if not self.optimizer.built:
            self.optimizer.build(variables)
        elif not same_objects(self.optimizer.variables_built_for, variables):
            raise ValueError("the trainable weights have changed since the first training: compile the model again")

    def get_training_state(self) -> TrainingState:
        """Return copies of the trained weights, the variables of the optimiser and the states of random streams.

        A callback may call this between two chunks of a training.

        Raises
        ------
        RuntimeError
            The model has not been compiled.
        """
        variables = self._training_variables()
        if self._loop is not None:
            self._loop.write_back()
        return TrainingState.of(variables)

    def set_training_state(self, state: TrainingState) -> None:
        """Set the state of another training of the same replicas, to continue it.

        Raises
        ------
        RuntimeError
            The model has not been compiled.
        ValueError
            The state is that of another kind of model; nothing has changed then.
        """
        state.write_to(self._training_variables())

    def _training_variables(self) -> list[Any]:
        self._compiled_losses()
        self._build_optimizer()
        return [*self.trainable_variables, *self.optimizer.variables, *random_states(self)]

    @with_full_precision
    def compute_losses(self) -> dict[str, NDArray[Any]]:
        """Compute the outputs on the constant inputs, separately for each replica.

        Returns
        -------
        dict of (R,) arrays
            ``loss``, the sum of all outputs, and ``<output>_loss`` for each of them. The model need not be compiled.

        Raises
        ------
        ValueError
            An input has no constant value.
        """
        if self.compute_losses_function is None:
            self.compute_losses_function = _loops().compile_forward(self)
        outputs = self.compute_losses_function(self._named_inputs.arrays())
        values = [evaluate(per_replica(output)) for output in outputs]
        losses = {f"{name}_loss": value for name, value in zip(self.unique_output_names, values, strict=True)}
        return {"loss": np.asarray(sum(values)), **losses}


def _at_least(name: str, value: Any, lowest: int) -> int:
    number = index(value)
    if number < lowest:
        raise ValueError(f"{name} must be at least {lowest}, received {number}")
    return number
