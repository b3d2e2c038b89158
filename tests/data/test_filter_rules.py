"""Rules of cuts: their scope, their theories and their language."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.data import NNLO

from n3fit.data import FilterRule, TheoryFeatures, load_commondata
from n3fit.errors import DataError, RuncardError


@pytest.fixture
def dataset(make_dataset):
    pt = np.array([10.0, 20.0, 40.0])
    y = np.array([-2.0, 0.5, 1.0])
    values = {"process_type": "DY_NC_PTRAP", "kinematics": {"pT": pt, "y": y, "m_ll2": pt**2}, "cm_energy": 8000.0}
    return make_dataset("A_X", [-3.0, 1.0, 2.0], 0.1, x=np.full(3, np.nan), q2=np.full(3, np.nan), **values)


def kept(dataset, rule: str, **options) -> list[int]:
    return np.flatnonzero(FilterRule("A_X", None, rule, **options).kept_points(dataset, {"limit": 15.0})).tolist()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("idat != 1", [0, 2]),
        ("fabs(central_value) >= 2", [0, 2]),
        ("abs(y) < 1.5 and exp(log(pT)) > 15", [1, 2]),
        ("pT > limit", [1, 2]),
        ("pT**2 + m_ll2 > 800", [2]),
        ("sqrts < 8000.5", [0, 1, 2]),
        ("abs_y <= 1", [1, 2]),  # the process type has it, the data set has y
        ("m_ll >= 20", [1, 2]),  # likewise, from m_ll2
    ],
)
def test_names_and_functions(dataset, rule, expected) -> None:
    assert kept(dataset, rule) == expected


def test_local_variables_are_read_in_order(dataset) -> None:
    variables = {"tau": "m_ll2 / sqrts**2", "largest": "-0.5 * log(tau)", "few": "1.5"}
    tau = np.array([10.0, 20.0, 40.0]) ** 2 / 8000.0**2
    expected = np.flatnonzero(np.abs([-2.0, 0.5, 1.0] / (-0.5 * np.log(tau))) < 0.25).tolist()
    assert kept(dataset, "fabs(y / largest) < 0.25", local_variables=variables) == expected == [1, 2]
    assert kept(dataset, "y < few", local_variables=variables) == [0, 1, 2]
    with pytest.raises(DataError, match="largest: rule .*expected a variable of this data set, received 'tau'"):
        kept(dataset, "y < largest", local_variables={"largest": "log(tau)", "tau": "m_ll2"})


def test_idat_counts_the_points_of_the_file(dataset) -> None:
    assert kept(dataset.select([1, 2]), "idat != 1") == [1]


def test_what_a_data_set_does_not_have_is_named(dataset) -> None:
    with pytest.raises(DataError, match=r"mine: A_X: rule 'eta > 1': .*received 'eta' .*known: .*pT"):
        FilterRule("A_X", None, "eta > 1", origin="mine").kept_points(dataset, {})
    with pytest.raises(DataError, match="received 'pT2'"):  # not a coordinate of this type of process
        kept(dataset, "pT2 > 1")
    with pytest.raises(RuncardError, match="it must be true or false"):
        kept(dataset, "pT")
    with pytest.raises(RuncardError, match="it must be a number"):
        kept(dataset, "pT > 1", local_variables={"large": "pT > 1"})


def test_rules_with_data_set_and_process_type_apply_where_either_matches(dataset) -> None:
    rule = FilterRule("A_X", "DIS_ALL", "x > 0")
    assert rule.applies_to(dataset)
    other = replace(dataset, name="B_X")
    assert not rule.applies_to(other)
    assert rule.applies_to(replace(other, process_type="DIS_NC_CHARM"))
    assert not FilterRule(None, None, "x > 0").applies_to(dataset)


@pytest.mark.parametrize(
    ("options", "nlo", "nnlo", "n3lo_without_charm"),
    [
        ({}, True, True, True),
        ({"order": "NNLO+"}, False, True, True),
        ({"order": "NNLO-"}, True, False, False),
        ({"order": "NNLO"}, False, True, False),
        ({"order": "NNLO!"}, True, False, True),
        ({"order": "N3LO"}, False, False, True),
        ({"scheme": "FONLL-C"}, False, True, False),
        ({"fitted_charm": True}, True, True, False),
        ({"fitted_charm": False, "order": "N3LO"}, False, False, True),
    ],
)
def test_theories_that_a_rule_is_for(options, nlo, nnlo, n3lo_without_charm) -> None:
    rule = FilterRule("A_X", None, "x > 0", **options)
    assert rule.is_for(TheoryFeatures(1, "FONLL-B", True)) == nlo
    assert rule.is_for(NNLO) == nnlo
    assert rule.is_for(TheoryFeatures(3, "FONLL-E", False)) == n3lo_without_charm


def test_squares_of_coordinates_of_real_sets() -> None:
    jets = load_commondata("CMS_1JET_8TEV_PTY")
    rule, squared = FilterRule(None, "JET", "pT >= 74"), FilterRule(None, "JET", "pT2 >= 5476 and abs(y) >= 0")
    np.testing.assert_array_equal(rule.kept_points(jets, {}), squared.kept_points(jets, {}))
    assert rule.kept_points(jets, {}).sum() == 185
