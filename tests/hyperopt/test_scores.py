"""From the losses of the folds to the result of a trial: statistics, thresholds and stops."""

import numpy as np
import pytest

from n3fit.hyperopt.scores import FoldScore, TrialScore
from n3fit.runcard.kfold import KFold


def kfold(folds=3, **changes):
    return KFold.model_validate({"partitions": [{"datasets": [f"D{number}"]} for number in range(folds)]} | changes)


def fold_score(loss, *, chi2exp=1.0, failure="", **losses):
    values = dict.fromkeys(("chi2", "phi2", "logp", "chi2p"), loss) | losses
    return FoldScore(
        validation=np.array([1.0, 2.0]),
        experimental=np.array([loss, loss + 2]),
        losses=values,
        mean_chi2=loss / 2,
        trained={"chi2": 1.5, "chi2exp": chi2exp, "phi2": 0.3, "logp": -1.0},
        penalties={"patience": np.array([3.0, 4.0])},
        failure=failure,
    )


def result_of(scores, *, on_fold=None, **changes):
    trial = TrialScore(kfold(**changes), on_fold)
    for score in scores:
        assert not trial.ended
        trial.add(score)
    return trial, trial.result(1.5)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 7 / 3),
        ({"fold_statistic": "best_worst"}, 4.0),
        ({"loss_type": "phi2"}, 3 / 7),
        ({"fold_statistic": "std"}, 1.247219),
    ],
)
def test_statistic_over_folds(changes, expected):
    trial, result = result_of(map(fold_score, [1.0, 2.0, 4.0]), **changes)
    assert trial.ended
    assert (result.status, result.reason, result.seconds) == ("ok", "", 1.5)
    assert result.loss == pytest.approx(expected, abs=1e-6)
    np.testing.assert_array_equal(result.fold_losses, [1.0, 2.0, 4.0])
    np.testing.assert_array_equal(result.hyper_losses_chi2, [0.5, 1.0, 2.0])


def test_overfit_term_is_added():
    _, result = result_of([fold_score(1.0, chi2exp=1.4), fold_score(2.0, chi2exp=1.6), fold_score(3.0, chi2exp=1.5)])
    assert result.loss == pytest.approx(2.0 + 30.0, rel=1e-12)


def test_folds_of_all_data_have_no_overfit_term():
    _, result = result_of([fold_score(1.0, chi2exp=np.nan), fold_score(2.0, chi2exp=1.5)], folds=2)
    assert result.loss == pytest.approx(1.5 + 30.0, rel=1e-12)
    _, result = result_of([fold_score(1.0, chi2exp=np.nan)], folds=1)
    assert result.loss == 1.0


def test_loss_above_the_threshold_stops_and_multiplies():
    """The second of three folds: the losses so far times 3 - 1."""
    trial, result = result_of([fold_score(1.0), fold_score(7.0)], threshold=5.0)
    assert trial.ended
    assert result.status == "fail"
    assert "above the threshold 5" in result.reason
    assert result.loss == pytest.approx((1.0 + 7.0) / 2 * 2, rel=1e-7)
    assert result.fold_losses.tolist() == [1.0, 7.0]


def test_threshold_holds_for_the_chosen_loss():
    _, result = result_of([fold_score(9.0, chi2p=1.0)], folds=1, threshold=5.0, loss_type="chi2p")
    assert (result.status, result.loss) == ("ok", pytest.approx(1.0, rel=1e-7))


def test_stop_between_folds():
    calls = []

    def on_fold(number, loss):
        calls.append((number, loss))
        return number == 1

    trial, result = result_of([fold_score(1.0), fold_score(2.0)], on_fold=on_fold)
    assert calls == [(0, 1.0), (1, 2.0)]
    assert trial.ended
    assert (result.status, len(result.hyper_losses)) == ("fail", 2)
    assert "stopped between folds" in result.reason


@pytest.mark.parametrize(
    ("score", "reason"),
    [(fold_score(np.nan), "loss chi2 is nan"), (fold_score(1.0, failure="NaN or infinity"), "NaN or infinity")],
)
def test_not_finite(score, reason):
    trial, result = result_of([score])
    assert trial.ended
    assert result.status == "fail"
    assert reason in result.reason
    assert not np.isnan(result.loss)


def test_nothing_evaluated():
    trial = TrialScore(kfold())
    trial.failure = "out of memory"
    result = trial.result(0.1)
    assert (result.status, result.reason, result.loss) == ("fail", "out of memory", np.inf)


def test_arrays_of_the_result():
    _, result = result_of([fold_score(1.0), fold_score(2.0)], folds=2, penalties=["patience"])
    assert result.validation_losses.tolist() == [1.5, 1.5]
    assert result.experimental_losses.tolist() == [2.0, 3.0]
    assert (result.validation_loss, result.experimental_loss) == (1.5, 2.5)
    assert result.hyper_losses.tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert result.penalties["patience"].tolist() == [[3.0, 4.0], [3.0, 4.0]]
    assert result.trvl_losses_chi2exp.tolist() == [1.0, 1.0]
    assert result.trvl_losses_phi2.tolist() == [0.3, 0.3]
