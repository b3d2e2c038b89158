"""Kinematic cuts: the selection of points by rules."""

from __future__ import annotations

import numpy as np
import pytest
from support.data import NNLO

from n3fit.data import DEFAULT_LIMITS, Cuts, FilterRule, apply_cuts, default_cuts, load_commondata, select_points
from n3fit.errors import DataError


@pytest.fixture
def dataset(make_dataset):
    x = np.array([0.01, 0.5, 0.9, 0.01])
    q2 = np.array([3.49, 20.0, 20.0, 10.0])
    return make_dataset("A_X", np.arange(1.0, 5.0), 0.1, x=x, q2=q2, kinematics={"x": x, "Q2": q2})


def cuts_of(*rules: FilterRule, **limits: float) -> Cuts:
    return Cuts(rules, {**DEFAULT_LIMITS, **limits}, NNLO)


def test_limits_themselves_are_cut(dataset) -> None:
    kept = apply_cuts(dataset, default_cuts(NNLO))
    np.testing.assert_array_equal(kept.indices, [1, 3])
    np.testing.assert_array_equal(kept.central, [2.0, 4.0])
    exactly = Cuts(default_cuts(NNLO).rules, {**DEFAULT_LIMITS, "q2min": 0.0, "w2min": 20.0}, NNLO)
    np.testing.assert_array_equal(apply_cuts(dataset, exactly).indices, [0, 3])


def test_no_rules_keep_everything(dataset) -> None:
    assert apply_cuts(dataset, cuts_of()) is dataset


def test_other_processes_have_no_cut_on_q2(make_dataset) -> None:
    drell_yan = make_dataset("A_X", [1.0, 2.0], 0.1, process_type="DY_Z_Y", q2=np.full(2, np.nan))
    assert len(apply_cuts(drell_yan, default_cuts(NNLO))) == 2
    positivity = make_dataset("NNPDF_POS_X", [1.0, 2.0], 0.1, process_type="POS_DIS", q2=np.full(2, 1.0))
    assert len(apply_cuts(positivity, default_cuts(NNLO))) == 2


def test_rules_apply_to_their_data_set_or_process(dataset) -> None:
    rules = [
        FilterRule("A_X", None, "x > 0.1"),
        FilterRule("B_X", None, "x > 2"),
        FilterRule(None, "DIS_NC", "W2 < 19"),
        FilterRule(None, "DIS_CC", "x > 3"),
    ]
    np.testing.assert_array_equal(apply_cuts(dataset, cuts_of(*rules)).indices, [2])
    everything = FilterRule(None, "DIS_ALL", "Q2 < 15")
    np.testing.assert_array_equal(apply_cuts(dataset, cuts_of(everything)).indices, [0, 3])


def test_each_rule_says_which_points_it_removes(dataset) -> None:
    rules = [
        FilterRule("A_X", None, "x < 0.6", reason="large x", origin="added_filter_rules[0]"),
        FilterRule("A_X", None, "x > 0"),
        FilterRule("A_X", None, "Q2 < limit", {"limit": "4 * x + 15"}),
    ]
    selection = select_points(dataset, cuts_of(*rules))
    first, second = selection.removals
    assert (first.condition, first.reason, first.origin) == ("x < 0.6", "large x", "added_filter_rules[0]")
    assert second.condition == "Q2 < limit, limit = 4 * x + 15"
    np.testing.assert_array_equal(first.points, [2])
    np.testing.assert_array_equal(second.points, [1, 2])  # 17 and 18.6 are below 20
    np.testing.assert_array_equal(selection.kept, [True, False, False, True])
    part = select_points(dataset.select([2, 3]), cuts_of(*rules))
    np.testing.assert_array_equal(part.removals[0].points, [2])  # rows of the file, not of the part


def test_an_emptied_data_set_names_the_rules(dataset) -> None:
    selection = select_points(dataset, cuts_of(FilterRule("A_X", None, "x > 2", origin="added_filter_rules[3]")))
    assert not selection.kept.any()
    with pytest.raises(
        DataError, match=r"A_X: none of its 4 points passes the cuts: x > 2 \(added_filter_rules\[3\]\)"
    ):
        selection.select()


def test_unknown_kinematics_are_not_cut_silently(make_dataset) -> None:
    q2 = np.array([10.0, np.nan])
    blind = make_dataset("A_X", [1.0, 2.0], 0.1, q2=q2, kinematics={"x": np.full(2, 0.1), "Q2": q2})
    with pytest.raises(DataError, match="default: A_X: w2: rule 'Q2 .*expected a variable .*received 'Q2'"):
        apply_cuts(blind, default_cuts(NNLO))


@pytest.mark.parametrize(
    ("name", "rule", "kept"),
    [
        ("NNPDF_POS_2P24GEV_XGL", "x > 0.1", 10),
        ("NNPDF_POS_2P24GEV_FLL", "x > 5.0e-7", 19),
        ("NNPDF_POS_2P24GEV_F2C", "x < 0.74", 17),
    ],
)
def test_positivity_rules_of_the_standard_runcard(name, rule, kept) -> None:
    dataset = load_commondata(name)
    assert len(dataset) == 20
    cut = apply_cuts(dataset, cuts_of(FilterRule(name, None, rule)))
    value, limit = dataset.kinematics["x"], float(rule.split()[2])
    expected = np.flatnonzero(value > limit if ">" in rule else value < limit)
    np.testing.assert_array_equal(cut.indices, expected)
    assert len(cut) == kept
