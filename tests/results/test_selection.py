"""The vetoes, against their definitions."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from support import outcomes

from n3fit.errors import CommandLineError
from n3fit.results.arrays import FitArrays, collect_arrays
from n3fit.results.selection import Thresholds, replicas_to_add, vet_replicas


@pytest.fixture
def arrays() -> FitArrays:
    """Forty replicas that are all alike."""
    passed = np.ones(40, dtype=bool)
    return collect_arrays(outcomes.make_outcome(40, sets=outcomes.SMALL_SETS, positivity_passed=passed))


@pytest.fixture
def chi2() -> np.ndarray:
    return np.random.default_rng(3).normal(1.2, 0.01, 40)


def test_replicas_that_are_alike_all_pass(arrays: FitArrays, chi2: np.ndarray) -> None:
    vetting = vet_replicas(arrays, chi2, Thresholds())
    assert vetting.passing.all()
    assert vetting.vetoes == ()
    assert vetting.chi2_limit == pytest.approx(chi2.mean() + 4 * chi2.std(ddof=1), rel=2e-12)
    lengths = arrays.arc_lengths
    np.testing.assert_allclose(
        vetting.arc_length_limits, lengths.mean(axis=0) + 4 * lengths.std(axis=0, ddof=1), rtol=2e-12
    )


def test_a_terrible_replica_does_not_hide_a_bad_one(arrays: FitArrays, chi2: np.ndarray) -> None:
    chi2[[4, 17]] = 1.3, 50.0
    first = chi2.mean() + 4 * chi2.std(ddof=1)
    assert chi2[4] < first < chi2[17]
    vetting = vet_replicas(arrays, chi2, Thresholds())
    good = np.delete(chi2, [4, 17])
    assert vetting.chi2_limit == pytest.approx(good.mean() + 4 * good.std(ddof=1), rel=2e-12)
    assert np.flatnonzero(~vetting.passing).tolist() == [4, 17]
    bad, terrible = vetting.vetoes
    assert (bad.replica, bad.veto, bad.quantity, bad.value) == (5, "chi2", "chi2 per point", 1.3)
    assert (terrible.replica, terrible.value) == (18, 50.0)
    assert terrible.limit == pytest.approx(first, rel=2e-12)


def test_each_veto_is_named_with_its_numbers(arrays: FitArrays, chi2: np.ndarray) -> None:
    integrability, lengths = arrays.integrability.copy(), arrays.arc_lengths.copy()
    finite, guarded, passed = arrays.finite.copy(), arrays.guarded.copy(), arrays.positivity_passed.copy()
    losses = arrays.positivity_losses.copy()
    integrability[0, 3] = 0.51
    integrability[1] = np.nan
    lengths[2, 1] = 80.0
    finite[3] = False
    lengths[3], chi2[3], integrability[3] = np.nan, np.nan, np.nan
    guarded[4] = True
    passed[5], losses[5, 2] = False, 0.25
    chi2[5] = 9.0
    changed = replace(
        arrays, integrability=integrability, arc_lengths=lengths, finite=finite, guarded=guarded,
        positivity_passed=passed, positivity_losses=losses,
    )  # fmt: skip
    vetting = vet_replicas(changed, chi2, Thresholds())
    told = [(veto.replica, veto.veto, veto.quantity) for veto in vetting.vetoes]
    assert told == [
        (1, "integrability", "integrability of T3"),
        *((2, "integrability", f"integrability of {name}") for name in ("V", "V3", "V8", "T3", "T8")),
        (3, "arc length", "arc length of g"),
        (4, "finite", "not finite"),
        (5, "sum rules", "a sum rule could not be imposed"),
        (6, "positivity", "positivity loss"),
        (6, "chi2", "chi2 per point"),
    ]
    assert vetting.passing_numbers == tuple(range(7, 41))
    assert vetting.vetoes[9].value == 0.25
    # a replica that positivity takes out has no part in the mean of chi2
    assert vetting.chi2_limit == pytest.approx(chi2[6:].mean() + 4 * chi2[6:].std(ddof=1), rel=2e-12)


def test_equal_replicas_are_not_above_their_mean(arrays: FitArrays) -> None:
    equal = replace(arrays, arc_lengths=np.full((40, 5), 1.1))
    assert vet_replicas(equal, np.full(40, 0.7), Thresholds()).passing.all()


def test_thresholds_can_be_moved_and_switched_off(arrays: FitArrays, chi2: np.ndarray) -> None:
    chi2[0] = 9.0
    lengths = arrays.arc_lengths.copy()
    lengths[1] = 90.0
    changed = replace(arrays, arc_lengths=lengths)
    assert vet_replicas(changed, chi2, Thresholds(chi2=np.inf)).passing_numbers == (1, *range(3, 41))
    assert vet_replicas(changed, chi2, Thresholds(chi2=np.inf, arc_length=np.inf)).passing.all()
    assert not vet_replicas(changed, chi2, Thresholds(integrability=1e-9)).passing.any()
    for wrong in ({"chi2": 0.0}, {"arc_length": -1.0}, {"integrability": np.nan}):
        with pytest.raises(CommandLineError, match="must be positive"):
            Thresholds(**wrong)


def test_a_fit_without_data_and_a_single_replica_are_judged_by_what_there_is(arrays: FitArrays) -> None:
    vetting = vet_replicas(arrays, np.full(40, np.nan), Thresholds())
    assert vetting.passing.all()
    assert vetting.chi2_limit == np.inf
    passed = np.arange(40) == 6
    alone = vet_replicas(replace(arrays, positivity_passed=passed), np.full(40, 7.0), Thresholds())
    assert alone.passing_numbers == (7,)
    assert np.isinf(alone.arc_length_limits).all()


@given(st.data())
def test_whoever_is_out_has_a_reason_and_whoever_is_in_has_none(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 25))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    heavy = random.standard_cauchy((count, 13)) ** 2
    arrays = FitArrays(
        **dict.fromkeys(FitArrays.__dataclass_fields__, np.zeros(0))
        | {
            "replicas": np.arange(1, count + 1),
            "finite": random.random(count) < 0.9,
            "guarded": random.random(count) < 0.1,
            "positivity_passed": random.random(count) < 0.9,
            "positivity_losses": heavy[:, 11:],
            "arc_lengths": heavy[:, 1:6],
            "integrability": 0.01 * heavy[:, 6:11],
        }
    )
    vetting = vet_replicas(arrays, heavy[:, 0], Thresholds(chi2=2.0, arc_length=2.0))
    assert {veto.replica for veto in vetting.vetoes} == set(arrays.replicas[~vetting.passing].tolist())
    left = heavy[vetting.passing, :6]
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
