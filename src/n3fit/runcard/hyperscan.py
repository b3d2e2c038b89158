"""Runcard keys under ``hyperscan_config``: what a hyperparameter scan samples (arXiv:1907.05075)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from n3fit.runcard.values import (
    Fraction,
    Kind,
    ListAsTuple,
    NonNegativeNumber,
    Number,
    PositiveInteger,
    PositiveNumber,
    RuncardSection,
    Text,
    list_names,
    one_of,
    violation,
)
from n3fit.vocabulary import ACTIVATIONS, INITIALIZERS, LAYER_TYPES, OPTIMIZERS

KEY = "hyperscan_config"
ALL = "ALL"
"""Value of ``architecture.initializers`` that stands for all of them."""

SAMPLINGS = ("uniform", "log")

AtLeastOne = Annotated[Number, Field(ge=1)]


@dataclass(frozen=True)
class OrFixed:
    """Validator of a range of numbers, for which a single number may stand."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of the range with the validator in front."""
        return core_schema.no_info_before_validator_function(self.as_range, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the JSON schema of a range or a number."""
        return {"anyOf": [handler(schema), {"type": "number", "minimum": 0}]}

    def as_range(self, value: Any) -> Any:
        """Return a range for a number, which both its ends are."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return {"min": value, "max": value}
        if not isinstance(value, Mapping | RuncardSection):
            raise violation("a number, or a mapping with min, max and sampling")
        return value


def _all_initializers(value: Any) -> Any:
    return tuple(INITIALIZERS) if value == ALL else value


class NumberRange(RuncardSection):
    """A number that is sampled."""

    min: NonNegativeNumber = Field(description="smallest value")
    max: NonNegativeNumber = Field(description="largest value")
    sampling: Annotated[Literal["uniform", "log"], one_of(*SAMPLINGS), Kind(list_names(SAMPLINGS))] = Field(
        default="uniform", description="uniform in the number, or in its logarithm"
    )

    @property
    def fixed(self) -> bool:
        """Whether there is only one value."""
        return self.min == self.max


FixedOrRange = Annotated[NumberRange, OrFixed(), Kind("number or mapping")]


class ScannedOptimizer(RuncardSection):
    """An optimiser that trials may have."""

    optimizer_name: Annotated[str, one_of(*OPTIMIZERS), Kind(list_names(OPTIMIZERS))] = Field(
        description="name of the optimiser"
    )
    learning_rate: FixedOrRange | None = Field(default=None, description="step size: a number, or a range")
    clipnorm: FixedOrRange | None = Field(
        default=None, description="largest norm of the gradient: a number, or a range"
    )


class ScannedStopping(RuncardSection):
    """Epochs and patience."""

    min_epochs: AtLeastOne | None = Field(default=None, description="fewest epochs; needs max_epochs")
    max_epochs: AtLeastOne | None = Field(default=None, description="most epochs; needs min_epochs")
    min_patience: Fraction | None = Field(default=None, description="smallest stopping_patience; 0 beside max_patience")
    max_patience: Fraction | None = Field(default=None, description="largest stopping_patience; 1 beside min_patience")


class ScannedPositivity(RuncardSection):
    """Lagrange multipliers of the positivity sets; of ``parameters.positivity`` only what is sampled is kept."""

    min_multiplier: PositiveNumber | None = Field(default=None, description="smallest multiplier; 1 beside the largest")
    max_multiplier: PositiveNumber | None = Field(default=None, description="largest multiplier")
    min_initial: PositiveNumber | None = Field(default=None, description="smallest initial value; needs max_initial")
    max_initial: PositiveNumber | None = Field(default=None, description="largest initial value; needs min_initial")


class ScannedArchitecture(RuncardSection):
    """The network; its last layer is that of ``parameters``."""

    n_layers: ListAsTuple[PositiveInteger] = Field(default=(), description="numbers of hidden layers")
    min_units: AtLeastOne | None = Field(default=None, description="fewest units of a hidden layer")
    max_units: AtLeastOne | None = Field(default=None, description="most units of a hidden layer")
    activations: ListAsTuple[Annotated[str, one_of(*ACTIVATIONS), Kind("activation")]] = Field(
        default=(), description="activations of all hidden layers; the last layer is linear"
    )
    initializers: Annotated[
        ListAsTuple[Annotated[str, one_of(*INITIALIZERS), Kind("initializer")]], BeforeValidator(_all_initializers)
    ] = Field(default=(), description=f"initializers, or {ALL}: {', '.join(INITIALIZERS)}")
    layer_types: ListAsTuple[Annotated[str, one_of(*LAYER_TYPES), Kind("layer type")]] = Field(
        default=(), description=f"layer types: {', '.join(LAYER_TYPES)}"
    )
    max_drop: Annotated[Number, Field(gt=0, lt=1)] | None = Field(
        default=None, description="largest dropout; sampled from 0 in steps of a fifth"
    )


class HyperscanConfig(RuncardSection):
    """What a scan samples; a key of ``parameters`` that is sampled must be there too, with any value."""

    stopping: ScannedStopping = Field(default_factory=ScannedStopping, description="epochs and patience")
    positivity: ScannedPositivity = Field(
        default_factory=ScannedPositivity, description="Lagrange multipliers of the positivity sets"
    )
    optimizer: ListAsTuple[ScannedOptimizer] = Field(default=(), description="optimisers, of which a trial has one")
    architecture: ScannedArchitecture = Field(default_factory=ScannedArchitecture, description="the network")
    model_settings: Annotated[dict[str, Any], Kind("mapping")] = Field(
        default_factory=dict,
        description="settings of another PDF model than the network: by name a list of values, or a mapping with min, "
        "max, sampling (uniform or log) and step",
    )
    from_hyperscan: Text | None = Field(
        default=None, description="folder or name of a scan whose hyperscan_config is used instead"
    )
    use_tries_from: Text | None = Field(
        default=None, description="folder or name of a scan whose trials are drawn, better ones more often"
    )

    @property
    def other_scan(self) -> str | None:
        """The key that refers to another scan, beside which the others have no effect; None without one."""
        if self.use_tries_from is not None:
            return "use_tries_from"
        return "from_hyperscan" if self.from_hyperscan is not None else None

    @property
    def sampled_keys(self) -> tuple[str, ...]:
        """The keys of ``parameters`` that are sampled."""
        stopping, positivity, network = self.stopping, self.positivity, self.architecture
        sampled = {
            "epochs": stopping.min_epochs is not None or stopping.max_epochs is not None,
            "stopping_patience": stopping.min_patience is not None or stopping.max_patience is not None,
            "positivity": any(value is not None for _, value in positivity),
            "optimizer": bool(self.optimizer),
            "nodes_per_layer": bool(network.n_layers),
            "activation_per_layer": bool(network.activations),
            "initializer": bool(network.initializers),
            "layer_type": bool(network.layer_types),
            "dropout": network.max_drop is not None,
            "model_settings": bool(self.model_settings),
        }
        return tuple(key for key, is_sampled in sampled.items() if is_sampled)
