"""The theory card: cards of the field are read, and values that no theory has are refused."""

import pytest

from n3fit.errors import TheoryError
from n3fit.theory.theory_card import TheoryCard


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
    [("PTO", 4), ("ModEv", "XYZ"), ("FNS", "FONLL-F"), ("TMC", 4), ("mc", 6.0), ("QED", -1), ("HQ", "RUNNING"),
     ("XIF", 0.0), ("MaxNfPdf", 7), ("NfFF", 2), ("alphas", -0.1), ("nf0", 2),
     ("CKM", "1 0 0"), ("alphas", "many"), ("PTO", 1.5), ("ev_op_iterations", 0), ("backward_inversion", "none")],
)  # fmt: skip
def test_values_that_no_theory_has(key, value):
    with pytest.raises(TheoryError, match=key) as error:
        TheoryCard.from_mapping({key: value}, source="my.yaml")
    assert "my.yaml" in error.value.message


@pytest.mark.parametrize(
    ("changes", "nf0", "nfref"),
    [
        ({"Q0": 1.65}, 4, 5),
        ({"Q0": 1.0}, 3, 5),
        ({"Q0": 1.51}, 4, 5),
        ({"Q0": 1.65, "kcThr": 2.0}, 3, 5),
        ({"Q0": 1.0, "nf0": 4}, 4, 5),
        ({"Q0": 1.65, "Qref": 4.0}, 4, 4),
        ({"Q0": 1.65, "FNS": "FFNS", "NfFF": 3}, 3, 5),
    ],
)
def test_numbers_of_flavours_follow_from_the_scales(changes, nf0, nfref):
    card = TheoryCard.from_mapping(changes)
    assert (card.nf0, card.nfref) == (nf0, nfref)


def test_largest_number_of_flavours():
    cards = [{}, {"MaxNfPdf": 4}, {"FNS": "FFNS", "NfFF": 3}, {"FNS": "FONLL-C", "NfFF": 3}]
    assert [TheoryCard.from_mapping(card).most_flavours for card in cards] == [5, 4, 3, 5]


def test_other_forms_of_the_same_values():
    moduli = [float(text) for text in TheoryCard().CKM.split()]
    assert [float(text) for text in TheoryCard.from_mapping({"CKM": moduli}).CKM.split()] == moduli
    assert TheoryCard.from_mapping({"IterEv": 60}).ev_op_iterations == 60
    assert TheoryCard.from_mapping({"IterEv": 60, "ev_op_iterations": 10}).ev_op_iterations == 10
