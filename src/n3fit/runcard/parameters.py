"""Runcard keys under ``parameters``: the network, or another PDF model, and its training."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, JsonValue

from n3fit.lagrange import EPOCHS_PER_UPDATE, lagrange_schedule
from n3fit.runcard.values import (
    Fraction,
    Integer,
    Kind,
    ListAsTuple,
    Name,
    NonNegativeNumber,
    Number,
    PositiveInteger,
    PositiveNumber,
    RuncardSection,
    StrictBool,
    list_names,
    one_of,
    show_value,
    shown_default,
)
from n3fit.vocabulary import (
    ACTIVATIONS,
    BUILT_IN_MODELS,
    CUSTOM_ACTIVATIONS,
    INITIALIZERS,
    LAYER_TYPES,
    NETWORK_MODEL,
    OPTIMIZERS,
    REGULARIZERS,
)


def _shown_default(option: str) -> dict[str, JsonValue]:
    """Return the defaults of an option, with the optimisers that accept it unless all do."""
    accepting: dict[str, list[str]] = {}
    for name, options in OPTIMIZERS.items():
        if option in options:
            accepting.setdefault(show_value(options[option]), []).append(name)
    texts = [
        value if len(names) == len(OPTIMIZERS) else f"{value} for {', '.join(names)}"
        for value, names in accepting.items()
    ]
    return shown_default("; ".join(texts))


class Optimizer(RuncardSection):
    """The optimiser; missing options keep its defaults."""

    optimizer_name: Annotated[str, one_of(*OPTIMIZERS), Kind(list_names(OPTIMIZERS))] = Field(
        description="name of the optimiser"
    )
    learning_rate: NonNegativeNumber | None = Field(
        default=None,
        description="step size; 0 freezes the weights",
        json_schema_extra=_shown_default("learning_rate"),
    )
    clipnorm: NonNegativeNumber | None = Field(
        default=None,
        description="largest norm of the gradient of one variable, for each replica; 0 switches clipping off",
        json_schema_extra=_shown_default("clipnorm"),
    )
    momentum: Annotated[Number, Field(ge=0, lt=1)] | None = Field(
        default=None, description="momentum", json_schema_extra=_shown_default("momentum")
    )
    nesterov: StrictBool | None = Field(
        default=None, description="Nesterov momentum", json_schema_extra=_shown_default("nesterov")
    )
    amsgrad: StrictBool | None = Field(
        default=None,
        description="largest second moment so far instead of the present one",
        json_schema_extra=_shown_default("amsgrad"),
    )

    @property
    def options(self) -> dict[str, float | bool]:
        """The options that the card contains, without the name."""
        return self.model_dump(exclude={"optimizer_name"}, exclude_none=True)


class LagrangeMultipliers(RuncardSection):
    """First value and growth of the Lagrange multipliers of one kind of set."""

    initial: PositiveNumber | None = Field(
        default=None,
        description="value at the first epoch",
        json_schema_extra=shown_default("from multiplier and maxlambda; 1 without multiplier"),
    )
    multiplier: PositiveNumber | None = Field(
        default=None,
        description=f"factor every {EPOCHS_PER_UPDATE} epochs",
        json_schema_extra=shown_default("from initial and maxlambda"),
    )

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


class SharedParameters(RuncardSection):
    """Keys that all replicas share where the others come from the trials of a scan."""

    regularizer: Annotated[str, one_of(*REGULARIZERS), Kind(list_names(REGULARIZERS))] | None = Field(
        default=None, description="regulariser of the weights"
    )
    regularizer_args: RegularizerArguments | None = Field(default=None, description="strengths of the regulariser")
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


class Parameters(SharedParameters):
    """The parametrisation of the PDFs and its training."""

    model: Name = Field(
        default=NETWORK_MODEL,
        description=f"{NETWORK_MODEL}, {', '.join(BUILT_IN_MODELS)}, or a PDF model of an installed package",
    )
    model_settings: Annotated[dict[str, Any], Kind("mapping")] | None = Field(
        default=None,
        description=f"the settings of a model other than {NETWORK_MODEL}, see docs/pdf_models.md",
        json_schema_extra=shown_default("those of the model"),
    )
    nodes_per_layer: ListAsTuple[PositiveInteger] = Field(
        min_length=1, description="units of each layer; the last: number of fitted flavours"
    )
    activation_per_layer: ListAsTuple[Annotated[str, one_of(*ACTIVATIONS), Kind("activation")]] = Field(
        min_length=1, description=f"activation of each layer: those of Keras, and {', '.join(CUSTOM_ACTIVATIONS)}"
    )
    initializer: Annotated[str, one_of(*INITIALIZERS), Kind(list_names(INITIALIZERS))] = Field(
        default="glorot_normal", description="distribution of the initial weights"
    )
    layer_type: Annotated[str, one_of(*LAYER_TYPES), Kind(list_names(LAYER_TYPES))] = Field(
        default="dense", description="one network for all flavours, or one for each"
    )
    dropout: Annotated[Number, Field(ge=0, lt=1)] = Field(default=0.0, description="fraction of units dropped")
    optimizer: Optimizer = Field(description="the optimiser and its options")
    epochs: PositiveInteger = Field(description="epochs to train, exactly")
    stopping_patience: Fraction = Field(
        description="fraction of the epochs without a better validation loss after which a replica stops"
    )


class ModelParameters(Parameters):
    """Another PDF model than the network, whose keys are not needed then."""

    nodes_per_layer: ListAsTuple[PositiveInteger] = Field(default=(), description="without effect")
    activation_per_layer: ListAsTuple[Annotated[str, one_of(*ACTIVATIONS), Kind("activation")]] = Field(
        default=(), description="without effect"
    )
