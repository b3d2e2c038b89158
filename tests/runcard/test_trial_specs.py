"""The keys under trial_specs, and what they change for the other keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.json_schemas import schema_errors

from n3fit.errors import RuncardError
from n3fit.runcard import RuncardWarning, parse_runcard
from n3fit.runcard.json_schema import json_schema
from n3fit.runcard.parameters import Parameters
from n3fit.runcard.trial_specs import NETWORK_KEYS, TrialSpecs
from n3fit.runcard.yaml_reader import parse_yaml

Change = Callable[..., str]

SPECS = "trial_specs: {hyperscan: scan, thermalization: 400, number_of_trials: 10, override: {epochs: 500}}\n"


@pytest.fixture
def trials(changed: Change) -> Callable[..., str]:
    """Return a function that gives a card of trials, the keys of its parameters as in the argument."""
    begin, end = changed().index("parameters:"), changed().index("fitting:")

    def make(parameters: str = "parameters: {threshold_chi2: 3.5}\n", specs: str = SPECS) -> str:
        return changed((changed()[begin:end], specs + parameters))

    return make


def test_parameters_have_no_network(trials: Callable[..., str]) -> None:
    card = parse_runcard(trials())
    assert card.trial_specs is not None
    assert card.trial_specs.number_of_trials == 10
    assert card.trial_specs.override.values == {"epochs": 500}
    assert card.parameters.threshold_chi2 == 3.5
    assert card.parameters.stopping_delta == 0.0
    assert not isinstance(card.parameters, Parameters)
    with pytest.raises(AttributeError):
        assert card.parameters.epochs
    assert card.model_dump()["parameters"]["threshold_chi2"] == 3.5


def test_parameters_may_be_missing(trials: Callable[..., str]) -> None:
    assert parse_runcard(trials("")).parameters.threshold_chi2 == 10.0


def test_replica_r_uses_trial_r_modulo_n() -> None:
    specs = TrialSpecs(hyperscan="scan", number_of_trials=4)
    assert [specs.trial_of(replica) for replica in (1, 2, 3, 4, 5, 8)] == [1, 2, 3, 0, 1, 0]
    assert specs.thermalization == 0


@pytest.mark.parametrize("key", NETWORK_KEYS)
def test_keys_that_a_trial_gives_are_refused(trials: Callable[..., str], key: str) -> None:
    text = trials(f"parameters: {{{key}: 1, threshold_chi2: 3.5}}\n")
    if key == "learning_rate":
        with pytest.warns(RuncardWarning, match=r"parameters.learning_rate: without effect"):
            parse_runcard(text)
        return
    with pytest.raises(RuncardError) as caught:
        parse_runcard(text, name="card")
    assert caught.value.message == (
        f"card:17: parameters.{key}: expected no such key beside trial_specs, where each trial gives it "
        "(remove it, or choose it for all trials with trial_specs.override)"
    )


def test_first_multiplier_of_the_card_has_no_effect(trials: Callable[..., str]) -> None:
    text = trials("parameters: {positivity: {initial: 10, multiplier: 1.05}, integrability: {initial: 10}}\n")
    message = r"parameters.positivity.initial: without effect beside trial_specs, where each trial gives it"
    with pytest.warns(RuncardWarning, match=message) as caught:
        parse_runcard(text)
    assert len(caught) == 1


@pytest.mark.parametrize(
    ("specs", "message"),
    [
        ("{hyperscan: a, thermalization: 1}", "trial_specs.number_of_trials: expected this key"),
        ("{hyperscan: a, number_of_trials: 0}", "trial_specs.number_of_trials: expected at least 1, received 0"),
        ("{hyperscan: a, number_of_trials: 2, thermalization: -1}", "thermalization: expected at least 0"),
        ("{number_of_trials: 2}", "trial_specs.hyperscan: expected this key"),
        ("{hyperscan: a, number_of_trials: 2, trials: 3}", "trial_specs.trials: expected a known key"),
        ("{hyperscan: a, number_of_trials: 2, override: {epoch: 3}}", "override.epoch: expected a known key"),
        ("{hyperscan: a, number_of_trials: 2, override: {optimizer: Nadm}}", "did you mean 'Nadam'"),
        ("[a]", "trial_specs: expected a mapping of keys"),
    ],
)
def test_violations(trials: Callable[..., str], specs: str, message: str) -> None:
    with pytest.raises(RuncardError) as caught:
        parse_runcard(trials(specs=f"trial_specs: {specs}\n"))
    assert message in caught.value.message


def test_other_rules_still_hold(trials: Callable[..., str]) -> None:
    text = trials("parameters: {regularizer_args: {l1: 0.1}}\n").replace("fl: t15", "fl: v15")
    with pytest.raises(RuncardError) as caught:
        parse_runcard(text)
    assert "parameters.regularizer: expected l1_l2 beside regularizer_args" in caught.value.message
    assert "expected a flavour of EVOL" in caught.value.message


def test_schema_for_editors(trials: Callable[..., str], changed: Change) -> None:
    schema = json_schema()
    assert schema_errors(schema, parse_yaml(trials(), "card").data) == []
    assert schema_errors(schema, parse_yaml(changed(), "card").data) == []
    both = parse_yaml(trials("parameters: {epochs: 10}\n"), "card").data
    assert schema_errors(schema, both) == [".parameters.epochs: unknown"]
    without = parse_yaml(changed(("  epochs: 17000\n", "")), "card").data
    assert schema_errors(schema, without) == [".parameters.epochs: required"]
    empty = parse_yaml(changed(("genrep: true", "genrep: true\ntrial_specs:")), "card").data
    assert schema_errors(schema, empty) == []
