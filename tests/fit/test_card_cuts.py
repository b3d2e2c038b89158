"""The rules of a runcard: which points they keep, and rules on what is not there."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from support.point_cuts import CC, LHCB, NLO, NNLO, card_of, counts, select

from n3fit.data import load_commondata
from n3fit.errors import DataError, RuncardError, TheoryError
from n3fit.fit.card_cuts import theory_features
from n3fit.runcard import RuncardWarning


def test_default_cuts_follow_the_theory() -> None:
    assert counts(card_of(NNLO)) == (39, 37, 15)
    assert counts(card_of(NLO)) == (39, 47, 17)


def test_theories_without_order_or_scheme_are_refused() -> None:
    features = theory_features({"PTO": 3, "FNS": "FONLL-E", "IC": 0}, 1)
    assert (features.order, features.scheme, features.fitted_charm) == (3, "FONLL-E", False)
    with pytest.raises(TheoryError, match="the card of theory 12: expected the order PTO and .*received None and 'X'"):
        theory_features({"FNS": "X"}, 12)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"drop_internal_rules": [LHCB]}, (39, 37, 17)),
        ({"filter_rules": [{"dataset": CC, "rule": "Q2 > 5000"}]}, (6, 52, 17)),
        ({"filter_rules": [], "added_filter_rules": [{"process_type": "DIS_ALL", "rule": "Q2 > 5000"}]}, (6, 0, 17)),
        ({"added_filter_rules": [{"dataset": LHCB, "rule": "idat != 16", "PTO": "N2LO+"}]}, (39, 37, 14)),
        ({"added_filter_rules": [{"dataset": LHCB, "rule": "idat != 16", "PTO": "NLO"}]}, (39, 37, 15)),
        ({"added_filter_rules": [{"dataset": LHCB, "rule": "idat != 16", "FNS": "FONLL-A"}]}, (39, 37, 15)),
        ({"added_filter_rules": [{"dataset": LHCB, "rule": "idat != 16", "IC": False}]}, (39, 37, 15)),
        ({"datacuts": {"q2min": 5000}}, (6, 0, 15)),
        ({"filter_defaults": {"q2min": 5000, "w2min": 1}}, (6, 0, 15)),
        ({"datacuts": {"use_cuts": "nocuts"}}, (39, 52, 17)),
    ],
)
def test_keys_of_cuts(changes, expected) -> None:
    assert np.count_nonzero(load_commondata(CC, "legacy").q2 > 5000) == 6
    assert counts(card_of(**changes)) == expected


def test_a_limit_with_two_values_is_refused() -> None:
    card = card_of(filter_defaults={"q2min": 4}, datacuts={"q2min": 5})
    with pytest.raises(
        RuncardError, match="datacuts.q2min: expected the value of filter_defaults.q2min, 4, received 5"
    ):
        select(card)
    assert counts(card_of(filter_defaults={"q2min": 5000, "w2min": 1}, datacuts={"q2min": 5000}))[0] == 6


def test_a_limit_that_filter_defaults_leaves_out_is_not_defined() -> None:
    with pytest.raises(DataError, match="expected a variable of this data set, received 'w2min'"):
        select(card_of(filter_defaults={"q2min": 4}))


def test_old_names_in_rules_mean_the_data_set_of_today() -> None:
    sets = [{"dataset": "SLAC_NC_NOTFIXED_P_EM-F2", "variant": "legacy_dw"}]
    rules = [{"dataset": "SLACP_dwsh", "rule": "x > 0.3"}]
    assert counts(card_of(sets=sets)) == (33,)
    assert counts(card_of(sets=sets, added_filter_rules=rules)) == (14,)
    assert counts(card_of(sets=[{"dataset": "SLACP_dwsh"}], added_filter_rules=rules)) == (14,)


def test_rules_about_no_data_set_of_the_fit_are_warned_of() -> None:
    rules = [{"dataset": "CMS_1JET_8TEV_PTY", "rule": "pT > 100"}, {"process_type": "POS_XPDF", "rule": "x > 0.1"}]
    with pytest.warns(RuncardWarning) as caught:
        select(card_of(added_filter_rules=rules))
    assert [str(entry.message) for entry in caught] == [
        "added_filter_rules[0]: the rule is about no data set of this fit: CMS_1JET_8TEV_PTY is not in it",
        "added_filter_rules[1]: the rule is about no data set of this fit: POS_XPDF is not in it",
    ]


def test_names_without_a_default_cut_to_drop_are_warned_of() -> None:
    with pytest.warns(RuncardWarning, match=rf"drop_internal_rules: without effect for {CC}, CMS_1JET_8TEV_PTY: no "):
        select(card_of(drop_internal_rules=[LHCB, CC, "CMS_1JET_8TEV_PTY"]))


def test_rules_on_what_does_not_exist_are_refused_all_at_once() -> None:
    rules = [
        {"dataset": "LHCB_Z0_7TEV_MUON_Z", "rule": "y > 3"},
        {"process_type": "DIS_NCP", "rule": "Q2 > 20"},
        {"dataset": "HERA_CC_318GEV_EP_SIGMARED", "process_type": "DIS_ALL", "rule": "Q2 > 20"},
    ]
    with pytest.raises(RuncardError) as caught:
        select(card_of(added_filter_rules=rules, drop_internal_rules=["LHCB_Z0_7TEV_MUON"]))
    assert caught.value.message.splitlines() == [
        "added_filter_rules[0].dataset: expected the name of a data set, received LHCB_Z0_7TEV_MUON_Z "
        "(did you mean 'LHCB_Z0_7TEV_MUON_Y'?)",
        "added_filter_rules[1].process_type: expected a type of process, received DIS_NCP (did you mean 'DIS_NC'?)",
        "added_filter_rules[2].dataset: expected the name of a data set, received HERA_CC_318GEV_EP_SIGMARED "
        "(did you mean 'HERA_CC_318GEV_EP-SIGMARED'?)",
        "drop_internal_rules[0]: expected the name of a data set, received LHCB_Z0_7TEV_MUON "
        "(did you mean 'LHCB_Z0_7TEV_MUON_Y'?)",
    ]


def test_nothing_is_warned_of_in_a_plain_card() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        select(card_of())
