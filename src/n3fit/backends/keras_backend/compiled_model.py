"""Model with an optimiser and losses, whose losses can be computed separately for each replica."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
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
from n3fit.backends.keras_backend.training_loop import TrainingLoop


def loops_of_backend() -> Any:
    """Return the module with the training loop of the Keras backend in use."""
    return import_module(f"n3fit.backends.keras_backend.{keras.backend.backend()}_loop")


class CompiledModel(ReplicaModel):
    """Functional Keras model with the optimiser and the losses of :meth:`compile`.

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
            self.compute_losses_function = loops_of_backend().compile_forward(self)
        outputs = self.compute_losses_function(self._named_inputs.arrays())
        values = [evaluate(per_replica(output)) for output in outputs]
        losses = {f"{name}_loss": value for name, value in zip(self.unique_output_names, values, strict=True)}
        return {"loss": np.asarray(sum(values)), **losses}

    def _compiled_losses(self) -> Losses:
        if self._output_losses is None:
            raise RuntimeError("expected a compiled model: compile the model before training it")
        return self._output_losses
