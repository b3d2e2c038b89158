"""The search space of a scan: what ``hyperscan_config`` samples, as parameters of optuna and as keys of a runcard.

The rules are those of nnpdf's scans (arXiv:1907.05075): numbers are drawn uniformly, or uniformly in their logarithm,
and some are rounded afterwards. A parameter has the same name in every trial that has it; whether a trial has it may
depend on its choices: the numbers of units on the number of layers, the settings of an optimiser on the optimiser.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from n3fit.errors import RuncardError
from n3fit.runcard.hyperscan import KEY, HyperscanConfig, NumberRange
from n3fit.runcard.pdf_model import NETWORK_ONLY, has_network
from n3fit.runcard.scanned_settings import SettingRange, scanned_settings

if TYPE_CHECKING:
    from n3fit.runcard import Runcard

STEPS = 5
"""Steps between the limits of the patience and of the dropout."""

Value = str | int | float


@dataclass(frozen=True)
class Choice:
    """A parameter that is one of some values."""

    name: str
    values: tuple[str | int, ...]


@dataclass(frozen=True)
class Number:
    """A parameter between two limits; with a ``step`` its value is rounded to a multiple of that afterwards."""

    name: str
    low: float
    high: float
    log: bool = False
    step: float = 0.0

    def rounded(self, value: float) -> float:
        """Return the value that a trial has for a drawn one.

        >>> Number("patience", 0.1, 0.4, step=0.06).rounded(0.1), Number("epochs", 1000, 2000, step=1).rounded(1500.4)
        (0.12, 1500.0)
        """
        return value if self.step == 0 else float(f"{round(value / self.step) * self.step:.12g}")

    def at(self, fraction: float) -> float:
        """Return the value at a fraction of the way from the lower to the upper limit, in the logarithm if ``log``."""
        if fraction in (0, 1):
            return self.high if fraction else self.low
        if self.log:
            return math.exp((1 - fraction) * math.log(self.low) + fraction * math.log(self.high))
        return (1 - fraction) * self.low + fraction * self.high

    def fraction_of(self, value: float) -> float:
        """Return the fraction that :meth:`at` maps to a value."""
        if self.log:
            return (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return (value - self.low) / (self.high - self.low)


Parameter = Choice | Number


class Draw(Protocol):
    """A source of the values of parameters, such as a trial of optuna."""

    def __call__(self, parameter: Parameter) -> Value:
        """Return the value of a parameter: one of the values of a choice, or a number between the limits."""


class SearchSpace:
    """What a card samples.

    Parameters
    ----------
    config : HyperscanConfig
        Of the card, or of another scan that it names.
    card : Runcard
        Its ``parameters`` are those of every trial, but for what is sampled.

    Raises
    ------
    RuncardError
        Nothing is sampled.
    """

    def __init__(self, config: HyperscanConfig, card: Runcard) -> None:
        if not config.sampled_keys:
            hint = "such as optimizer, architecture, model_settings, stopping or positivity"
            raise RuncardError(f"{card.where((KEY,))}: expected something to sample, received nothing", hint=hint)
        self._config = config
        network = has_network(card)
        absent = {"model"} if network else set(NETWORK_ONLY)
        self._base = card.parameters.model_dump(exclude_none=True, exclude=absent)
        self._settings = scanned_settings(config.model_settings)
        self._outputs = card.parameters.nodes_per_layer[-1] if network else 0

    def sample(self, draw: Draw) -> dict[str, Any]:
        """Return the keys ``parameters`` of one trial in the form of ``tries.json``.

        A sampled ``activation_per_layer`` is one name; :func:`runcard_parameters` repeats it.

        Parameters
        ----------
        draw : callable
            Called with each parameter that the trial has; those that depend on a choice come after it.
        """
        parameters = {**self._base, **dict(self._training(draw)), **dict(self._network(draw))}
        if self._settings:
            parameters["model_settings"] = {**self._base.get("model_settings", {}), **dict(self._of_model(draw))}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in parameters.items()}

    def parameters(self) -> list[Parameter]:
        """Return all parameters of a space without conditions, those of the first values of all choices otherwise."""
        found: list[Parameter] = []

        def first(parameter: Parameter) -> Value:
            found.append(parameter)
            return parameter.values[0] if isinstance(parameter, Choice) else parameter.low

        self.sample(first)
        return found

    def _training(self, draw: Draw) -> Iterator[tuple[str, Any]]:
        stopping = self._config.stopping
        if stopping.min_epochs is not None and stopping.max_epochs is not None:
            epochs = Number("epochs", stopping.min_epochs, stopping.max_epochs, step=1)
            yield "epochs", int(epochs.rounded(float(draw(epochs))))
        if "stopping_patience" in self._config.sampled_keys:
            lowest = 0.0 if stopping.min_patience is None else stopping.min_patience
            highest = 1.0 if stopping.max_patience is None else stopping.max_patience
            patience = Number("stopping_patience", lowest, highest, step=(highest - lowest) / STEPS)
            # a patience above 1 means the same: no replica stops before the last epoch
            yield "stopping_patience", min(1.0, patience.rounded(float(draw(patience))))
        if "positivity" in self._config.sampled_keys:
            yield "positivity", dict(self._positivity(draw))
        if self._config.optimizer:
            yield "optimizer", dict(self._optimizer(draw))

    def _positivity(self, draw: Draw) -> Iterator[tuple[str, float]]:
        limits = self._config.positivity
        if limits.max_multiplier is not None:
            lowest = 1.0 if limits.min_multiplier is None else limits.min_multiplier
            yield "multiplier", float(draw(Number("positivity.multiplier", lowest, limits.max_multiplier)))
        if limits.min_initial is not None and limits.max_initial is not None:
            initial = Number("positivity.initial", limits.min_initial, limits.max_initial, log=True)
            yield "initial", float(draw(initial))

    def _optimizer(self, draw: Draw) -> Iterator[tuple[str, Any]]:
        labels = distinct_labels([entry.optimizer_name for entry in self._config.optimizer])
        label = str(draw(Choice("optimizer", labels)))
        entry = self._config.optimizer[labels.index(label)]
        yield "optimizer_name", entry.optimizer_name
        for option in ("learning_rate", "clipnorm"):
            limits: NumberRange | None = getattr(entry, option)
            if limits is not None and limits.fixed:
                yield option, limits.min
            elif limits is not None:
                number = Number(f"{label}.{option}", limits.min, limits.max, log=limits.sampling == "log")
                yield option, float(draw(number))

    def _network(self, draw: Draw) -> Iterator[tuple[str, Any]]:
        network = self._config.architecture
        if network.n_layers and network.min_units is not None and network.max_units is not None:
            count = int(draw(Choice("n_layers", _unique(network.n_layers))))
            layers = [Number(f"units_{k}", network.min_units, network.max_units, step=1) for k in range(1, count + 1)]
            units = [int(layer.rounded(float(draw(layer)))) for layer in layers]
            yield "nodes_per_layer", [*units, self._outputs]
        for name, key, values in (
            ("activation", "activation_per_layer", network.activations),
            ("initializer", "initializer", network.initializers),
            ("layer_type", "layer_type", network.layer_types),
        ):
            if values:
                yield key, str(draw(Choice(name, _unique(values))))
        if network.max_drop is not None:
            dropout = Number("dropout", 0.0, network.max_drop, step=network.max_drop / STEPS)
            yield "dropout", dropout.rounded(float(draw(dropout)))

    def _of_model(self, draw: Draw) -> Iterator[tuple[str, Any]]:
        for setting, given in self._settings.items():
            name = f"model_settings.{setting}"
            if isinstance(given, SettingRange):
                number = Number(name, given.min, given.max, log=given.sampling == "log", step=given.step or 0.0)
                yield setting, given.value(float(draw(number)))
            else:
                labels = tuple(map(repr, given))  # values may be lists
                yield setting, given[labels.index(str(draw(Choice(name, labels))))]


def runcard_parameters(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys ``parameters`` of a runcard for those of a trial in ``tries.json``.

    Hidden layers have the one activation, and the last layer is linear; where a list of activations has another length
    than the network, its first one is repeated. Parameters of another PDF model are returned as they are.

    >>> runcard_parameters({"nodes_per_layer": [9, 7, 8], "activation_per_layer": "tanh"})["activation_per_layer"]
    ['tanh', 'tanh', 'linear']
    """
    if "nodes_per_layer" not in stored:
        return dict(stored)
    count = len(stored["nodes_per_layer"])
    activations = stored["activation_per_layer"]
    if isinstance(activations, str):
        activations = [activations] * (count - 1) + ["linear"]
    elif len(activations) != count:
        activations = [activations[0]] * (count - 1) + [activations[-1]]
    return {**stored, "activation_per_layer": list(activations)}


def distinct_labels(names: Sequence[str]) -> tuple[str, ...]:
    """Return a label for each name; repeated names are numbered.

    >>> distinct_labels(["Nadam", "Adam", "Nadam"])
    ('Nadam', 'Adam', 'Nadam (2)')
    """
    counted = [names[: index + 1].count(name) for index, name in enumerate(names)]
    return tuple(name if count == 1 else f"{name} ({count})" for name, count in zip(names, counted, strict=True))


def _unique(values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))
