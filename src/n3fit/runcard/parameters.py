"""Runcard keys under ``parameters``: the network and its training."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from n3fit.lagrange import lagrange_schedule
from n3fit.runcard.values import (
    Integer,
    ListAsTuple,
    NonNegativeNumber,
    Number,
    PositiveInteger,
    PositiveNumber,
    RuncardSection,
    StrictBool,
    one_of,
)
from n3fit.vocabulary import ACTIVATIONS, INITIALIZERS, LAYER_TYPES, OPTIMIZERS, REGULARIZERS


class Optimizer(RuncardSection):
    """The optimiser; missing options keep its defaults."""

    optimizer_name: Annotated[str, one_of(*OPTIMIZERS)] = Field(description="name of the optimiser, such as Nadam")
    learning_rate: NonNegativeNumber | None = Field(default=None, description="step size; 0 freezes the weights")
    clipnorm: NonNegativeNumber | None = Field(
        default=None,
        description="largest norm of the gradient of one variable, for each replica; 0 switches clipping off",
    )
    momentum: Annotated[Number, Field(ge=0, lt=1)] | None = Field(default=None, description="for SGD")
    nesterov: StrictBool | None = Field(default=None, description="for SGD")
    amsgrad: StrictBool | None = Field(default=None, description="for Amsgrad")

    @property
    def options(self) -> dict[str, float | bool]:
        """The options that the card contains, without the name."""
        return self.model_dump(exclude={"optimizer_name"}, exclude_none=True)


class LagrangeMultipliers(RuncardSection):
    """First value and growth of the Lagrange multipliers of one kind of set."""

    initial: PositiveNumber | None = Field(default=None, description="value at the first epoch")
    multiplier: PositiveNumber | None = Field(default=None, description="factor every 100 epochs")

    def schedule(self, maxlambda: float, epochs: int) -> tuple[float, float]:
        """Return ``(initial, multiplier)`` of a set, see :func:`n3fit.lagrange.lagrange_schedule`."""
        return lagrange_schedule(maxlambda, self.initial, self.multiplier, epochs)


class PositivityMultipliers(LagrangeMultipliers):
    """Lagrange multipliers of the positivity sets, and the threshold of the positivity loss."""

    threshold: NonNegativeNumber = Field(default=1e-6, description="positivity passes below this loss")


class RegularizerArguments(RuncardSection):
    """Strengths of the regulariser."""

    l1: NonNegativeNumber = Field(default=0.0, description="factor of the sum of abs(w)")
    l2: NonNegativeNumber = Field(default=0.0, description="factor of the sum of w^2")


class Parameters(RuncardSection):
    """The network and its training."""

    nodes_per_layer: ListAsTuple[PositiveInteger] = Field(
        min_length=1, description="units of each layer; the last: number of fitted flavours"
    )
    activation_per_layer: ListAsTuple[Annotated[str, one_of(*ACTIVATIONS)]] = Field(
        min_length=1, description="activation of each layer: those of Keras and square, square_singlet, modified_tanh"
    )
    initializer: Annotated[str, one_of(*INITIALIZERS)] = Field(
        default="glorot_normal", description="glorot_normal, glorot_uniform or random_uniform"
    )
    layer_type: Annotated[str, one_of(*LAYER_TYPES)] = Field(default="dense", description="dense or dense_per_flavour")
    dropout: Annotated[Number, Field(ge=0, lt=1)] = Field(default=0.0, description="fraction of units dropped")
    regularizer: Annotated[str, one_of(*REGULARIZERS)] | None = Field(default=None, description="l1_l2, or none")
    regularizer_args: RegularizerArguments | None = Field(default=None, description="strengths of the regulariser")
    optimizer: Optimizer = Field(description="the optimiser and its options")
    epochs: PositiveInteger = Field(description="epochs to train, exactly")
    stopping_patience: Annotated[Number, Field(gt=0, le=1)] = Field(
        description="fraction of the epochs without a better validation loss after which a replica stops"
    )
    stopping_delta: NonNegativeNumber = Field(default=0.0, description="smallest gain that counts as better")
    threshold_chi2: PositiveNumber = Field(
        default=10.0, description="epochs with a larger validation chi2 per point are never the best"
    )
    positivity: PositivityMultipliers = Field(
        default_factory=PositivityMultipliers, description="Lagrange multipliers of the positivity sets"
    )
    integrability: LagrangeMultipliers = Field(
        default_factory=LagrangeMultipliers, description="Lagrange multipliers of the integrability sets"
    )
    feature_scaling_points: Annotated[Integer, Field(ge=2)] | None = Field(
        default=None, description="number of points of the feature scaling; replaces the preprocessing at large x"
    )
