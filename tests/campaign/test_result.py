"""The error that a campaign ends with, and its result as JSON."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from n3fit.campaign.analysis import Analysis
from n3fit.campaign.result import FAILED, CampaignResult, result_to_json
from n3fit.campaign.table import RunRow
from n3fit.errors import DataError, N3fitError, ResourceError, TheoryError


def make_result(failures: Mapping[str, N3fitError], problem: N3fitError | None = None) -> CampaignResult:
    rows = tuple(RunRow(f"run_{number}", "complete", chi2=1.5) for number in range(1, 9))
    return CampaignResult(Path("out"), "title", "table", rows, Analysis(problem=problem), failures)


def test_without_failures_it_is_that_of_the_analysis() -> None:
    problem = DataError("too few fits")
    assert make_result({}).error is None
    assert make_result({}, problem).error is problem


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        ((DataError, DataError), DataError.exit_code),
        ((ResourceError,), ResourceError.exit_code),
        ((DataError, ResourceError), FAILED),
        ((DataError, TheoryError), DataError.exit_code),  # both have the code of data and theory
    ],
)
def test_the_exit_code_is_that_of_the_failures_if_they_agree(kinds: tuple[type[N3fitError], ...], code: int) -> None:
    error = make_result({f"run_{number}": kind("bad", hint="mend it") for number, kind in enumerate(kinds, 1)}).error
    assert error is not None
    assert error.exit_code == code
    assert error.hint == "mend it; the same command goes on with what is missing"


def test_many_failures_are_counted() -> None:
    error = make_result({f"run_{number}": DataError("bad") for number in range(1, 8)}).error
    assert error is not None
    assert error.message == "7 of 8 runs failed: run_1, run_2, run_3, run_4, run_5 and 2 more; run_1: bad"
    assert error.hint == "the same command goes on with what is missing"


def test_json_has_null_for_what_is_not_there() -> None:
    content = json.loads(result_to_json(make_result({}, DataError("too few fits", hint="fit more"))))
    assert content["problem"] == "too few fits (fit more)"
    assert content["closure"] is content["alphas"] is None
    assert [row["chi2"] for row in content["runs"]] == [1.5] * 8
    assert content["runs"][0]["alphas"] is None
