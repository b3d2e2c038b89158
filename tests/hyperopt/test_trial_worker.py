"""What a process of a pool runs for several trials."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from n3fit.errors import DataError
from n3fit.hyperopt import trial_worker
from n3fit.hyperopt.trial_result import TrialResult
from n3fit.hyperopt.trial_worker import ScanWork, evaluate_trials
from n3fit.paths import SearchPaths

WORK = ScanWork("text", "card.yml", (1, 2)).to_plain()
HASHES = {"data": "1"}
TRIALS = [{"nodes_per_layer": [5, 8], "activation_per_layer": "tanh", "epochs": epochs} for epochs in (10, 20)]


class Evaluator:
    """Stands for an evaluator with folds of loss 1, 2 in the first trial and 3, 4 in the second."""

    hashes = HASHES
    loss_type = "chi2"

    def __init__(self) -> None:
        self.received: list[Any] = []
        self.stopped: list[Any] = []

    def evaluate_together(self, trials: Any, *, on_fold: Any) -> list[TrialResult]:
        self.received = trials
        for start, observer in zip((1.0, 3.0), on_fold, strict=True):
            self.stopped.append(None if observer is None else [observer(fold, start + fold) for fold in (0, 1)])
        return [TrialResult("ok", loss=float(trial["epochs"])) for trial in trials]


@pytest.fixture
def evaluator(monkeypatch: pytest.MonkeyPatch) -> Evaluator:
    found = Evaluator()
    monkeypatch.setattr(trial_worker, "_evaluator", lambda work: found)
    return found


def test_trials_in_the_form_of_a_runcard(evaluator: Evaluator) -> None:
    assert [result.loss for result in evaluate_trials(WORK, TRIALS, HASHES, None)] == [10, 20]
    assert [trial["activation_per_layer"] for trial in evaluator.received] == [["tanh", "linear"]] * 2
    assert evaluator.stopped == [None, None]


def test_each_trial_has_its_own_observer(evaluator: Evaluator) -> None:
    """The mean loss after two folds is 1.5 in the first trial, not that of all four folds."""
    evaluate_trials(WORK, TRIALS, HASHES, [2.0, 1.6])
    assert evaluator.stopped == [[False, False], [True, True]]


def test_other_inputs(evaluator: Evaluator) -> None:
    with pytest.raises(DataError, match="this process has other ones: data"):
        evaluate_trials(WORK, TRIALS, {"data": "2"}, None)


def test_the_folders_of_a_scan_are_those_of_its_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    received = []
    monkeypatch.setattr("n3fit.hyperopt.evaluation.TrialEvaluator", lambda *arguments, **_: received.append(arguments))
    monkeypatch.setattr(trial_worker, "parse_scan_card", lambda *_, **__: SimpleNamespace(kfold="folds"))
    trial_worker._evaluator(ScanWork("other text", "card.yml", (1, 2), "theories", "sets", "own"))
    assert received[0][2] == SearchPaths(theories=Path("theories"), pdf_sets=Path("sets"), data=Path("own"))
