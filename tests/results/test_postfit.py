"""postfit.json, and what a selection does to the means of a fit."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import outcomes
from support.data import chi2_values
from support.outcomes import Outcome

from n3fit.errors import CommandLineError, DataError
from n3fit.results import FitFolder, Postfit, read_postfit, select_replicas, write_postfit
from n3fit.results.reader import read_fit_folder

Write = Callable[..., FitFolder]


@pytest.fixture
def outcome() -> Outcome:
    """Six replicas, of which the second fails positivity and the fifth integrability."""
    six = outcomes.make_outcome(6, sets=outcomes.SMALL_SETS)
    integrability = six.integrability.copy()
    integrability[4, 0] = 2.5
    return replace(six, positivity_passed=np.arange(6) != 1, integrability=integrability)


def choose(fit: FitFolder, count: int | None = None) -> Postfit:
    selection = select_replicas(fit, count=count)
    write_postfit(fit.path, selection)
    return selection


def test_the_first_that_pass_are_chosen_and_come_back(write: Write, outcome: Outcome) -> None:
    fit = write(outcome)
    assert choose(fit).chosen == (1, 3, 4, 6)
    selection = choose(fit, 3)
    assert (selection.chosen, selection.passing) == ((1, 3, 4), (1, 3, 4, 6))
    assert [selection.vetoed_by()[veto] for veto in ("positivity", "integrability")] == [(2,), (5,)]
    assert read_postfit(fit.path) == selection
    chi2 = chi2_values(outcome.predictions, outcome.central, outcome.t0_covariance)[[0, 2, 3, 5]] / 10
    assert selection.chi2_limit == pytest.approx(chi2.mean() + 4 * chi2.std(ddof=1), rel=1e-12)
    read_fit_folder(fit.path, checksums=True)  # the fit itself is as it was


def test_means_are_those_of_the_selection(write: Write, outcome: Outcome) -> None:
    fit = write(outcome)
    assert fit.selection == "passing"
    choose(fit, 3)
    fit = read_fit_folder(fit.path)
    assert fit.selection == fit.summary().selection == "postfit"
    assert fit.replicas[fit.passing].tolist() == [1, 3, 4, 6]
    assert fit.replicas[fit.vetoed].tolist() == [2, 5]
    assert fit.replicas[fit.chosen].tolist() == [1, 3, 4]
    assert (fit.summary().passing, fit.summary().chosen) == (4, 3)
    mean = outcome.predictions[[0, 2, 3]].mean(axis=0)
    np.testing.assert_allclose(fit.mean_prediction, mean, rtol=1e-15)
    for kind, covariance in (("t0", outcome.t0_covariance), ("experimental", outcome.experimental_covariance)):
        for level, place in (("total", slice(0, 10)), ("datasets", outcome.datasets[1].slice)):
            expected = chi2_values(mean[place], outcome.central[place], covariance[place, place])
            received = getattr(fit.chi2[level], kind)[1 if level == "datasets" else 0]
            assert received == pytest.approx(float(expected), rel=2e-6)  # residuals are kept in single precision


def test_fault_90_the_same_choice_twice_gives_the_same_bytes(write: Write, outcome: Outcome) -> None:
    fit = write(outcome)
    path = write_postfit(fit.path, select_replicas(fit, count=3))
    first = path.read_bytes()
    again = select_replicas(read_fit_folder(fit.path), count=3)  # the choice that is there has no part in it
    write_postfit(fit.path, again)
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"count": 3', '"count": -3', "count"),
        ('"passing"', '"pasing"', "passing: Field required"),
        ('"manifest": "', '"manifest": "0', "belongs to another fit"),
        ("}", "", "not valid JSON"),
    ],
)
def test_a_selection_that_is_damaged_or_of_another_fit_is_refused(
    write: Write, outcome: Outcome, old: str, new: str, message: str
) -> None:
    fit = write(outcome)
    choose(fit, 3)
    path = fit.path / "postfit.json"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(DataError, match=message) as caught:
        read_fit_folder(fit.path)
    assert str(path) in caught.value.message
    assert read_fit_folder(fit.path, use_postfit=False).selection == "passing"


def test_a_fit_that_is_replaced_takes_its_selection_along(write: Write, outcome: Outcome, tmp_path: Path) -> None:
    choose(write(outcome), 3)
    assert json.loads((tmp_path / "toy" / "postfit.json").read_text())["total"] == 6
    assert write(outcome, force=True).postfit is None


def test_a_number_that_is_none_is_refused(write: Write, outcome: Outcome) -> None:
    with pytest.raises(CommandLineError, match="at least one replica"):
        select_replicas(write(outcome), count=0)
