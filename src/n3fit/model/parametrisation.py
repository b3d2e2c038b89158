"""PDF models other than the network: their layer, and what n3fit requires of them before they are trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from n3fit.backends import Input, Lambda, MetaModel
from n3fit.backends import operations as op
from n3fit.errors import FitError
from n3fit.layers.parametrisation import Parametrisation
from n3fit.pdf_models import PDFModel
from n3fit.pdf_models.initial_values import initial_values
from n3fit.pdf_models.registry import FAILURES, describe_failure
from n3fit.seeds import SeededReplica, with_seeds
from n3fit.typing import Array
from n3fit.vocabulary import PARAMETRISATION_LAYER

if TYPE_CHECKING:
    from n3fit.model.architecture import Architecture

TESTED_X = (1e-9, 1e-4, 0.1, 1.0, 0.5)
"""Values of x at which a model is checked."""

FEWER = 4
"""How many of them are tested once more without the others."""

CHANGE = 0.1
"""Change of the variables of one replica on which another one must not depend."""

RATE = 1e-3
"""Learning rate of the epoch that is tested."""

Result = TypeVar("Result")

_HINT = "see docs/pdf_models.md for what a PDF model computes"


def build_parametrisation(architecture: Architecture, replicas: Sequence[int | SeededReplica]) -> Parametrisation:
    """Build the layer of a PDF model: ``(1, N, 1)`` to ``(1, R, N, F)``.

    Raises
    ------
    FitError
        The model has no initial values for these replicas.
    """
    model, flavours = architecture.model, architecture.flavours
    assert model is not None
    seeded = with_seeds(replicas, architecture.seed)
    initial = _call(model, "initial_values failed", lambda: initial_values(model, flavours, seeded))
    return Parametrisation(model, flavours, initial, name=PARAMETRISATION_LAYER)


def check_parametrisation(architecture: Architecture) -> None:
    """Check that a PDF model can be trained.

    It must compute finite values of the right shape; those of a replica at one x must not depend on other replicas nor
    on other x; and it must have a compiled form with finite derivatives. The network needs no check.

    Raises
    ------
    FitError
        The model cannot be used; the message says why.
    """
    if architecture.model is None:
        return
    x = np.array(TESTED_X)[np.newaxis, :, np.newaxis]
    layer = build_parametrisation(architecture, (1, 2, 3))
    before = _evaluate(layer, x)
    if not np.isfinite(before).all():
        places = ", ".join(f"{value:g}" for value in np.array(TESTED_X)[~np.isfinite(before).all(axis=(0, 1, 3))])
        raise _refusal(layer, f"expected finite values, received others at x = {places}")
    fewer = _evaluate(layer, x[:, :FEWER])
    if not _same(fewer, before[:, :, :FEWER], before):
        hint = "reduce over no axis of x"
        raise _refusal(layer, "expected values at x that do not depend on other x, received others", hint)
    alone = _evaluate(build_parametrisation(architecture, (2,)), x)
    for weight in layer.weights:
        values = np.array(op.evaluate(weight))
        values[1] += CHANGE
        weight.assign(values)
    after = _evaluate(layer, x)
    if not (_same(alone, before[:, 1:2], before) and _same(after[:, [0, 2]], before[:, [0, 2]], before)):
        hint = "sum over no axis of replicas, the first one of the variables"
        raise _refusal(layer, "expected replicas that do not depend on each other, received others", hint)
    _check_training(build_parametrisation(architecture, (1, 2, 3)), x[:, :FEWER])


def _check_training(layer: Parametrisation, x: Array) -> None:
    """Check one compiled epoch, whose loss is the sum of the squares of the values."""
    x_input = Input(batch_shape=(1, None, 1), name="x")
    losses = Lambda(lambda values: op.sum(values * values, axis=[2, 3]), output_shape=(None,))(layer(x_input))
    model = MetaModel({"x": x_input}, losses)
    model.compile("SGD", learning_rate=RATE, clipnorm=0.0)
    failure = "evaluate failed when compiled"
    hint = "compute with n3fit.backends.operations, not with numpy, and without `if` on values"
    _call(layer.model, failure, lambda: model.perform_fit({"x": x}, epochs=1), hint)
    wrong = [name for name, weight in layer.variables_of_model.items() if not np.isfinite(op.evaluate(weight)).all()]
    if wrong:
        raise _refusal(layer, f"expected finite derivatives, received others for {', '.join(wrong)}")


def _same(one: Array, other: Array, values: Array) -> bool:
    """Return whether values agree; their sums may be ordered differently, so that last digits may differ."""
    return bool(np.allclose(one, other, rtol=1e-4, atol=1e-5 * np.abs(values).max()))


def _evaluate(layer: Parametrisation, x: Array) -> Array:
    """Compute the values of a model, without the layer around it, and check their shape."""
    tensor = op.numpy_to_tensor(x)
    if not layer.built:
        layer.build(x.shape)
    model, variables = layer.model, layer.variables_of_model
    found = _call(model, "evaluate failed", lambda: model.evaluate(tensor, variables, layer.flavours))
    expected = layer.compute_output_shape(x.shape)
    received = getattr(found, "shape", None)
    if received is None or tuple(received) != expected:
        other = f"{found!r:.60}" if received is None else f"one of shape {tuple(received)}"
        raise _refusal(layer, f"expected a tensor of shape {expected}, received {other}")
    values = np.asarray(op.evaluate(found))
    if values.dtype.kind != "f":
        raise _refusal(layer, f"expected real numbers, received a tensor of type {values.dtype}")
    return values


def _refusal(layer: Parametrisation, text: str, hint: str = _HINT) -> FitError:
    return FitError(f"PDF model {type(layer.model).__name__}: evaluate: {text}", hint=hint)


def _call(model: PDFModel, failure: str, function: Callable[[], Result], hint: str = _HINT) -> Result:
    """Return the result of code of a model, whose failure is an error of the fit."""
    kind = type(model)
    try:
        return function()
    except FAILURES as error:
        first: BaseException = error
        while first.__context__ is not None:  # Keras raises others in its place
            first = first.__context__
        raise FitError(f"PDF model {kind.__name__}: {failure}: {describe_failure(first, kind)}", hint=hint) from error
