"""Perturbative orders by name, and conditions on the order of a theory such as ``NNLO+``."""

from __future__ import annotations

import re
from dataclasses import dataclass

EXAMPLE = "an order such as NNLO or N3LO, perhaps with + (and above), - (below) or ! (not)"
_PATTERN = re.compile(r"(?:(?P<letters>N*)|N(?P<number>\d{1,2}))LO(?P<relation>[+!-]?)")


@dataclass(frozen=True)
class OrderCondition:
    """A condition on the perturbative order of a theory.

    Parameters
    ----------
    order : int
        0 for LO, 1 for NLO, and so on, as ``PTO`` in theory cards.
    relation : str
        ``+``: this order and above, ``-``: below it, ``!``: any other order, empty: this order.
    """

    order: int
    relation: str = ""

    def holds(self, order: int) -> bool:
        """Return whether a theory of this order fulfils the condition."""
        if self.relation == "+":
            return order >= self.order
        if self.relation == "-":
            return order < self.order
        return (order == self.order) != (self.relation == "!")


def parse_order(text: str) -> OrderCondition:
    """Return the condition of a text.

    >>> parse_order("NNLO+"), parse_order("N3LO!")
    (OrderCondition(order=2, relation='+'), OrderCondition(order=3, relation='!'))

    Raises
    ------
    ValueError
        The text is not an order with or without a relation.
    """
    found = _PATTERN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"expected {EXAMPLE}, received {text!r}")
    order = len(found["letters"]) if found["number"] is None else int(found["number"])
    return OrderCondition(order, found["relation"])
