"""Runcards completed by the parameters of a trial."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
from support.scans import PARAMETERS

from n3fit.errors import RuncardError
from n3fit.runcard import Runcard, RuncardWarning, parse_runcard
from n3fit.runcard.trial_runcard import HYPERPARAMETERS, complete_runcard, hyperparameters_of

KEPT = """\
parameters:
  positivity: {initial: 184.8, multiplier: 1.05}
  integrability: {initial: 10, multiplier: null}
  threshold_chi2: 3.5
"""


@pytest.fixture
def card(changed: Callable[..., str]) -> Callable[..., Runcard]:
    """Return a function that reads a card of trials with some overrides."""
    begin, end = changed().index("parameters:"), changed().index("fitting:")

    def read(override: str = "{}") -> Runcard:
        specs = f"trial_specs: {{hyperscan: scan, number_of_trials: 2, override: {override}}}\n"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuncardWarning)
            return parse_runcard(changed((changed()[begin:end], specs + KEPT)))

    return read


def complete(card: Runcard, **changes: Any) -> Runcard:
    return complete_runcard(card, {**PARAMETERS, **changes}, name="tries.json: trial 7")


def test_keys_of_the_trial_and_of_the_card(card: Callable[..., Runcard]) -> None:
    done = complete(card(), threshold_chi2=1.0, integrability={"initial": 3.0}, stopping_delta=0.5)
    parameters = done.parameters
    assert done.trial_specs is None
    assert parameters.nodes_per_layer == (5, 4, 8)
    assert parameters.activation_per_layer == ("tanh", "tanh", "linear")
    assert (parameters.epochs, parameters.stopping_patience, parameters.dropout) == (200, 0.5, 0.0)
    assert parameters.optimizer.optimizer_name == "Nadam"
    assert parameters.optimizer.options == {"learning_rate": 0.01, "clipnorm": 1.0}
    # initial of the trial, multiplier of the card; what the card keeps is not that of the trial
    assert (parameters.positivity.initial, parameters.positivity.multiplier) == (10.0, 1.05)
    assert (parameters.threshold_chi2, parameters.integrability.initial, parameters.stopping_delta) == (3.5, 10, 0)
    assert done.source_text == card().source_text
    assert done.where(("theory",)) == "runcard:10: theory"


def test_it_is_the_card_with_these_keys_written_out(card: Callable[..., Runcard], changed: Callable[..., str]) -> None:
    written = parse_runcard(
        changed(
            ("[25, 20, 8]", "[5, 4, 8]"),
            ("learning_rate: 2.621e-3, clipnorm: 6.073e-6", "learning_rate: 0.01, clipnorm: 1.0"),
            ("epochs: 17000", "epochs: 200"),
            ("stopping_patience: 0.1", "stopping_patience: 0.5"),
            ("{initial: 184.8, multiplier: null}", "{initial: 10.0, multiplier: 1.05}"),
        )
    )
    assert complete(card()).model_dump() == written.model_dump()


def test_overrides(card: Callable[..., Runcard]) -> None:
    override = "{nodes_per_layer: [3, 8], activation_per_layer: sigmoid, epochs: 50, optimizer: Adamax, initial: 2}"
    done = complete(card(override), optimizer={"optimizer_name": "Nadam", "clipnorm": 0.5}).parameters
    assert (done.nodes_per_layer, done.activation_per_layer) == ((3, 8), ("sigmoid", "linear"))
    assert (done.epochs, done.positivity.initial) == (50, 2.0)
    assert (done.optimizer.optimizer_name, done.optimizer.options) == ("Adamax", {"clipnorm": 0.5})
    done = complete(card("{learning_rate: 0.5, clipnorm: 2, number_of_layers: 2, dropout: 0.25}")).parameters
    assert done.optimizer.options == {"learning_rate": 0.5, "clipnorm": 2.0}
    assert done.dropout == 0.25


def test_old_forms_of_a_trial(card: Callable[..., Runcard]) -> None:
    done = complete(card(), optimizer="RMSprop", activation_per_layer=["relu", "tanh", "linear"], positivity={})
    assert done.parameters.optimizer.options == {}
    assert done.parameters.activation_per_layer == ("relu", "tanh", "linear")
    assert done.parameters.positivity.initial == 184.8
    assert hyperparameters_of(done)["learning_rate"] == 0.01  # the default of RMSprop


def test_hyperparameters(card: Callable[..., Runcard]) -> None:
    found = hyperparameters_of(complete(card()))
    assert tuple(found) == HYPERPARAMETERS
    assert found == {
        "optimizer": "Nadam", "learning_rate": 0.01, "clipnorm": 1.0, "epochs": 200, "stopping_patience": 0.5,
        "initial": 10.0, "nodes_per_layer": [5, 4, 8], "number_of_layers": 2, "activation": "tanh",
        "layer_type": "dense", "initializer": "glorot_normal", "dropout": 0.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "override", "message"),
    [
        ({"nodes_per_layer": [5, 7]}, "{}", "parameters.nodes_per_layer: expected 8 nodes in the last layer, one for"),
        ({"epochs": None}, "{}", "epochs: expected this key, received nothing"),
        ({"epochs": 10.5}, "{}", "epochs: expected an integer, received 10.5"),
        ({"activation_per_layer": "tang"}, "{}", "activation_per_layer[0]: expected one of"),
        ({"optimizer": {"optimizer_name": "Adamax", "learning_rate": 1}}, "{}", "expected an option of Adamax"),
        ({}, "{number_of_layers: 3}", "trial_specs.override.number_of_layers: expected 2, the hidden layers of"),
        ({"layer_type": "dense_per_flavour", "dropout": 0.5}, "{}", "parameters.dropout: expected 0 with layer_type"),
    ],
)  # fmt: skip
def test_trials_that_are_no_network_for_the_card(
    card: Callable[..., Runcard], changes: dict[str, Any], override: str, message: str
) -> None:
    with pytest.raises(RuncardError) as caught:
        complete(card(override), **changes)
    assert caught.value.message.startswith("tries.json: trial 7: ")
    assert message in caught.value.message
