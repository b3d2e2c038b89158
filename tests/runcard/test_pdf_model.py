"""The PDF model that a runcard names: settings, keys without effect, and what it excludes."""

import warnings
from collections.abc import Callable

import pytest
from support.scan_cards import CARD as SCAN

from n3fit.errors import RuncardError
from n3fit.model.grid_model import GridModel
from n3fit.model.les_houches import LesHouches
from n3fit.runcard import RuncardWarning, parse_runcard
from n3fit.runcard.pdf_model import has_network, known_model, make_model

Change = Callable[..., str]

NETWORK = "  nodes_per_layer: [25, 20, 8]\n  activation_per_layer: [tanh, tanh, linear]\n  initializer: glorot_normal\n"
REST = "  layer_type: dense\n  dropout: 0.0\n"


@pytest.fixture
def with_model(changed: Change) -> Change:
    """Return a function that writes the card with another model, without the keys of the network."""

    def write(model: str, *changes: tuple[str, str]) -> str:
        return changed((NETWORK, f"  model: {model}\n"), (REST, ""), *changes)

    return write


def test_without_the_key_there_is_the_network(card_text: str) -> None:
    card = parse_runcard(card_text)
    assert card.parameters.model == "network"
    assert has_network(card)
    assert make_model(card) is None
    assert known_model(card) is None
    named = parse_runcard(card_text.replace("  epochs:", "  model: network\n  epochs:"))
    assert named.parameters.model_dump() == card.parameters.model_dump()


def test_models_and_settings(with_model: Change) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuncardWarning)
        assert make_model(parse_runcard(with_model("les_houches"))) == LesHouches()
        text = with_model("grid\n  model_settings: {nodes: 30, smallest: 1e-4}")
        card = parse_runcard(text)
    assert make_model(card) == GridModel(nodes=30, smallest=1e-4)
    assert not has_network(card)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("les_huches", "card:17: parameters.model: expected a PDF model: network, les_houches, grid, received "
         "'les_huches' (did you mean 'les_houches'?; see docs/pdf_models.md)"),
        ("'my model'", "card:17: parameters.model: expected a name without spaces, received 'my model'"),
        ("3", "card:17: parameters.model: expected text, received 3 (put quotes around it if text is meant)"),
        ("grid\n  model_settings: 3", "card:18: parameters.model_settings: expected a mapping of keys, received 3"),
        ("grid\n  model_settings: {node: 3}", "card:18: parameters.model_settings.node: expected a known key, received "
         "'node' (did you mean 'nodes'?)"),
        ("grid\n  model_settings: {nodes: 3}", "card:18: parameters.model_settings.nodes: expected at least 4, "
         "received 3"),
        ("grid\n  model_settings:\n    spread: 1\n    nodes: '30'", "card:20: parameters.model_settings.nodes: "
         "expected an integer, received '30' (remove the quotes)"),
        ("les_houches\n  model_settings: {powers: [1, 1]}", "card:18: parameters.model_settings.powers: expected "
         "different powers, received [1, 1] (remove one of two equal ones)"),
        ("les_houches\n  model_settings: {powers: [1, 2, 3, 4, 5]}", "card:18: parameters.model_settings.powers: "
         "expected a list of 4, received [1, 2, 3, 4, 5]"),
        ("network\n  model_settings: {nodes: 3}", "card:18: parameters.model_settings: expected no such key beside "
         "model: network, whose settings are the other keys of parameters, received a mapping (remove it, or name "
         "another model)"),
    ],
)  # fmt: skip
def test_what_is_refused(changed: Change, with_model: Change, model: str, message: str) -> None:
    network = model.startswith("network")
    text = changed((NETWORK, f"  model: {model}\n{NETWORK}")) if network else with_model(model)
    with pytest.raises(RuncardError) as error:
        parse_runcard(text, name="card")
    assert str(error.value).splitlines()[0] == message


def test_the_network_needs_its_keys(changed: Change) -> None:
    with pytest.raises(RuncardError, match=r"parameters.nodes_per_layer: expected this key, received nothing"):
        parse_runcard(changed((NETWORK, "  model: network\n")))


def test_keys_of_the_network_are_named(changed: Change) -> None:
    more = "  regularizer: l1_l2\n  regularizer_args: {l1: 1}\n  feature_scaling_points: 5\n"
    text = changed((NETWORK, f"  model: grid\n{NETWORK}{more}"))
    with pytest.warns(RuncardWarning) as found:
        parse_runcard(text, name="card")
    expected = (
        "card:18: parameters.{nodes_per_layer, activation_per_layer, initializer, layer_type, dropout, regularizer, "
        "regularizer_args, feature_scaling_points}: without effect beside parameters.model: grid"
    )
    assert expected in [str(entry.message) for entry in found]


def test_trials_of_networks_are_refused(card_text: str) -> None:
    text = card_text.replace(NETWORK, "  model: grid\n") + "trial_specs: {hyperscan: scan, number_of_trials: 2}\n"
    with pytest.raises(RuncardError, match=r"parameters.model: expected no such key beside trial_specs"):
        parse_runcard(text)


def test_scans() -> None:
    text = SCAN.replace("  nodes_per_layer: [6, 8]\n  activation_per_layer: [tanh, linear]\n", "  model: grid\n")
    with pytest.raises(RuncardError) as error:
        parse_runcard(text, name="card", scanned=True)
    assert str(error.value) == (
        "card:17: hyperscan_config.architecture: expected no network beside parameters.model: grid, received a mapping "
        "(scan model_settings, the optimiser, the stopping or the positivity)"
    )
    start, end = text.index("hyperscan_config:"), text.index("kfold:")
    with pytest.raises(RuncardError, match=r"use_tries_from: expected no trials of another scan beside"):
        parse_runcard(f"{text[:start]}hyperscan_config: {{use_tries_from: other}}\n{text[end:]}", scanned=True)
