"""Choices of data sets for new runcards."""

from pathlib import Path

import pytest

from n3fit.errors import CommandLineError
from n3fit.runcard import read_runcard
from n3fit.runcard.data_presets import PRESETS, ChosenData

RUNCARDS = Path(__file__).parents[2] / "runcards"


@pytest.mark.parametrize("name", ["dis", "dis_nnpdf40"])
def test_choices_are_those_of_the_runcards(name: str) -> None:
    card = read_runcard(RUNCARDS / f"{name}.yml")
    entries = {(entry.dataset, entry.variant, entry.cfac) for entry in card.dataset_inputs}
    assert {(chosen.name, chosen.variant, chosen.cfac) for chosen in PRESETS[name]} == entries


@pytest.mark.parametrize("text", ["A", "A:legacy", "A:legacy:QCD", "A::QCD+NRM"])
def test_text_form(text: str) -> None:
    assert ChosenData.parse(text).text == text


@pytest.mark.parametrize("text", ["", ":legacy", "A:b:c:d", "A b"])
def test_other_texts_are_errors(text: str) -> None:
    with pytest.raises(CommandLineError, match="expected NAME, NAME:VARIANT"):
        ChosenData.parse(text)
