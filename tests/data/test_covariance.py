"""Covariance matrices against a plain loop over pairs of points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from n3fit.data import CommonData, covariance_matrix, experiments
from n3fit.data.covariance import correlated_points, point_slices, weighted_covariance
from n3fit.errors import DataError


def covariance_by_loop(
    datasets: Sequence[CommonData], predictions: Mapping[str, np.ndarray] | None = None
) -> np.ndarray:
    """Sum the products of shifts pair by pair, straight from the definition."""
    points = [(dataset, row) for dataset in datasets for row in range(len(dataset))]
    result = np.zeros((len(points), len(points)))

    def shift(dataset: CommonData, row: int, column: int) -> float:
        value = dataset.systematics[row, column]
        if predictions is not None and dataset.systematic_kinds[column] == "MULT":
            value *= predictions[dataset.name][row] / dataset.central[row]
        return float(value)

    for i, (first, row) in enumerate(points):
        for j, (second, other) in enumerate(points):
            total = first.statistical[row] ** 2 if i == j else 0.0
            for a, name in enumerate(first.systematic_correlations):
                for b, other_name in enumerate(second.systematic_correlations):
                    if name in ("UNCORR", "THEORYUNCORR"):
                        related = i == j and a == b
                    elif name in ("CORR", "THEORYCORR"):
                        related = first is second and a == b
                    else:
                        related = name == other_name
                    if related:
                        total += shift(first, row, a) * shift(second, other, b)
            result[i, j] = total
    return result


KINDS = st.sampled_from(["ADD", "MULT"])
CORRELATIONS = st.sampled_from(["UNCORR", "CORR", "THEORYUNCORR", "THEORYCORR", "LUMI", "DEUTERON1", "DEUTERON2"])


@st.composite
def datasets_strategy(draw, factory):
    found = []
    for number in range(draw(st.integers(1, 3))):
        count = draw(st.integers(1, 4))
        numbers = st.floats(0.1, 5.0)
        shifts = st.floats(-1.0, 1.0)
        columns = draw(
            st.lists(
                st.tuples(KINDS, CORRELATIONS, st.lists(shifts, min_size=count, max_size=count)),
                max_size=5,
                unique_by=lambda column: column[1],
            )
        )
        central = draw(st.lists(numbers, min_size=count, max_size=count))
        found.append(factory(f"SET{number}", central, draw(st.floats(0.0, 1.0)), columns))
    return found


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_covariance_equals_the_plain_loop(make_dataset, data) -> None:
    datasets = data.draw(datasets_strategy(make_dataset))
    np.testing.assert_allclose(covariance_matrix(datasets), covariance_by_loop(datasets), rtol=1e-12, atol=1e-14)
    predictions = {dataset.name: 1.3 * dataset.central + 0.2 for dataset in datasets}
    np.testing.assert_allclose(
        covariance_matrix(datasets, predictions), covariance_by_loop(datasets, predictions), rtol=1e-12, atol=1e-14
    )


def test_real_data_equal_the_plain_loop(embedded_datasets) -> None:
    chosen = [
        embedded_datasets[name].select(range(0, len(embedded_datasets[name]), step))
        for name, step in (
            ("SLAC_NC_NOTFIXED_D_EM-F2", 8),
            ("BCDMS_NC_NOTFIXED_D_EM-F2", 60),
            ("NMC_NC_NOTFIXED_EM-F2", 40),
        )
    ]
    predictions = {dataset.name: dataset.central * np.linspace(0.9, 1.1, len(dataset)) for dataset in chosen}
    np.testing.assert_allclose(covariance_matrix(chosen), covariance_by_loop(chosen), rtol=1e-12)
    np.testing.assert_allclose(
        covariance_matrix(chosen, predictions), covariance_by_loop(chosen, predictions), rtol=1e-12
    )


def test_two_points_by_hand(make_dataset) -> None:
    first = make_dataset(
        "A_X", [10.0], 1.0, [("ADD", "LUMI", [2.0]), ("MULT", "UNCORR", [3.0]), ("ADD", "CORR", [5.0])]
    )
    second = make_dataset("B_X", [20.0], 2.0, [("MULT", "LUMI", [4.0]), ("ADD", "CORR", [7.0])])
    expected = [[1 + 4 + 9 + 25, 8], [8, 4 + 16 + 49]]
    np.testing.assert_array_equal(covariance_matrix([first, second]), expected)
    halved = {"A_X": np.array([5.0]), "B_X": np.array([10.0])}
    expected_t0 = [[1 + 4 + 9 / 4 + 25, 4], [4, 4 + 4 + 49]]
    np.testing.assert_array_equal(covariance_matrix([first, second], halved), expected_t0)
    np.testing.assert_array_equal(
        covariance_matrix([first, second], additive_only=True), [[1 + 4 + 25, 0], [0, 4 + 49]]
    )


def test_t0_with_the_central_values_is_the_experimental_covariance(embedded_datasets) -> None:
    datasets = [embedded_datasets["HERA_CC_318GEV_EM-SIGMARED"], embedded_datasets["HERA_CC_318GEV_EP-SIGMARED"]]
    central = {dataset.name: dataset.central for dataset in datasets}
    np.testing.assert_allclose(covariance_matrix(datasets, central), covariance_matrix(datasets), rtol=1e-12)


def test_deuteron_systematics_correlate_sets_and_others_do_not(embedded_datasets) -> None:
    datasets = list(embedded_datasets.values())
    covariance = covariance_matrix(datasets)
    slices = point_slices(datasets)

    def correlated(first: str, second: str) -> bool:
        return bool((covariance[slices[first], slices[second]] != 0.0).any())

    assert correlated("SLAC_NC_NOTFIXED_D_EM-F2", "BCDMS_NC_NOTFIXED_D_EM-F2")
    assert correlated("NMC_NC_NOTFIXED_EM-F2", "BCDMS_NC_NOTFIXED_D_EM-F2")
    assert correlated("HERA_NC_318GEV_EP-SIGMARED", "HERA_CC_318GEV_EM-SIGMARED")
    assert not correlated("NMC_NC_NOTFIXED_P_EM-SIGMARED", "BCDMS_NC_NOTFIXED_P_EM-F2")
    assert not correlated("HERA_NC_318GEV_EP-SIGMARED", "SLAC_NC_NOTFIXED_P_EM-F2")


def test_experiments_follow_the_metadata_not_the_name(embedded_datasets) -> None:
    groups = {name: len(sets) for name, sets in experiments(list(embedded_datasets.values())).items()}
    assert groups == {"DEUTERON": 5, "NMC": 1, "HERACOMB": 7}


def test_matrix_is_new_and_read_only_at_every_call(make_dataset) -> None:
    dataset = make_dataset("A_X", [1.0, 2.0], 0.1, [("MULT", "CORR", [0.1, 0.2])])
    first, second = covariance_matrix([dataset]), covariance_matrix([dataset])
    assert not np.shares_memory(first, second)
    np.testing.assert_array_equal(first, second)
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = 1.0


def test_order_of_the_data_sets_permutes_the_matrix(make_dataset) -> None:
    first = make_dataset("A_X", [1.0, 2.0], 0.1, [("ADD", "LUMI", [0.1, 0.2])])
    second = make_dataset("B_X", [3.0], 0.1, [("ADD", "LUMI", [0.3])])
    order = [2, 0, 1]
    np.testing.assert_array_equal(
        covariance_matrix([second, first]), covariance_matrix([first, second])[np.ix_(order, order)]
    )


def test_weight_counts_a_data_set_so_many_times(make_dataset) -> None:
    first = make_dataset("A_X", [1.0, 2.0], 0.5)
    second = make_dataset("B_X", [3.0], 0.25)
    covariance = covariance_matrix([first, second])
    residuals = np.array([0.3, -0.2, 0.1])
    plain = residuals**2 / np.diagonal(covariance)
    weighted = weighted_covariance(covariance, [first, second], {"B_X": 3.0})
    chi2 = residuals @ np.linalg.solve(weighted, residuals)
    assert chi2 == pytest.approx(plain[0] + plain[1] + 3.0 * plain[2], rel=1e-13)


@pytest.mark.parametrize(
    ("predictions", "message"),
    [
        ({}, "A_X: there is no t0 prediction"),
        ({"A_X": np.ones(3)}, r"shape \(3,\), expected \(2,\)"),
        ({"A_X": np.array([1.0, np.nan])}, "not finite"),
    ],
)
def test_bad_t0_predictions_are_refused(make_dataset, predictions, message) -> None:
    dataset = make_dataset("A_X", [1.0, 2.0], 0.1)
    with pytest.raises(DataError, match=message):
        covariance_matrix([dataset], predictions)


def test_multiplicative_uncertainty_of_zero_is_refused(make_dataset) -> None:
    dataset = make_dataset("A_X", [1.0, 0.0], 0.1, [("MULT", "CORR", [0.1, 0.2])])
    with pytest.raises(DataError, match="A_X: point 1 has the central value zero"):
        covariance_matrix([dataset], {"A_X": np.ones(2)})
    harmless = make_dataset("A_X", [1.0, 0.0], 0.1, [("MULT", "CORR", [0.1, 0.0])])
    np.testing.assert_allclose(covariance_matrix([harmless], {"A_X": np.full(2, 2.0)})[0, 0], 0.01 + 0.04)


def test_correlated_points_are_linked_through_others() -> None:
    covariance = np.eye(6)
    for first, second in ((0, 4), (4, 2), (3, 5)):
        covariance[first, second] = covariance[second, first] = -0.1
    assert [points.tolist() for points in correlated_points(covariance)] == [[0, 2, 4], [1], [3, 5]]
    assert correlated_points(np.zeros((0, 0))) == []


def test_correlated_points_of_real_data_are_the_experiments(embedded_datasets) -> None:
    datasets = list(embedded_datasets.values())
    slices = point_slices(datasets)
    places = np.arange(sum(len(dataset) for dataset in datasets))
    expected = [
        np.concatenate([places[slices[dataset.name]] for dataset in members]).tolist()
        for members in experiments(datasets).values()
    ]
    assert [points.tolist() for points in correlated_points(covariance_matrix(datasets))] == expected
