"""Runcard section ``kfold``: defaults, and what it refuses."""

import pytest
from pydantic import ValidationError

from n3fit.runcard.kfold import KFold


def test_defaults():
    kfold = KFold.model_validate({"partitions": [{"datasets": None}, {"datasets": ["A", "B"], "overfit": True}]})
    assert [part.datasets for part in kfold.partitions] == [(), ("A", "B")]
    assert [part.overfit for part in kfold.partitions] == [False, True]
    assert (kfold.loss_type, kfold.replica_statistic, kfold.fold_statistic) == ("chi2", "average", "average")
    assert (kfold.reduce_proportion, kfold.threshold) == (0.85, 50.0)
    assert (kfold.penalties, kfold.penalties_in_loss) == ((), False)


@pytest.mark.parametrize(
    "change",
    [
        {"partitions": []},
        {"partitions": [{"datasets": ["A", "A"]}]},
        {"partitions": [{"datasets": "A"}]},
        {"partitions": [{"datasets": ["A"], "overfit": "yes"}]},
        {"loss_type": "chi3"},
        {"replica_statistic": "max"},
        {"fold_statistic": "mean"},
        {"reduce_proportion": 0.0},
        {"reduce_proportion": 1.1},
        {"threshold": 0},
        {"penalties": ["patience", "patience"]},
        {"penalties": ["smoothness"]},
        {"unknown": 1},
    ],
)
def test_refused(change):
    with pytest.raises(ValidationError):
        KFold.model_validate({"partitions": [{"datasets": ["A"]}]} | change)
