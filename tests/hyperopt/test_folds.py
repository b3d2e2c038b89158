"""Folds: what is left out, what judges, seeds, and what is refused."""

from types import SimpleNamespace

import numpy as np
import pytest

from n3fit.errors import RuncardError
from n3fit.hyperopt.folds import fold_seed, make_folds
from n3fit.runcard.kfold import KFold


class Points(SimpleNamespace):
    """A data set with a name and a number of points."""

    def __len__(self) -> int:
        return self.size


DATASETS = [Points(name="A", size=2), Points(name="B", size=3), Points(name="C", size=1)]


def folds_of(*partitions, datasets=DATASETS, fitted=DATASETS):
    return make_folds(KFold.model_validate({"partitions": list(partitions)}), datasets, fitted)


def names(fold):
    return [dataset.name for dataset in fold.fitted]


def test_data_sets_of_a_fold_are_left_out_and_judge():
    first, second = folds_of({"datasets": ["B"]}, {"datasets": ["C", "A"]})
    assert (names(first), first.judging.tolist(), first.others.tolist()) == (["A", "C"], [2, 3, 4], [0, 1, 5])
    assert (names(second), second.judging.tolist(), second.others.tolist()) == (["B"], [0, 1, 5], [2, 3, 4])


def test_overfit_keeps_them_in_the_fit():
    (fold,) = folds_of({"datasets": ["B"], "overfit": True})
    assert names(fold) == ["A", "B", "C"]
    assert (fold.judging.tolist(), fold.others.tolist()) == ([2, 3, 4], [0, 1, 5])


def test_empty_fold_is_judged_by_all_data():
    (fold,) = folds_of({"datasets": None})
    assert names(fold) == ["A", "B", "C"]
    assert fold.judging.tolist() == fold.others.tolist() == [0, 1, 2, 3, 4, 5]


def test_data_sets_without_weight_judge():
    (fold,) = folds_of({"datasets": ["A"]}, fitted=DATASETS[1:])
    assert names(fold) == ["B", "C"]
    assert fold.judging.tolist() == [0, 1]


def test_old_names_are_understood():
    """NMCPD is the old name of the ratio of NMC."""
    ratio = Points(name="NMC_NC_NOTFIXED_EM-F2", size=4)
    (fold,) = folds_of({"datasets": ["NMCPD"]}, datasets=[*DATASETS, ratio], fitted=[*DATASETS, ratio])
    assert fold.judging.tolist() == [6, 7, 8, 9]


def test_unknown_data_set_is_refused():
    with pytest.raises(RuncardError, match=r"kfold: partitions: 1: datasets: .* received D"):
        folds_of({"datasets": ["A"]}, {"datasets": ["D"]})


def test_nothing_left_to_fit_is_refused():
    with pytest.raises(RuncardError, match="some data set of the fit outside of the fold"):
        folds_of({"datasets": ["A", "B", "C"]})


def test_seeds_of_the_folds():
    drawn = int(np.random.default_rng(2).integers(1, 2**30))
    assert [fold_seed(2, fold) for fold in range(3)] == [2, drawn, 2 * drawn]
