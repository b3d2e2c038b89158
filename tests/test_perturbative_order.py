"""Conditions on the order of a theory."""

import pytest

from n3fit.perturbative_order import parse_order


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("LO", [0]),
        ("NLO", [1]),
        ("NNNLO", [3]),
        ("N3LO", [3]),
        ("N0LO", [0]),
        ("NNLO+", [2, 3, 4]),
        ("N2LO-", [0, 1]),
        ("NLO!", [0, 2, 3, 4]),
        (" NNLO ", [2]),
    ],
)
def test_orders_that_fulfil_a_condition(text, orders) -> None:
    assert [order for order in range(5) if parse_order(text).holds(order)] == orders


@pytest.mark.parametrize("text", ["", "2", "NNLO++", "NNL", "nnlo", "N3", "NN2LO", "LO+ "[:-1] + "x"])
def test_other_texts_are_refused(text) -> None:
    with pytest.raises(ValueError, match="expected an order such as NNLO or N3LO"):
        parse_order(text)
