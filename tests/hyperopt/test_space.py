"""The search space: rounding rules, conditions, and the keys of a runcard."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.scan_cards import make_space

from n3fit.errors import RuncardError
from n3fit.hyperopt.space import Choice, Number, Parameter, Value, runcard_parameters

FULL = """\
  stopping: {min_epochs: 1e3, max_epochs: 2e3, min_patience: 0.10, max_patience: 0.40}
  positivity: {min_multiplier: 1.01, max_multiplier: 1.10, min_initial: 1, max_initial: 100}
  optimizer:
  - {optimizer_name: Adadelta, learning_rate: {min: 0.008, max: 0.07}}
  - {optimizer_name: RMSprop, learning_rate: {sampling: log, min: 0.01, max: 1.5}, clipnorm: {min: 1.0, max: 2.0}}
  - {optimizer_name: Adadelta, learning_rate: 0.5, clipnorm: 0.1}
  architecture:
    {initializers: ALL, max_drop: 0.15, n_layers: [2, 3], min_units: 10, max_units: 50, activations: [sigmoid, tanh],
     layer_types: [dense]}
"""


def fixed(values: dict[str, Value], seen: list[Parameter] | None = None) -> Callable[[Parameter], Value]:
    def draw(parameter: Parameter) -> Value:
        if seen is not None:
            seen.append(parameter)
        return values[parameter.name]

    return draw


TRAINING: dict[str, Value] = {
    "epochs": 1500.6,
    "stopping_patience": 0.4,
    "positivity.multiplier": 1.05,
    "positivity.initial": 10.0,
    "activation": "sigmoid",
    "initializer": "random_uniform",
    "layer_type": "dense",
    "dropout": 0.05,
    "n_layers": 2,
    "units_1": 10.4,
    "units_2": 49.6,
}


def test_parameters_of_a_trial() -> None:
    """A patience of 0.40 in steps of 0.06 is 0.42; a dropout of 0.05 in steps of 0.03 is 0.06."""
    space = make_space(FULL)
    values = TRAINING | {"optimizer": "RMSprop", "RMSprop.learning_rate": 0.3, "RMSprop.clipnorm": 1.5}
    seen: list[Parameter] = []
    assert space.sample(fixed(values, seen)) == {
        "nodes_per_layer": [10, 50, 8],
        "activation_per_layer": "sigmoid",
        "initializer": "random_uniform",
        "layer_type": "dense",
        "dropout": 0.06,
        "optimizer": {"optimizer_name": "RMSprop", "learning_rate": 0.3, "clipnorm": 1.5},
        "epochs": 1501,
        "stopping_patience": 0.42,
        "stopping_delta": 0.0,
        "threshold_chi2": 1e6,
        "positivity": {"multiplier": 1.05, "initial": 10.0},
        "integrability": {"initial": 10.0},
    }
    assert [parameter.name for parameter in seen] == [
        "epochs", "stopping_patience", "positivity.multiplier", "positivity.initial", "optimizer",
        "RMSprop.learning_rate", "RMSprop.clipnorm", "n_layers", "units_1", "units_2", "activation", "initializer",
        "layer_type", "dropout",
    ]  # fmt: skip


def test_kinds_of_sampling() -> None:
    seen: list[Parameter] = []
    values = TRAINING | {"optimizer": "RMSprop", "RMSprop.learning_rate": 0.3, "RMSprop.clipnorm": 1.5}
    make_space(FULL).sample(fixed(values, seen))
    by_name = {parameter.name: parameter for parameter in seen}
    assert by_name["epochs"] == Number("epochs", 1000, 2000, step=1)
    assert by_name["stopping_patience"] == Number("stopping_patience", 0.1, 0.4, step=pytest.approx(0.06))
    assert by_name["positivity.multiplier"] == Number("positivity.multiplier", 1.01, 1.1)
    assert by_name["positivity.initial"] == Number("positivity.initial", 1, 100, log=True)
    assert by_name["optimizer"] == Choice("optimizer", ("Adadelta", "RMSprop", "Adadelta (2)"))
    assert by_name["RMSprop.learning_rate"] == Number("RMSprop.learning_rate", 0.01, 1.5, log=True)
    assert by_name["RMSprop.clipnorm"] == Number("RMSprop.clipnorm", 1, 2)
    assert by_name["n_layers"] == Choice("n_layers", (2, 3))
    assert by_name["units_1"] == Number("units_1", 10, 50, step=1)
    assert by_name["initializer"] == Choice("initializer", ("glorot_normal", "glorot_uniform", "random_uniform"))
    assert by_name["dropout"] == Number("dropout", 0, 0.15, step=0.03)


@pytest.mark.parametrize(
    ("label", "more", "optimizer"),
    [
        ("Adadelta", {"Adadelta.learning_rate": 0.01}, {"optimizer_name": "Adadelta", "learning_rate": 0.01}),
        ("Adadelta (2)", {}, {"optimizer_name": "Adadelta", "learning_rate": 0.5, "clipnorm": 0.1}),
    ],
)
def test_an_optimiser_has_its_own_numbers(label: str, more: dict[str, Value], optimizer: dict[str, Value]) -> None:
    """The values of the card's own optimiser are not mixed in."""
    assert make_space(FULL).sample(fixed(TRAINING | {"optimizer": label} | more))["optimizer"] == optimizer


@pytest.mark.parametrize(
    ("config", "values", "positivity"),
    [
        ("max_multiplier: 1.1", {"positivity.multiplier": 1.05}, {"multiplier": 1.05}),
        ("min_initial: 1, max_initial: 9", {"positivity.initial": 3.0}, {"initial": 3.0}),
    ],
)
def test_of_positivity_only_what_is_sampled_is_kept(
    config: str, values: dict[str, Value], positivity: dict[str, Value]
) -> None:
    """The card has ``{initial: 10, threshold: 1e6}``."""
    assert make_space(f"  positivity: {{{config}}}\n").sample(fixed(values))["positivity"] == positivity


