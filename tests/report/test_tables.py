import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from n3fit.report.tables import (
    breakable,
    chi2_cue,
    chi2_deviations,
    chi2_lines,
    duration,
    number,
    ranges,
    replica_lines,
    scientific,
    signed,
)
from n3fit.results import FitFolder


def test_deviations_count_standard_deviations_of_chi2() -> None:
    # chi2 of n points has the variance 2 n
    assert chi2_deviations(1.0, 50) == 0
    assert chi2_deviations(1.2, 50) == pytest.approx(1.0)
    assert chi2_deviations(0.5, 200) == pytest.approx(-5.0)
    assert math.isnan(chi2_deviations(1.0, 0))


@pytest.mark.parametrize(
    ("deviations", "cue"),
    [(-9.0, "good"), (1.99, "good"), (2.0, "fair"), (4.99, "fair"), (5.0, "poor"), (math.nan, "none")],
)
def test_cues(deviations: float, cue: str) -> None:
    assert chi2_cue(deviations) == cue


def test_experiments_come_with_their_sets_below(fit: FitFolder) -> None:
    lines = chi2_lines(fit, fit.summary())
    assert [(line.kind, line.row.name) for line in lines] == [
        ("experiment", "DEUTERON"),
        ("dataset", "NMC_NC_NOTFIXED_EM-F2"),
        ("experiment", "NMC"),
        ("dataset", "NMC_NC_NOTFIXED_P_EM-SIGMARED"),
        ("experiment", "SLAC"),
        ("dataset", "SLAC_NC_NOTFIXED_P_EM-F2"),
        ("total", "total"),
    ]


def test_replicas_are_shown_with_epochs_from_one_and_flags(fit: FitFolder) -> None:
    lines = replica_lines(fit)
    assert [line.number for line in lines] == [1, 2, 3, 4, 5, 6]
    assert [line.flags for line in lines] == [("vetoed by positivity",) if i == 2 else () for i in range(6)]
    assert lines[1].best_epoch == fit.arrays.best_epoch[1] + 1
    assert lines[1].chi2 == pytest.approx(fit.infos[1].chi2)
    assert lines[1].positivity == pytest.approx(max(fit.arrays.positivity_losses[1]))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (59.94, "59.9 s"), (60, "1 min 00 s"), (330.1, "5 min 30 s"), (7384, "2 h 03 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_numbers() -> None:
    assert [number(1.005), number(12.0, 0), number(math.nan), number(math.inf)] == ["1.00", "12", "–", "–"]
    assert [signed(1.25), signed(-0.31), signed(math.nan)] == ["+1.2", "−0.3", "–"]
    assert [scientific(1.23e-7), scientific(math.inf)] == ["1.2e−07", "–"]


def test_names_break_after_underscores_and_stay_escaped() -> None:
    assert breakable("A_<b>_C") == "A_<wbr>&lt;b&gt;_<wbr>C"


@given(st.sets(st.integers(1, 60)))
def test_ranges_name_every_number_once(numbers: set[int]) -> None:
    said: list[int] = []
    for part in filter(None, ranges(sorted(numbers)).split(", ")):
        first, _, last = part.partition("–")
        said += range(int(first), int(last or first) + 1)
    assert said == sorted(numbers)
    assert ranges([1, 2, 3, 7, 9, 10]) == "1–3, 7, 9–10"
