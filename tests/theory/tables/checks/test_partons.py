"""References of tables of single parton distributions."""

import numpy as np
import pytest
from support.lowest_order import evolved_toy
from support.synthetic_grids import CARD

from n3fit.data.library_tables import table_uses
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.theory.tables.checks.partons import (
    active_partons,
    integrability_references,
    positivity_references,
    positivity_tables,
)
from n3fit.theory.tables.heavy_quarks import PartonSet
from n3fit.theory.theory_card import TheoryCard


def test_gluon_at_leading_order_in_closed_form() -> None:
    evolution = EvolutionOperators(CARD, standard_xgrid(61, 3e-7))
    tables = positivity_tables(table_uses(), {"NNPDF_POS_GLUON_40", "NMC_NC_EM_P_F2"})
    assert tables == {"NNPDF_POS_GLUON_40": "NNPDF_POS_2P24GEV_XGL"}
    found = positivity_references(tables, evolution)
    (reference,) = found.values()
    options = {"q0": CARD["Q0"], "mb": CARD["mb"], "reference": (CARD["alphas"], CARD["Qref"])}
    for row in (0, 7, 12):
        x = float(reference.places[row].split()[2].rstrip(","))
        # x is rounded in the text: compare where the gluon varies slowly
        expected = evolved_toy(x, np.sqrt(5.0), **options)["g"]
        assert reference.values[row] == pytest.approx(expected, rel=0.02)
    assert reference.may_vanish


def test_integrability_in_closed_form() -> None:
    found = integrability_references(table_uses(), {"INTEGXT8", "INTEGXT3"})
    # at x = 1e-9: T8 = u+ + d+ - 2 s+, the valence is negligible
    x = 1e-9
    sea = 0.1939875 * x**-0.1
    assert found["INTEGXT8"].values[0] == pytest.approx(4 * sea - 4 * 0.2 * 2 * sea, rel=1e-6)
    assert found["INTEGXT3"].values[0] == pytest.approx((5.1072 - 3.06432) * x**0.8 - 2 * 0.1939875 * x**0.9, rel=1e-6)


def test_flavours_that_are_active() -> None:
    card = TheoryCard()
    assert [active_partons(card, q) for q in (1.0, 2.0, 5.0, 500.0)] == [PartonSet(nf) for nf in (3, 4, 5, 5)]
    fixed = TheoryCard(FNS="FFNS", NfFF=3, nf0=3)
    assert active_partons(fixed, 100.0) == PartonSet(3)
