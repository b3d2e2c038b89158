"""Theory cards that a user names, and keys that are replaced."""

from pathlib import Path

import pytest

from n3fit.errors import TheoryError
from n3fit.theory.cards import check_keys, load_card, parse_setting
from n3fit.theory.theories import package_folder


def test_a_card_of_nnpdf_data_with_another_coupling():
    card = load_card(708, settings=["AlphaS=0.119", "pto=1"])
    assert (card["ID"], card["alphas"], card["PTO"]) == (708, 0.119, 1)


def test_a_card_from_a_file(tmp_path: Path):
    path = tmp_path / "mine.yaml"
    path.write_text("PTO: 1\nalphas: 0.117\n", encoding="utf-8")
    assert load_card(path) == {"PTO": 1, "alphas": 0.117}
    assert load_card(str(path), settings=["Q0=1.5"])["Q0"] == 1.5


def test_every_key_of_the_cards_of_the_field_is_known():
    cards = sorted((package_folder() / "theory_cards").glob("*.yaml"))
    assert len(cards) > 400
    for path in cards[::7]:
        load_card(path)


def test_unknown_keys_are_all_named():
    with pytest.raises(TheoryError, match="received 'alphaz', 'PT0'") as error:
        check_keys({"alphaz": 0.118, "PT0": 2, "Q0": 1.65}, source="card.yaml")
    assert "did you mean 'alphas'?" in error.value.hint
    assert "did you mean 'PTO'?" in error.value.hint


@pytest.mark.parametrize("text", ["alphas", "alphas=", "=0.119", "alfas=0.119", "PTO={"])
def test_settings_that_cannot_be_understood(text: str):
    with pytest.raises(TheoryError, match="--set"):
        parse_setting(text)


def test_a_card_that_is_missing(tmp_path: Path):
    with pytest.raises(TheoryError, match="nowhere.yaml"):
        load_card(tmp_path / "nowhere.yaml")
    with pytest.raises(TheoryError, match="123456"):
        load_card(123456)
