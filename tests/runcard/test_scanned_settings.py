"""Settings of PDF models that a scan samples: what is accepted, and what is refused with the message of a fit."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from support.runcards import change
from support.scan_cards import CARD, CONFIG

from n3fit.errors import RuncardError
from n3fit.runcard import Runcard, parse_runcard
from n3fit.runcard.scanned_settings import SettingRange, scanned_settings

NETWORK = "  nodes_per_layer: [6, 8]\n  activation_per_layer: [tanh, linear]\n"
REST = "  dropout: 0.0\n  initializer: glorot_normal\n  layer_type: dense\n"


def parse(settings: str, model: str = "  model: grid\n") -> Runcard:
    """Read the card of a scan that samples settings of a model."""
    config = f"hyperscan_config:\n  model_settings: {settings}\n"
    return parse_runcard(change(CARD, (CONFIG, config), (NETWORK, model), (REST, "")), name="card", scanned=True)


@pytest.mark.parametrize(
    "settings",
    [
        "{nodes: [10, 20]}",
        "{nodes: {min: 10, max: 40, step: 5}, spread: {min: 0.1, max: 1, sampling: log}}",
        "{smallest: [1e-5, 1.0e-4], spread: [0.1]}",
    ],
)
def test_settings_that_are_accepted(settings: str) -> None:
    config = parse(settings).hyperscan_config
    assert config is not None
    assert config.sampled_keys == ("model_settings",)
    assert scanned_settings(config.model_settings).keys() == config.model_settings.keys()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("{node: [10, 20]}", "node: expected a known key, received 'node' (did you mean 'nodes'?)"),
        ("{nodes: [10, 3, 2]}", "nodes[1]: expected at least 4, received 3"),
        ("{nodes: [10, '20']}", "nodes[1]: expected an integer, received '20' (remove the quotes)"),
        ("{nodes: [10, 10.0]}", "nodes[1]: expected different values, received [10, 10.0] (remove one of two equal "
         "ones)"),
        ("{nodes: []}", "nodes: expected a list with at least 1 entry, received []"),
        ("{nodes: 10}", "nodes: expected a list of values, or a mapping with min, max, sampling and step, received 10 "
         "(write a list for one value too)"),
        ("{nodes: {min: 10, max: 300, step: 10}}", "nodes: expected at most 200, received 300"),
        ("{nodes: {min: 10, max: 40}}", "nodes: expected an integer, received 21.46"),
        ("{nodes: {min: 10, max: 42, step: 5}}", "nodes.max: expected a multiple of step = 5, received 42"),
        ("{nodes: {min: 10, maximum: 40}}", "nodes.maximum: expected a known key, received 'maximum' (did you mean "
         "'max'?)"),
        ("{spread: {min: 2, max: 1}}", "spread.max: expected more than min = 2, received 1"),
        ("{spread: {min: 0, max: 1, sampling: log}}", "spread.min: expected more than 0 for the sampling log, received "
         "0"),
    ],
)  # fmt: skip
def test_settings_that_are_refused(settings: str, message: str) -> None:
    with pytest.raises(RuncardError) as error:
        parse(settings)
    assert str(error.value).splitlines()[0].partition("hyperscan_config.model_settings.")[2] == message


def test_values_beside_the_other_settings_of_the_card() -> None:
    with pytest.raises(RuncardError, match=r"model_settings.powers\[1\]: expected different powers, received \[1, 1\]"):
        parse("{powers: [[0.5], [1, 1]]}", "  model: les_houches\n  model_settings: {spread: 0.1}\n")
    with pytest.raises(RuncardError, match=r"parameters.model: expected a PDF model") as error:
        parse("{powers: [[1]]}", "  model: les_huches\n")
    assert len(str(error.value).splitlines()) == 1


def test_the_network_has_no_settings() -> None:
    with pytest.raises(
        RuncardError, match=r"hyperscan_config.model_settings: expected no such key beside parameters.model"
    ):
        parse("{nodes: [10]}", NETWORK)


def test_values_between_two_limits() -> None:
    assert SettingRange(min=10, max=30).tested() == (10, pytest.approx(17.64), 30)
    assert SettingRange(min=10, max=30, step=5).tested() == (10, 20, 30)
    assert SettingRange(min=0.01, max=1, sampling="log").tested() == pytest.approx((0.01, 0.01 * 100**0.382, 1))
    assert isinstance(SettingRange(min=10, max=30, step=5).value(17.0), int)
    assert isinstance(SettingRange(min=0, max=1, step=0.25).value(0.3), float)
    with pytest.raises(ValidationError, match="more|greater"):
        SettingRange(min=0, max=1, step=0)
