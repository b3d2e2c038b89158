"""Runcards built in Python, and that no inconsistent one reaches a fit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from n3fit import api
from n3fit.errors import RuncardError
from n3fit.runcard import Runcard, build_runcard, parse_runcard

Change = Callable[..., str]


@pytest.fixture
def content(card_text: str) -> dict[str, Any]:
    """The small card as plain values."""
    return parse_runcard(card_text).model_dump()


@pytest.fixture
def inconsistent(content: dict[str, Any]) -> Runcard:
    """A card that the schema accepts, whose last layer has too few nodes for the basis."""
    parameters = content["parameters"] | {"nodes_per_layer": (25, 20, 7)}
    return Runcard.model_validate(content | {"parameters": parameters})


def test_plain_values_make_the_same_card_as_the_file(content: dict[str, Any], card_text: str) -> None:
    built = build_runcard(content)
    assert built.model_dump() == parse_runcard(card_text).model_dump()
    assert built.source_text == ""


def test_violations_of_schema_and_consistency_are_errors_of_the_runcard(content: dict[str, Any]) -> None:
    with pytest.raises(RuncardError) as caught:
        build_runcard(content | {"nnseed": -1, "genrep": "yes"})
    assert caught.value.message.splitlines() == [
        "runcard: nnseed: expected at least 0, received -1",
        "runcard: genrep: expected true or false, received 'yes'",
    ]
    with pytest.raises(RuncardError) as caught:
        build_runcard(content | {"mcseed": None, "added_filter_rules": [{"rule": "x > 0.1"}]}, name="mine")
    assert caught.value.message.splitlines() == [
        "mine: added_filter_rules[0]: expected dataset, process_type or both, received neither",
        "mine: mcseed: expected an integer (required when genrep is true), received nothing (add a seed)",
    ]


def test_values_inside_tuples_are_named(content: dict[str, Any]) -> None:
    datasets = ({"dataset": "NMC"}, {"dataset": "HERA", "frac": 2.0})
    with pytest.raises(RuncardError, match=r"runcard: dataset_inputs\[1\].frac: expected at most 1, received 2.0"):
        build_runcard(content | {"dataset_inputs": datasets})


@pytest.mark.parametrize("function", [api.fit, api.check])
def test_fits_take_files_only(function: Callable[..., Any], inconsistent: Runcard) -> None:
    with pytest.raises(TypeError):
        function(inconsistent)


@pytest.mark.parametrize("function", [api.fit, api.check])
def test_an_inconsistent_file_is_not_fitted(
    function: Callable[..., Any], changed: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "card.yml").write_text(changed(("[25, 20, 8]", "[25, 20, 7]")))
    with pytest.raises(RuncardError, match=r"card.yml:17: parameters.nodes_per_layer: expected 8 nodes"):
        function("card.yml")
    assert [path.name for path in tmp_path.iterdir()] == ["card.yml"]
