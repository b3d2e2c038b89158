"""Runcard keys under ``trial_specs``: replicas that take the network and its training from the trials of a scan."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from n3fit.runcard.values import (
    Fraction,
    Kind,
    ListAsTuple,
    NonNegativeInteger,
    NonNegativeNumber,
    Number,
    PositiveInteger,
    PositiveNumber,
    RuncardSection,
    Text,
    list_names,
    one_of,
    shown_default,
)
from n3fit.vocabulary import ACTIVATIONS, INITIALIZERS, LAYER_TYPES, OPTIMIZERS

NETWORK_KEYS = (
    *("nodes_per_layer", "activation_per_layer", "initializer", "layer_type", "dropout"),
    *("optimizer", "learning_rate", "clipnorm", "epochs", "stopping_patience"),
)
"""Keys of ``parameters`` that a trial gives, so that the runcard must not have them."""

_OF_TRIAL = shown_default("that of the trial")
_NAMES = {"type": "string", "enum": list(ACTIVATIONS)}


def _names(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class TrialOverride(RuncardSection):
    """Values for all trials in place of their own."""

    nodes_per_layer: Annotated[ListAsTuple[PositiveInteger], Field(min_length=1)] | None = Field(
        default=None, description="units of each layer", json_schema_extra=_OF_TRIAL
    )
    activation_per_layer: (
        Annotated[
            ListAsTuple[Annotated[str, one_of(*ACTIVATIONS)]],
            Field(min_length=1),
            BeforeValidator(_names),
            WithJsonSchema({"anyOf": [_NAMES, {"type": "array", "items": _NAMES, "minItems": 1}]}),
            Kind("activation or list of activations"),
        ]
        | None
    ) = Field(
        default=None,
        description="activation of all hidden layers, the last layer being linear; or one for each layer",
        json_schema_extra=_OF_TRIAL,
    )
    number_of_layers: PositiveInteger | None = Field(
        default=None,
        description="number of hidden layers, which must be that of nodes_per_layer",
        json_schema_extra=_OF_TRIAL,
    )
    initializer: Annotated[str, one_of(*INITIALIZERS), Kind(list_names(INITIALIZERS))] | None = Field(
        default=None, description="distribution of the initial weights", json_schema_extra=_OF_TRIAL
    )
    layer_type: Annotated[str, one_of(*LAYER_TYPES), Kind(list_names(LAYER_TYPES))] | None = Field(
        default=None, description="one network for all flavours, or one for each", json_schema_extra=_OF_TRIAL
    )
    dropout: Annotated[Number, Field(ge=0, lt=1)] | None = Field(
        default=None, description="fraction of units dropped", json_schema_extra=_OF_TRIAL
    )
    optimizer: Annotated[str, one_of(*OPTIMIZERS), Kind(list_names(OPTIMIZERS))] | None = Field(
        default=None, description="name of the optimiser", json_schema_extra=_OF_TRIAL
    )
    learning_rate: NonNegativeNumber | None = Field(default=None, description="step size", json_schema_extra=_OF_TRIAL)
    clipnorm: NonNegativeNumber | None = Field(
        default=None, description="largest norm of the gradient of one variable", json_schema_extra=_OF_TRIAL
    )
    epochs: PositiveInteger | None = Field(default=None, description="epochs to train", json_schema_extra=_OF_TRIAL)
    stopping_patience: Fraction | None = Field(
        default=None, description="fraction of the epochs without a better validation loss", json_schema_extra=_OF_TRIAL
    )
    initial: PositiveNumber | None = Field(
        default=None,
        description="first value of the multipliers of the positivity sets",
        json_schema_extra=_OF_TRIAL,
    )

    @property
    def values(self) -> dict[str, Any]:
        """The values that the card contains, by key."""
        return self.model_dump(exclude_none=True)


class TrialSpecs(RuncardSection):
    """The trials of a scan that the replicas use: replica r the trial r modulo ``number_of_trials``, 0 the best."""

    hyperscan: Annotated[Text, Field(min_length=1)] = Field(
        description="folder of the scan, or its name in the folder of scans of nnpdf's profile"
    )
    thermalization: NonNegativeInteger = Field(default=0, description="first trials of the scan that are left out")
    number_of_trials: PositiveInteger = Field(description="how many of the best other trials are used")
    override: TrialOverride = Field(
        default_factory=TrialOverride, description="values for all trials in place of their own"
    )

    def trial_of(self, replica: int) -> int:
        """Return the place, among the trials ordered by loss, of the one that a replica uses.

        >>> specs = TrialSpecs(hyperscan="scan", number_of_trials=3)
        >>> [specs.trial_of(replica) for replica in (1, 2, 3, 4)]
        [1, 2, 0, 1]
        """
        return replica % self.number_of_trials
