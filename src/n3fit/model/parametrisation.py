"""PDF models other than the network: their variables for some replicas, and what n3fit requires of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from n3fit.backends import operations as op
from n3fit.errors import FitError
from n3fit.layers.parametrisation import Parametrisation
from n3fit.pdf_models.initial_values import initial_values
from n3fit.pdf_models.registry import describe_failure
from n3fit.seeds import SeededReplica, with_seeds
from n3fit.vocabulary import PARAMETRISATION_LAYER

if TYPE_CHECKING:
    from n3fit.model.architecture import Architecture

TESTED_X = (1e-9, 1e-4, 0.1, 0.5, 1.0)
"""Values of x at which a model is checked."""

CHANGE = 0.1
"""Change of the variables of one replica on which another one must not depend."""


def build_parametrisation(architecture: Architecture, replicas: Sequence[int | SeededReplica]) -> Parametrisation:
    """Build the layer of a PDF model: ``(1, N, 1)`` to ``(1, R, N, F)``."""
    assert architecture.model is not None
    initial = initial_values(architecture.model, architecture.flavours, with_seeds(replicas, architecture.seed))
    return Parametrisation(architecture.model, architecture.flavours, initial, name=PARAMETRISATION_LAYER)


def check_parametrisation(architecture: Architecture) -> None:
    """Check that a PDF model computes finite values of the right shape, and that replicas do not depend on each other.

    The network needs no check.

    Raises
    ------
    FitError
        The model cannot be used; the message says why.
    """
    if architecture.model is None:
        return
    name = type(architecture.model).__name__
    layer = build_parametrisation(architecture, (1, 2, 3))
    x = np.array(TESTED_X)[np.newaxis, :, np.newaxis]
    before = _evaluate(layer, x, name)
    expected = (1, 3, len(TESTED_X), len(architecture.flavours))
    if before.shape != expected:
        raise FitError(f"PDF model {name}: evaluate: expected a tensor {expected}, received {before.shape}", hint=_HINT)
    if not np.isfinite(before).all():
        places = ", ".join(f"{value:g}" for value in np.array(TESTED_X)[~np.isfinite(before).all(axis=(0, 1, 3))])
        text = f"PDF model {name}: evaluate: expected finite values, received others at x = {places}"
        raise FitError(text, hint=_HINT)
    for weight in layer.weights:
        values = np.array(op.evaluate(weight))
        values[1] += CHANGE
        weight.assign(values)
    after = _evaluate(layer, x, name)
    # the sums of other replicas may be ordered differently, so that equal values may differ in their last digits
    scale = np.abs(before).max()
    if not np.allclose(before[:, [0, 2]], after[:, [0, 2]], rtol=1e-4, atol=1e-5 * scale):
        text = f"PDF model {name}: evaluate: expected replicas that do not depend on each other, received others"
        raise FitError(text, hint="sum over no axis of replicas, the first one of the variables")


_HINT = "see docs/pdf_models.md for what a PDF model computes"


def _evaluate(layer: Any, x: Any, name: str) -> Any:
    try:
        return np.asarray(op.evaluate(layer(op.numpy_to_tensor(x))))
    except Exception as error:  # code of others
        raise FitError(f"PDF model {name}: evaluate failed: {describe_failure(error)}", hint=_HINT) from error
