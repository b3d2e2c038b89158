"""Keys of cards whose theories are built: missing, contradictory, without effect."""

import pytest

from n3fit.errors import TheoryError
from n3fit.theory.cards import load_card
from n3fit.theory.tables.card_keys import check_card, idle_keys


def test_keys_without_effect_depend_on_the_others():
    card = load_card("40001000")
    assert {"Qmc", "alphaqed", "NfFF", "ktThr", "mt"} <= set(idle_keys(card))
    assert not {"DAMPPOWERc", "DAMPPOWERb", "alphas", "MP"} & set(idle_keys(card))
    other = idle_keys(card | {"DAMP": 0, "FNS": "FFNS", "nf0": 5, "TMC": 0})
    assert {"DAMPPOWERc", "DAMPPOWERb", "MP"} <= set(other)
    assert not {"NfFF", "ktThr"} & set(other)
    steps = load_card("41000000")
    assert "IterEv" not in idle_keys(steps)
    assert "IterEv" in idle_keys(steps | {"ModEv": "TRN"})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mc": None, "GF": None}, "708: the theory card lacks mc, GF"),
        ({"PTO": "two"}, "708: PTO: expected int, received 'two'"),
        ({"alphas": [1]}, "708: alphas: expected float"),
        ({"IterEv": 30, "ev_op_iterations": 60}, "one number of steps"),
        ({"IB": 1}, "IB: expected 0, which the tables of n3fit have, received 1"),
        ({"MaxNfAs": 4}, "MaxNfAs: expected 5"),
        ({"alphaz": 0.118}, "expected keys of theory cards, received 'alphaz'"),
    ],
)
def test_cards_that_are_refused(changes, message):
    with pytest.raises(TheoryError, match=message):
        check_card(load_card("708") | changes, source="708")
