"""What is said about grids and the card of their theory."""

import json

import pytest

pytest.importorskip("pineappl")

from n3fit.theory.tables.grids.notes import notes_on_card
from n3fit.theory.theory_card import TheoryCard

CARD = TheoryCard()


def metadata(**keys: object) -> dict[str, str]:
    return {"theory": json.dumps(keys)}


@pytest.mark.parametrize(
    ("keys", "notes"),
    [
        ({"MW": CARD.MW, "CKM": CARD.CKM}, []),
        ({"CKM": " ".join(f"{float(value):.9f}" for value in CARD.CKM.split())}, []),
        ({"MW": 80.0}, ["coefficient functions made with MW: 80.0 (card: 80.398)"]),
        ({"MW": "heavy"}, ["the theory card in the metadata of the grid is not readable"]),
    ],
)
def test_settings_of_another_card_are_named(keys: dict[str, object], notes: list[str]) -> None:
    assert notes_on_card(metadata(**keys), CARD) == notes


def test_metadata_without_a_card() -> None:
    assert notes_on_card({}, CARD) == []