def test_defaults_of_limits() -> None:
    patience, multiplier = make_space(
        "  stopping: {max_patience: 0.5}\n  positivity: {max_multiplier: 1.5}\n"
    ).parameters()
    assert (patience.low, patience.high, patience.step) == (0, 0.5, 0.1)
    assert (multiplier.low, multiplier.high) == (1, 1.5)
    (patience,) = make_space("  stopping: {min_patience: 0.5}\n").parameters()
    assert (patience.low, patience.high, patience.step) == (0.5, 1, 0.1)


def test_what_is_not_sampled_is_that_of_the_card() -> None:
    sampled = make_space("  stopping: {min_epochs: 10, max_epochs: 20}\n").sample(fixed({"epochs": 15}))
    assert sampled["nodes_per_layer"] == [6, 8]
    assert sampled["activation_per_layer"] == ["tanh", "linear"]
    assert sampled["optimizer"] == {"optimizer_name": "Nadam", "learning_rate": 2e-3, "clipnorm": 6.073e-6}
    assert sampled["positivity"] == {"initial": 10.0, "threshold": 1e6}


def test_nothing_to_sample_is_refused() -> None:
    with pytest.raises(RuncardError, match="hyperscan_config: expected something to sample, received nothing"):
        make_space("  stopping: {}\n")


@given(st.floats(0, 0.9), st.floats(0.01, 1), st.floats(0, 1))
def test_rounded_values_are_multiples_near_the_drawn_ones(low: float, width: float, fraction: float) -> None:
    number = Number("patience", low, min(1.0, low + width), step=(min(1.0, low + width) - low) / 5)
    drawn = number.at(fraction)
    value = number.rounded(drawn)
    assert abs(value - drawn) <= number.step / 2 * (1 + 1e-9)
    assert value / number.step == pytest.approx(round(value / number.step), abs=1e-6)


@given(st.floats(1e-7, 1e-1), st.floats(1.01, 1e6), st.floats(0, 1), st.booleans())
def test_fractions_are_inverted(low: float, ratio: float, fraction: float, log: bool) -> None:
    number = Number("rate", low, low * ratio, log=log)
    value = number.at(fraction)
    assert low * (1 - 1e-12) <= value <= low * ratio * (1 + 1e-12)
    assert number.fraction_of(value) == pytest.approx(fraction, abs=1e-7)


def test_patience_is_at_most_one() -> None:
    """0.35 to 1 in steps of 0.13: the last multiple is 1.04, with which no replica stops either."""
    space = make_space("  stopping: {min_patience: 0.35, max_patience: 1.0}\n")
    assert space.sample(fixed({"stopping_patience": 1.0}))["stopping_patience"] == 1.0
    assert space.sample(fixed({"stopping_patience": 0.35}))["stopping_patience"] == 0.39


@pytest.mark.parametrize(
    ("nodes", "stored", "expected"),
    [
        ([6, 8], "relu", ["relu", "linear"]),
        ([6, 5, 4, 8], ["tanh", "linear"], ["tanh", "tanh", "tanh", "linear"]),
        ([6, 8], ["tanh", "square"], ["tanh", "square"]),
    ],
)
def test_activations_of_a_runcard(nodes: list[int], stored: object, expected: list[str]) -> None:
    trial = {"nodes_per_layer": nodes, "activation_per_layer": stored, "epochs": 5}
    assert runcard_parameters(trial) == {**trial, "activation_per_layer": expected}


def test_at_the_limits() -> None:
    number = Number("rate", 0.1, 0.7, log=True)
    assert (number.at(0), number.at(1)) == (0.1, 0.7)
    assert number.at(0.5) == pytest.approx(math.sqrt(0.07))


def test_another_model_has_no_network() -> None:
    network = "  nodes_per_layer: [6, 8]\n  activation_per_layer: [tanh, linear]\n"
    space = make_space("  stopping: {min_epochs: 50, max_epochs: 100}\n", (network, "  model: grid\n"))
    parameters = space.sample(lambda parameter: 60)
    assert parameters["model"] == "grid"
    assert "nodes_per_layer" not in parameters
    assert "dropout" not in parameters
    assert runcard_parameters(parameters) == parameters
    assert "model" not in make_space().sample(lambda parameter: getattr(parameter, "values", (0.1,))[0])


def test_settings_of_another_model() -> None:
    """Numbers are multiples of a step, and values may be lists; settings that are not sampled are those of the card."""
    config = "  model_settings: {powers: [[0.5, 1], [0.5, 1, 2]], spread: {min: 0.1, max: 0.5, step: 0.1}}\n"
    model = "  model: les_houches\n  model_settings: {spread: 7}\n"
    network = "  nodes_per_layer: [6, 8]\n  activation_per_layer: [tanh, linear]\n"
    space = make_space(config, (network, model))
    powers, spread = space.parameters()
    assert powers == Choice("model_settings.powers", ("[0.5, 1]", "[0.5, 1, 2]"))
    assert spread == Number("model_settings.spread", 0.1, 0.5, step=0.1)
    drawn = space.sample(fixed({powers.name: "[0.5, 1, 2]", spread.name: 0.26}))
    assert drawn["model_settings"] == {"powers": [0.5, 1, 2], "spread": 0.3}
    nodes = make_space("  model_settings: {nodes: {min: 5, max: 50, step: 5}}\n", (network, "  model: grid\n"))
    found = nodes.sample(fixed({"model_settings.nodes": 12.6}))["model_settings"]["nodes"]
    assert (found, type(found)) == (15, int)
