"""Trials in the journal: their numbers, and those of killed processes."""

from pathlib import Path

import numpy as np
import pytest
from support.scan_cards import closed_form, make_space, result_of

from n3fit.hyperopt.journal import open_study
from n3fit.hyperopt.samplers import TrialSampler
from n3fit.hyperopt.trial_journal import TrialJournal
from n3fit.hyperopt.trial_plans import DrawnTrials, SampledTrials
from n3fit.hyperopt.trial_result import TrialResult
from n3fit.results.tries import Try


def reopen(folder: Path) -> TrialJournal:
    folder.mkdir(exist_ok=True)
    return TrialJournal(open_study(folder / "trials.journal"))


def sampled(name: str = "tpe", seed: int = 1) -> SampledTrials:
    space = make_space()
    return SampledTrials(space, TrialSampler(name, space, seed))


def do_trials(journal: TrialJournal, count: int, plan: SampledTrials) -> None:
    for _ in range(count):
        begun = journal.begin(plan)
        journal.end(begun, result_of(closed_form(begun.parameters)), "chi2")


def test_a_killed_scan_goes_on_with_the_same_trials(tmp_path: Path) -> None:
    """Killed while a trial is evaluated, before its values are drawn, and after its result is recorded."""
    undisturbed = reopen(tmp_path / "a")
    do_trials(undisturbed, 16, sampled())
    folder = tmp_path / "b"
    journal = reopen(folder)
    do_trials(journal, 5, sampled())
    killed = journal.begin(sampled())

    journal = reopen(folder)
    assert journal.recover() == [5]
    again = journal.begin(sampled())
    assert (again.tid, again.parameters) == (5, killed.parameters)
    journal.end(again, result_of(closed_form(again.parameters)), "chi2")
    do_trials(journal, 6, sampled())
    journal._study.ask()

    journal = reopen(folder)
    assert journal.recover() == []
    do_trials(journal, 2, sampled())
    last = journal.begin(sampled())
    journal._tell = lambda *arguments: None
    journal.end(last, result_of(closed_form(last.parameters)), "chi2")

    journal = reopen(folder)
    assert journal.recover() == []
    do_trials(journal, 1, sampled())
    for mine, theirs in zip(journal.entries(), undisturbed.entries(), strict=True):
        assert mine["tid"] == theirs["tid"]
        assert mine["misc"]["space_vals"] == theirs["misc"]["space_vals"]
        assert mine["result"] == theirs["result"]


def test_killed_twice(tmp_path: Path) -> None:
    journal = reopen(tmp_path)
    begun = [journal.begin(sampled()) for _ in range(3)]
    assert [trial.tid for trial in begun] == [0, 1, 2]
    assert reopen(tmp_path).recover() == [0, 1, 2]
    journal = reopen(tmp_path)
    assert journal.recover() == []  # they wait already
    again = [journal.begin(sampled()) for _ in range(4)]
    assert [trial.tid for trial in again] == [0, 1, 2, 3]
    assert [trial.parameters for trial in again[:3]] == [trial.parameters for trial in begun]


def test_states_of_failed_trials(tmp_path: Path) -> None:
    """Of those with losses the sampler learns, of the others not."""
    journal = reopen(tmp_path)
    losses = np.array([2.0, 30.0])
    results = [
        TrialResult("fail", "threshold", loss=64.0, fold_losses=losses),
        TrialResult("fail", "out of memory"),
        TrialResult("ok", loss=float("nan")),
        TrialResult("ok", loss=1.5, fold_losses=np.array([1.0, 2.0])),
    ]
    for result in results:
        journal.end(journal.begin(sampled()), result, "chi2")
    trials = open_study(tmp_path / "trials.journal").trials
    assert [trial.state.name for trial in trials] == ["PRUNED", "FAIL", "FAIL", "COMPLETE"]
    assert trials[0].intermediate_values == {0: 2.0, 1: 16.0}
    assert journal.complete_losses() == [[1.0, 1.5]]
    entries = journal.entries()
    assert [entry["result"]["status"] for entry in entries] == ["fail", "fail", "ok", "ok"]
    assert [entry["result"]["loss"] for entry in entries] == [64.0, None, None, 1.5]
    assert entries[1]["result"]["reason"] == "out of memory"


@pytest.mark.parametrize("killed", [False, True])
def test_points_of_a_grid(tmp_path: Path, killed: bool) -> None:
    plan = sampled("grid")
    journal = reopen(tmp_path)
    first = journal.begin(plan)
    if killed:
        journal = reopen(tmp_path)
        journal.recover()
        assert journal.begin(plan).parameters == first.parameters
    seen = [first.parameters, *(journal.begin(plan).parameters for _ in range(20))]
    assert len({str(parameters) for parameters in seen}) == 21


def test_trials_of_an_earlier_scan(tmp_path: Path) -> None:
    tries = [Try(tid, 2, "ok", 1.0, {"epochs": 10 * tid}) for tid in (7, 3)]
    plan = DrawnTrials(tries)
    journal = reopen(tmp_path)
    assert plan.most_trials == 2
    assert journal.begin(plan).parameters == {"epochs": 70}
    assert journal.begin(plan).parameters == {"epochs": 30}
    journal = reopen(tmp_path)
    assert journal.recover() == [0, 1]
    assert journal.begin(plan).parameters == {"epochs": 70}
