"""Losses of the outputs of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

LossFunction = Callable[[Any, Any], Any]


def sum_of_prediction(y_true: Any, y_pred: Any) -> Any:
    """Compute the sum of an output that is a loss already; the target has no effect."""
    return ops.sum(y_pred)


@dataclass(frozen=True)
class Losses:
    """The loss of each output of a model, in the order of the outputs.

    Parameters
    ----------
    names : tuple of str
        Names of the outputs.
    functions : tuple of function or None
        ``function(y_true, y_pred)``; its result is averaged, as Keras does. None: the output is monitored only.
    """

    names: tuple[str, ...]
    functions: tuple[LossFunction | None, ...]

    @classmethod
    def from_argument(cls, loss: Any, names: Sequence[str]) -> Losses:
        """Return the losses of the argument ``loss`` of ``compile``.

        Parameters
        ----------
        loss : None, str, function, loss of Keras, list or dict
            One loss for all outputs, a list with one per output, or a dictionary by name of the output. None for all:
            the outputs are losses themselves and are summed.
        names : sequence of str
            Names of the outputs.

        Raises
        ------
        ValueError
            The list has another length, the dictionary has a key that is not an output, Keras has no loss of a name,
            or no output is trained.
        """
        if loss is None:
            return cls(tuple(names), (sum_of_prediction,) * len(names))
        if isinstance(loss, Mapping):
            unknown = sorted(set(loss) - set(names))
            if unknown:
                raise ValueError(f"the model has no output {', '.join(unknown)}; it has {', '.join(names)}")
            given = [loss.get(name) for name in names]
        elif isinstance(loss, (list, tuple)):
            given = list(loss)
        else:
            given = [loss] * len(names)
        if len(given) != len(names):
            raise ValueError(f"expected one loss for each of {len(names)} outputs, received {len(given)}")
        if all(entry is None for entry in given):
            raise ValueError("at least one output must have a loss, received None for all of them")
        return cls(tuple(names), tuple(None if entry is None else keras.losses.get(entry) for entry in given))

    def evaluate(
        self, outputs: Sequence[Any], targets: Sequence[Any], regularisation: Sequence[Any]
    ) -> tuple[Any, list[Any]]:
        """Compute the total that is minimised and, for the history, the total and the loss of each output."""
        total: Any = 0.0
        row = []
        for function, output, target in zip(self.functions, outputs, targets, strict=True):
            if function is None:
                row.append(ops.sum(output))
                continue
            value = ops.mean(function(ops.cast(target, output.dtype), output))
            row.append(value)
            total = total + value
        for value in regularisation:
            total = total + value
        return total, [total, *row]

    @property
    def history_keys(self) -> list[str]:
        """Keys of the history: ``loss`` and one for each output."""
        return ["loss", *(f"{name}_loss" for name in self.names)]


def targets_of_outputs(target_output: Any, outputs: int) -> list[Any]:
    """Return one target per output from the argument ``target_output`` of ``compile``; zeros if it is None.

    Raises
    ------
    ValueError
        The number of targets is not that of the outputs.
    """
    if target_output is None:
        return [np.zeros((1, 1))] * outputs
    targets = list(target_output) if isinstance(target_output, (list, tuple)) else [target_output]
    if len(targets) != outputs:
        raise ValueError(f"expected one target for each of {outputs} outputs, received {len(targets)}")
    return targets


def per_replica(output: Any) -> Any:
    """Compute the sums (R,) of an output over all its axes but the replica axis.

    The replica axis is the second one, after the batch, or the only one; without any axis there is one replica.
    """
    rank = len(output.shape)
    if rank <= 1:
        return ops.reshape(output, (-1,))
    return ops.sum(output, axis=tuple(axis for axis in range(rank) if axis != 1))
