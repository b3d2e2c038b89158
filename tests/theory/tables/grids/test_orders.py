"""Orders of a grid that enter a table."""

import pytest

pytest.importorskip("pineappl")

from pineappl.boc import Order

from n3fit.errors import TheoryError
from n3fit.theory.tables.grids.orders import describe_missing, select_orders

DIS = [(0, 0, 0, 0, 0), (1, 0, 0, 0, 0), (1, 0, 0, 1, 0), (2, 0, 0, 0, 0), (2, 0, 1, 0, 0), (2, 0, 0, 1, 0),
       (2, 0, 1, 1, 0), (2, 0, 0, 2, 0)]  # fmt: skip
DRELL_YAN = [(0, 2, 0, 0, 0), (1, 2, 0, 0, 0), (1, 2, 0, 1, 0), (0, 3, 0, 0, 0), (0, 3, 0, 1, 0)]
TOP = [(2, 0, 0, 0, 0), (3, 0, 0, 0, 0)]


def select(orders, order, *, xi_r=1.0, xi_f=1.0):
    selection = select_orders([Order(*powers) for powers in orders], perturbative_order=order, xi_r=xi_r, xi_f=xi_f)
    return [powers for powers, chosen in zip(orders, selection.mask, strict=True) if chosen], selection.missing


def test_orders_up_to_that_of_the_card_without_logarithms_at_central_scales():
    assert select(DIS, 0) == (DIS[:1], ())
    assert select(DIS, 1) == ([DIS[0], DIS[1]], ())
    assert select(DIS, 2) == ([DIS[0], DIS[1], DIS[3]], ())
    assert select(TOP, 1) == (TOP, ())


def test_varied_scales_take_the_logarithms():
    assert select(DIS, 2, xi_f=2.0) == (DIS, ())
    assert select(DIS, 1, xi_r=0.5) == (DIS[:3], ())


def test_orders_of_the_electroweak_coupling_are_left_out():
    assert select(DRELL_YAN, 1, xi_f=2.0) == (DRELL_YAN[:3], ())


def test_missing_orders_are_named():
    chosen, missing = select(DRELL_YAN, 2)
    assert chosen == DRELL_YAN[:2]
    assert describe_missing(missing) == "NNLO"
    assert describe_missing(select(TOP[:1], 2)[1]) == "NLO and NNLO"


def test_logarithms_that_a_variation_needs():
    """The lowest order of top pairs depends on alpha_s, that of Drell-Yan does not."""
    with pytest.raises(TheoryError, match=r"renormalisation scale at NLO \(XIR: 2\)"):
        select(TOP, 1, xi_r=2.0)
    with pytest.raises(TheoryError, match=r"factorisation scale at NLO \(XIF: 0\.5\)"):
        select(TOP, 2, xi_f=0.5)
    assert select(TOP, 0, xi_r=2.0, xi_f=2.0)[0] == TOP[:1]
    assert select(DRELL_YAN, 1, xi_r=2.0)[0] == DRELL_YAN[:3]
    with pytest.raises(TheoryError, match="renormalisation scale at NNLO"):
        select([order for order in DIS if not order[2]], 2, xi_r=2.0)


def test_a_grid_of_none_of_the_orders():
    with pytest.raises(TheoryError, match="expected orders of QCD up to NNLO, received none"):
        select([(1, 0, 0, 1, 0)], 2)
