"""The vetoes, against their definitions."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from support import outcomes

from n3fit.errors import CommandLineError
from n3fit.results.replica_results import ReplicaResults
from n3fit.results.vetoes import Thresholds, apply_vetoes, replicas_to_add


@pytest.fixture
def results() -> ReplicaResults:
    """Forty replicas that are all alike."""
    passed = np.ones(40, dtype=bool)
    return outcomes.make_outcome(40, sets=outcomes.SMALL_SETS, positivity_passed=passed).results()


@pytest.fixture
def chi2() -> np.ndarray:
    return np.random.default_rng(3).normal(1.2, 0.01, 40)


def test_replicas_that_are_alike_all_pass(results: ReplicaResults, chi2: np.ndarray) -> None:
    found = apply_vetoes(results, chi2, Thresholds())
    assert found.passing.all()
    assert found.vetoes == ()
    assert found.chi2_limit == pytest.approx(chi2.mean() + 4 * chi2.std(ddof=1), rel=2e-12)
    lengths = results.arc_lengths
    np.testing.assert_allclose(
        found.arc_length_limits, lengths.mean(axis=0) + 4 * lengths.std(axis=0, ddof=1), rtol=2e-12
    )


def test_an_extreme_outlier_does_not_mask_a_milder_one(results: ReplicaResults, chi2: np.ndarray) -> None:
    chi2[[4, 17]] = 1.3, 50.0
    first = chi2.mean() + 4 * chi2.std(ddof=1)
    assert chi2[4] < first < chi2[17]
    found = apply_vetoes(results, chi2, Thresholds())
    good = np.delete(chi2, [4, 17])
    assert found.chi2_limit == pytest.approx(good.mean() + 4 * good.std(ddof=1), rel=2e-12)
    assert np.flatnonzero(~found.passing).tolist() == [4, 17]
    bad, terrible = found.vetoes
    assert (bad.replica, bad.veto, bad.quantity, bad.value) == (5, "chi2", "chi2 per point", 1.3)
    assert (terrible.replica, terrible.value) == (18, 50.0)
    assert terrible.limit == pytest.approx(first, rel=2e-12)


def test_each_veto_is_named_with_its_numbers(results: ReplicaResults, chi2: np.ndarray) -> None:
    integrability, lengths = results.integrability.copy(), results.arc_lengths.copy()
    finite, guarded, passed = results.finite.copy(), results.guarded.copy(), results.positivity_passed.copy()
    losses = results.positivity_losses.copy()
    integrability[0, 3] = 0.51
    integrability[1] = np.nan
    lengths[2, 1] = 80.0
    finite[3] = False
    lengths[3], chi2[3], integrability[3] = np.nan, np.nan, np.nan
    guarded[4] = True
    passed[5], losses[5, 2] = False, 0.25
    chi2[5] = 9.0
    changed = replace(
        results, integrability=integrability, arc_lengths=lengths, guarded=guarded, positivity_passed=passed,
        positivity_losses=losses, training=replace(results.training, finite=finite),
    )  # fmt: skip
    found = apply_vetoes(changed, chi2, Thresholds())
    told = [(veto.replica, veto.veto, veto.quantity) for veto in found.vetoes]
    assert told == [
        (1, "integrability", "integrability of T3"),
        *((2, "integrability", f"integrability of {name}") for name in ("V", "V3", "V8", "T3", "T8")),
        (3, "arc length", "arc length of g"),
        (4, "finite", "not finite"),
        (5, "sum rules", "a sum rule could not be imposed"),
        (6, "positivity", "positivity loss"),
        (6, "chi2", "chi2 per point"),
    ]
    assert found.passing_numbers == tuple(range(7, 41))
    assert found.vetoes[9].value == 0.25
    # a replica that positivity takes out has no part in the mean of chi2
    assert found.chi2_limit == pytest.approx(chi2[6:].mean() + 4 * chi2[6:].std(ddof=1), rel=2e-12)


def test_equal_replicas_are_not_above_their_mean(results: ReplicaResults) -> None:
    equal = replace(results, arc_lengths=np.full((40, 5), 1.1))
    assert apply_vetoes(equal, np.full(40, 0.7), Thresholds()).passing.all()


def test_thresholds_can_be_moved_and_switched_off(results: ReplicaResults, chi2: np.ndarray) -> None:
    chi2[0] = 9.0
    lengths = results.arc_lengths.copy()
    lengths[1] = 90.0
    changed = replace(results, arc_lengths=lengths)
    assert apply_vetoes(changed, chi2, Thresholds(chi2=np.inf)).passing_numbers == (1, *range(3, 41))
    assert apply_vetoes(changed, chi2, Thresholds(chi2=np.inf, arc_length=np.inf)).passing.all()
    assert not apply_vetoes(changed, chi2, Thresholds(integrability=1e-9)).passing.any()
    for wrong in ({"chi2": 0.0}, {"arc_length": -1.0}, {"integrability": np.nan}):
        with pytest.raises(CommandLineError, match="must be positive"):
            Thresholds(**wrong)


def test_a_fit_without_data_and_a_single_replica_are_judged_by_what_there_is(results: ReplicaResults) -> None:
    found = apply_vetoes(results, np.full(40, np.nan), Thresholds())
    assert found.passing.all()
    assert found.chi2_limit == np.inf
    passed = np.arange(40) == 6
    alone = apply_vetoes(replace(results, positivity_passed=passed), np.full(40, 7.0), Thresholds())
    assert alone.passing_numbers == (7,)
    assert np.isinf(alone.arc_length_limits).all()


@given(st.data())
def test_excluded_replicas_have_vetoes_and_others_have_none(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 25))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    heavy = random.standard_cauchy((count, 13)) ** 2
    results = replace(
        outcomes.make_outcome(count, sets=outcomes.SMALL_SETS).results(),
        guarded=random.random(count) < 0.1,
        positivity_passed=random.random(count) < 0.9,
        positivity_losses=heavy[:, 11:],
        arc_lengths=heavy[:, 1:6],
        integrability=0.01 * heavy[:, 6:11],
    )
    results = replace(results, training=replace(results.training, finite=random.random(count) < 0.9))
    found = apply_vetoes(results, heavy[:, 0], Thresholds(chi2=2.0, arc_length=2.0))
    assert {veto.replica for veto in found.vetoes} == set(results.replicas[~found.passing].tolist())
    left = heavy[found.passing, :6]
    if len(left) > 1:  # the criterion is fulfilled by those that are left, among themselves
        assert (left <= left.mean(axis=0) + 2 * left.std(axis=0, ddof=1) + 1e-9 * np.abs(left)).all()


@given(st.integers(0, 150), st.integers(1, 150), st.integers(1, 300))
def test_the_replicas_to_add_are_enough_nine_times_of_ten(passing: int, total: int, wanted: int) -> None:
    passing = min(passing, total)
    more = replicas_to_add(passing, total, wanted)
    if passing >= wanted:
        assert more == 0
    elif passing == 0:
        assert more is None
    else:
        missing, rate = wanted - passing, passing / total
        assert more is not None
        assert more >= missing / rate - 1e-9
        assert binom.sf(missing - 1, more, rate) >= 0.9 - 1e-12
        if more > np.ceil(missing / rate):
            assert binom.sf(missing - 1, more - 1, rate) < 0.9
