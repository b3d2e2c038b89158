"""Runcards of three data sets with cuts, and the points that these keep."""

from __future__ import annotations

from typing import Any

from n3fit.fit.point_selection import SelectedPoints, select_fit_points
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter
from n3fit.runcard import Runcard
from n3fit.theory.theories import read_theory_card
from support import problems

CC, CHARM, LHCB = "HERA_CC_318GEV_EP-SIGMARED", "HERA_NC_318GEV_EAVG_CHARM-SIGMARED", "LHCB_Z0_7TEV_MUON_Y"
NNLO, NLO = 708, 701  # theories of which nnpdf-data has the card
SETS = ({"dataset": CC, "variant": "legacy"}, {"dataset": CHARM, "variant": "legacy"}, {"dataset": LHCB})


def card_of(theoryid: int | str = NNLO, sets: Any = SETS, **changes: Any) -> Runcard:
    base = problems.make_runcard().model_dump()
    plain = {"positivity": {}, "integrability": {}, "added_filter_rules": (), "dataset_inputs": sets}
    return Runcard.model_validate(base | plain | {"theory": {"theoryid": theoryid}} | changes)


def select(card: Runcard, paths: SearchPaths | None = None) -> SelectedPoints:
    theory_card = read_theory_card(card.theory.theoryid)
    return select_fit_points(card, theory_card, paths or SearchPaths(), progress=NullReporter())


def counts(card: Runcard) -> tuple[int, ...]:
    return tuple(int(selection.kept.sum()) for selection in select(card).datasets)
