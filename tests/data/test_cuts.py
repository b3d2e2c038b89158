"""Kinematic cuts."""

from __future__ import annotations

import numpy as np
import pytest

from n3fit.data import FilterRule, apply_cuts, load_commondata
from n3fit.data.cuts import invariant_mass_squared
from n3fit.errors import DataError


@pytest.fixture
def dataset(make_dataset):
    x = np.array([0.01, 0.5, 0.9, 0.01])
    q2 = np.array([3.49, 20.0, 20.0, 10.0])
    return make_dataset("A_X", np.arange(1.0, 5.0), 0.1, x=x, q2=q2, kinematics={"x": x, "Q2": q2})


def test_limits_themselves_are_cut(dataset) -> None:
    kept = apply_cuts(dataset, q2min=3.49, w2min=12.5)
    np.testing.assert_array_equal(kept.indices, [1, 3])
    np.testing.assert_array_equal(kept.central, [2.0, 4.0])
    exactly = apply_cuts(dataset, q2min=None, w2min=20.0)
    np.testing.assert_array_equal(exactly.indices, [0, 3])


def test_w2_neglects_the_proton_mass() -> None:
    assert invariant_mass_squared(np.array([0.25]), np.array([8.0]))[0] == 24.0


def test_no_limits_keep_everything(dataset) -> None:
    assert apply_cuts(dataset, q2min=None, w2min=None) is dataset


def test_other_processes_are_not_cut(make_dataset) -> None:
    drell_yan = make_dataset("A_X", [1.0, 2.0], 0.1, process_type="DY_Z_Y", q2=np.full(2, np.nan))
    assert len(apply_cuts(drell_yan, q2min=3.49, w2min=12.5)) == 2
    positivity = make_dataset("NNPDF_POS_X", [1.0, 2.0], 0.1, process_type="POS_DIS", q2=np.full(2, 1.0))
    assert len(apply_cuts(positivity, q2min=3.49, w2min=12.5)) == 2


def test_rules_apply_to_their_data_set_or_process(dataset) -> None:
    rules = [
        FilterRule("A_X", None, "x > 0.1"),
        FilterRule("B_X", None, "x > 2"),
        FilterRule(None, "DIS_NC", "W2 < 19"),
        FilterRule(None, "DIS_CC", "x > 3"),
    ]
    np.testing.assert_array_equal(apply_cuts(dataset, q2min=1.0, w2min=None, rules=rules).indices, [2])
    everything = [FilterRule(None, "DIS_ALL", "Q2 < 15")]
    np.testing.assert_array_equal(apply_cuts(dataset, q2min=None, w2min=None, rules=everything).indices, [0, 3])


def test_unknown_kinematics_are_not_cut_silently(make_dataset) -> None:
    blind = make_dataset("A_X", [1.0, 2.0], 0.1, q2=np.array([10.0, np.nan]))
    with pytest.raises(DataError, match="A_X: Q2 is unknown"):
        apply_cuts(blind, q2min=3.49, w2min=None)


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
    cut = apply_cuts(dataset, q2min=3.49, w2min=12.5, rules=[FilterRule(name, None, rule)])
    value, limit = dataset.kinematics["x"], float(rule.split()[2])
    expected = np.flatnonzero(value > limit if ">" in rule else value < limit)
    np.testing.assert_array_equal(cut.indices, expected)
    assert len(cut) == kept
