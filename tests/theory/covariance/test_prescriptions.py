"""Point prescriptions: numbers, an independent form of the blocks, and positivity for any shifts."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from n3fit.theory.covariance.prescriptions import PRESCRIPTIONS, PointPrescription
from n3fit.vocabulary import POINT_PRESCRIPTIONS, POWER_CORRECTIONS, THEORY_VARIATION

SCALES = ("2 2", "0.5 0.5", "2 1", "0.5 1", "1 2", "1 0.5", "2 0.5", "0.5 2")
FIRST = dict(zip(SCALES, (0.06, -0.05, 0.03, -0.02, 0.025, -0.03, -0.015, 0.01), strict=True))
SECOND = dict(zip(SCALES, (0.10, -0.07, 0.02, 0.01, 0.04, -0.08, 0.05, -0.03), strict=True))

REFERENCE = {
    # blocks of the first, the first with the second, and the second category, computed with nnpdf 4.1.5
    "3 point": (0.00305, 7.5e-5, 0.00745),
    "3f point": (0.00065, 0.0002, 0.00025),
    "3r point": (0.0007625, 5.0e-5, 0.004),
    "5 point": (0.0014125, 0.00025, 0.00425),
    "5bar point": (0.0032125, 0.0026875, 0.00915),
    "7 point": (0.002975, 0.000216666667, 0.0078),
    "9 point": (0.0023125, 0.0015375, 0.0067),
}


def covariance(name: str, shifts: np.ndarray, categories: list[str]) -> np.ndarray:
    columns = PRESCRIPTIONS[name].columns(shifts, categories)
    return columns @ columns.T


def shifts_of(name: str, *points: dict[str, float]) -> np.ndarray:
    return np.array([[point[variation] for point in points] for variation in PRESCRIPTIONS[name].variations])


@pytest.mark.parametrize("name", REFERENCE)
def test_blocks_are_those_of_the_reference(name: str) -> None:
    matrix = covariance(name, shifts_of(name, FIRST, SECOND), ["DIS NC", "TOP"])
    np.testing.assert_allclose(matrix[np.triu_indices(2)], REFERENCE[name], rtol=3e-9)


def test_seven_and_three_points_of_twice_the_shifts() -> None:
    twice = {name: 2 * value for name, value in FIRST.items()}
    seven = covariance("7 point", shifts_of("7 point", FIRST, twice), ["P", "Q"])
    np.testing.assert_allclose(seven, [[29.75e-4, 9.08333e-4], [9.08333e-4, 119e-4]], rtol=1e-6)
    three = covariance("3f point", shifts_of("3f point", FIRST, twice), ["P", "Q"])
    np.testing.assert_allclose(three, [[6.5e-4, 13e-4], [13e-4, 26e-4]], rtol=1e-9)


def blocks(name: str, first: np.ndarray, second: np.ndarray, *, same: bool) -> np.ndarray:
    """Return a block from shifts (n, N) and (n, M) in the form of arXiv:1906.10698, section 4.3."""
    d = dict(zip(PRESCRIPTIONS[name].variations, zip(first, second, strict=True), strict=True))

    def product(*names: str) -> np.ndarray:
        return np.outer(sum(d[entry][0] for entry in names), sum(d[entry][1] for entry in names))

    if same:
        weight = {"5 point": 1 / 2, "5bar point": 1 / 2, "7 point": 1 / 3, "9 point": 1 / 4}[name]
        return weight * sum(product(entry) for entry in d)
    renormalisation = product("1 2", "1 0.5") if name in ("5 point", "7 point", "9 point") else 0.0
    if name == "5 point":
        return 0.5 * (product("2 1") + product("0.5 1")) + 0.25 * renormalisation
    if name == "5bar point":
        return 0.25 * (product("2 2", "2 0.5") + product("0.5 0.5", "0.5 2"))
    if name == "7 point":
        return (2 * (product("2 1") + product("0.5 1")) + renormalisation + product("2 2", "0.5 0.5")) / 6
    up, down = product("2 1", "2 2", "2 0.5"), product("0.5 1", "0.5 0.5", "0.5 2")
    return (2 * (up + down) + 3 * renormalisation) / 24


@pytest.mark.parametrize("name", ["5 point", "7 point", "9 point"])
def test_blocks_between_and_within_categories(name: str) -> None:
    count = len(PRESCRIPTIONS[name].variations)
    first, second = np.random.default_rng(1).normal(size=(2, count, 3))
    shifts = np.concatenate([first, second], axis=1)
    matrix = covariance(name, shifts, ["JETS"] * 3 + ["DIJET"] * 3)
    np.testing.assert_allclose(matrix[:3, :3], blocks(name, first, first, same=True), atol=1e-14)
    np.testing.assert_allclose(matrix[3:, 3:], blocks(name, second, second, same=True), atol=1e-14)
    np.testing.assert_allclose(matrix[:3, 3:], blocks(name, first, second, same=False), atol=1e-14)


@given(
    st.sampled_from(sorted(PRESCRIPTIONS)),
    st.lists(st.sampled_from(["DIS NC", "DIS CC", "DY NC", "TOP"]), min_size=1, max_size=8),
    st.integers(0, 2**32 - 1),
)
def test_every_covariance_is_symmetric_and_positive(name: str, categories: list[str], seed: int) -> None:
    size = (len(PRESCRIPTIONS[name].variations), len(categories))
    matrix = covariance(name, np.random.default_rng(seed).normal(size=size), categories)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-14 * np.abs(matrix).max())
    assert np.linalg.eigvalsh(matrix).min() > -1e-12 * np.trace(matrix)


@given(st.sampled_from(sorted(PRESCRIPTIONS)), st.permutations(range(5)))
def test_the_order_of_the_points_does_not_matter(name: str, order: list[int]) -> None:
    categories = ["A", "B", "A", "C", "B"]
    shifts = np.random.default_rng(3).normal(size=(len(PRESCRIPTIONS[name].variations), 5))
    straight = covariance(name, shifts, categories)
    permuted = covariance(name, shifts[:, order], [categories[row] for row in order])
    np.testing.assert_allclose(permuted, straight[np.ix_(order, order)], atol=1e-13)


def test_approximate_splitting_functions_have_the_weight_of_their_group() -> None:
    shifts = np.ones((19 + 21 + 15 + 6, 2))
    np.testing.assert_allclose(covariance("ad ihou", shifts, ["A", "B"]), np.full((2, 2), 4.0))
    only_last = np.zeros_like(shifts)
    only_last[-1] = (1.0, 2.0)
    np.testing.assert_allclose(covariance("ad ihou", only_last, ["A", "B"]), np.array([[1, 2], [2, 4]]) / 6)
    assert PRESCRIPTIONS["ad ihou"].variations[19] == "splitting gq 1"
    np.testing.assert_allclose(covariance("fhmruvv ihou", np.ones((14, 1)), ["A"]), [[7.0]])


def test_alphas_is_correlated_between_all_processes() -> None:
    entry = PRESCRIPTIONS["alphas 0118 0120 0116"]
    assert (entry.reference, *entry.variations) == ("alphas 0.118", "alphas 0.120", "alphas 0.116")
    matrix = covariance(entry.name, np.array([[0.2, 0.1], [-0.1, 0.3]]), ["A", "B"])
    np.testing.assert_allclose(matrix, [[0.025, -0.005], [-0.005, 0.05]], atol=1e-16)


def test_names_are_those_of_the_runcard() -> None:
    assert {*PRESCRIPTIONS, POWER_CORRECTIONS} == set(POINT_PRESCRIPTIONS)
    names = {name for entry in PRESCRIPTIONS.values() for name in (entry.reference, *entry.variations)}
    assert all(re.fullmatch(THEORY_VARIATION, name) for name in names)


def test_shifts_of_another_shape_are_refused() -> None:
    entry: PointPrescription = PRESCRIPTIONS["3f point"]
    with pytest.raises(ValueError, match=r"shifts must have the shape \(2, 3\), received \(3, 3\)"):
        entry.columns(np.zeros((3, 3)), ["A", "B", "C"])
