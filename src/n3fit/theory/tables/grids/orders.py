"""Perturbative orders of a grid: those up to the order of a theory card, and what the grid lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pineappl.boc import Order

from n3fit.errors import TheoryError
from n3fit.theory.theory_card import order_name

PowersOfOrder = tuple[int, int, int, int, int]
"""Powers of alpha_s, alpha, log(xi_R), log(xi_F) and log(xi_A)."""


@dataclass(frozen=True)
class OrderSelection:
    """The orders of a grid that enter a table.

    Attributes
    ----------
    mask : (norders,) of bool
    missing : tuple of int
        Orders up to that of the card which the grid lacks: 0 for LO, and so on.
    """

    mask: NDArray[np.bool_]
    missing: tuple[int, ...]


def select_orders(orders: Sequence[Order], *, perturbative_order: int, xi_r: float, xi_f: float) -> OrderSelection:
    """Return the pure QCD orders up to that of a theory card, with the scale logarithms that a variation needs.

    The lowest order is that of the grid with the most powers of alpha_s; orders with more powers of alpha are left out,
    as in the theories of NNPDF without QED.

    Parameters
    ----------
    orders : sequence of pineappl.boc.Order
    perturbative_order : int
        ``PTO`` of the card.
    xi_r, xi_f : float
        Ratios of renormalisation and factorisation scale to those of the grid.

    Raises
    ------
    TheoryError
        The grid has none of the orders, or lacks logarithms.
    """
    varied = xi_r != 1.0 or xi_f != 1.0
    mask = np.array(Order.create_mask(list(orders), perturbative_order + 1, 0, varied), dtype=bool)
    chosen = [order.as_tuple() for order, selected in zip(orders, mask, strict=True) if selected]
    powers = sorted({order[0] for order in chosen if not any(order[2:])})
    if not powers:
        raise TheoryError(
            f"expected orders of QCD up to {order_name(perturbative_order)}, received "
            f"{_describe([order.as_tuple() for order in orders])}"
        )
    lacking = _missing_logarithms(chosen, powers, xi_r=xi_r, xi_f=xi_f)
    if lacking:
        raise TheoryError(
            f"expected {' and '.join(lacking)}, received a grid without",
            hint="build it with the scales of the grid (XIR: 1, XIF: 1), or make a grid with scale logarithms",
        )
    missing = tuple(order for order in range(perturbative_order + 1) if powers[0] + order not in powers)
    return OrderSelection(mask=mask, missing=missing)


def _missing_logarithms(
    chosen: Sequence[PowersOfOrder], powers: Sequence[int], *, xi_r: float, xi_f: float
) -> list[str]:
    """Return the logarithms that compensate a variation at the order above and are not among the orders.

    The factorisation scale enters one order above the lowest; so does the renormalisation scale, if the lowest order
    depends on alpha_s.
    """
    lacking = []
    for name, xi, position, first in (("XIR", xi_r, 2, 1), ("XIF", xi_f, 3, 0)):
        needed = [power for power in powers[1:] if power - 1 in powers and power - 1 >= first]
        absent = [power for power in needed if not any(order[0] == power and order[position] for order in chosen)]
        if xi != 1.0 and absent:
            scale = "renormalisation" if name == "XIR" else "factorisation"
            at = ", ".join(order_name(power - powers[0]) for power in absent)
            lacking.append(f"logarithms of the {scale} scale at {at} ({name}: {xi:g})")
    return lacking


def describe_missing(missing: Sequence[int]) -> str:
    """Return the names of orders: ``LO``, ``NLO and NNLO``."""
    return " and ".join(order_name(order) for order in missing)


def _describe(orders: Sequence[PowersOfOrder]) -> str:
    return ", ".join(f"as^{order[0]} a^{order[1]}" for order in orders if not any(order[2:])) or "none"
