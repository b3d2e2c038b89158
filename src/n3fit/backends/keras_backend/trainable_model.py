"""Model that is trained in compiled chunks of epochs, and can continue the training of another model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import index
from typing import Any

from n3fit.backends.keras_backend.compiled_model import CompiledModel, loops_of_backend
from n3fit.backends.keras_backend.losses import Losses, targets_of_outputs
from n3fit.backends.keras_backend.matrix_precision import with_full_precision
from n3fit.backends.keras_backend.training_loop import TrainingLoop, same_objects
from n3fit.backends.keras_backend.training_run import History, TrainingRun, prepare_callbacks
from n3fit.backends.keras_backend.training_state import TrainingState, random_states

LONGEST_CHUNK = 100
"""Default maximum number of epochs between two returns to the host."""


class TrainableModel(CompiledModel):
    """Functional Keras model that is trained by the loop of the backend in use."""

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

    def _training_loop(self, losses: Losses, callbacks: Sequence[Any], epochs: int, longest: int) -> TrainingLoop:
        """Return the loop of the latest training if it can be used again, else a new one."""
        on_device = prepare_callbacks(self, callbacks, epochs)
        self._build_optimizer()
        loop = self._loop
        if loop is None or not loop.fits(self, on_device, longest):
            loop = loops_of_backend().Loop(self, losses, on_device, longest)
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


def _at_least(name: str, value: Any, lowest: int) -> int:
    number = index(value)
    if number < lowest:
        raise ValueError(f"{name} must be at least {lowest}, received {number}")
    return number
