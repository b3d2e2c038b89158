"""The theory card refuses what no calculation supports."""

import pytest

from n3fit.errors import TheoryError
from n3fit.theory.theory_card import TheoryCard, reject_unknown_keys


def test_defaults_are_the_embedded_theory():
    card = TheoryCard()
    assert (card.PTO, card.alphas, card.mc, card.mb, card.Q0, card.nf0) == (2, 0.118, 1.51, 4.92, 1.65, 4)
    assert card.squared_thresholds() == pytest.approx((1.51**2, 4.92**2, 172.5**2))


def test_cards_of_the_field_are_read_and_other_keys_left_alone():
    card = TheoryCard.from_mapping({"ID": 400, "alphas": "0.119", "PTO": 1, "SxRes": 0, "nfref": None})
    assert card.alphas == 0.119
    assert card.PTO == 1
    assert card.nfref == 5


@pytest.mark.parametrize(
    ("key", "value"),
    [("PTO", 3), ("ModEv", "XYZ"), ("FNS", "FONLL-D"), ("TMC", 2), ("mc", 6.0), ("alphas", -0.1), ("nf0", 2),
     ("CKM", "1 0 0"), ("alphas", "many"), ("PTO", 1.5), ("ev_op_iterations", 0), ("backward_inversion", "none")],
)  # fmt: skip
def test_values_that_are_not_supported(key, value):
    with pytest.raises(TheoryError, match=key) as error:
        TheoryCard.from_mapping({key: value}, source="my.yaml")
    assert "my.yaml" in error.value.message


def test_unknown_key_gets_the_nearest():
    with pytest.raises(TheoryError, match="alphaS") as error:
        reject_unknown_keys({"alphaS": 0.118}, source="card")
    assert "alphas" in error.value.hint
