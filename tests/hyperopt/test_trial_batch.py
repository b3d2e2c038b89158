"""Settings of trials that train together."""

from pathlib import Path

import numpy as np
import pytest
from support import problems

from n3fit.fit.settings import PenaltySettings, training_settings
from n3fit.hyperopt.trial_batch import join_penalties, join_settings


def settings(**parameters):
    return training_settings(problems.make_runcard(**parameters), Path("tensorboard"))


def test_settings_of_each_replica():
    """Two trials of three replicas; what is not given is the default of the optimiser."""
    first = settings(epochs=200, stopping_patience=0.1, optimizer={"optimizer_name": "Adagrad", "clipnorm": 0.5})
    second = settings(epochs=100, stopping_patience=0.5, optimizer={"optimizer_name": "Adagrad", "learning_rate": 0.25})
    joined = join_settings([second, first], 3)
    assert joined.epochs == 200
    own = joined.per_replica
    np.testing.assert_array_equal(own.epochs, [100] * 3 + [200] * 3)
    np.testing.assert_array_equal(own.patience, [50] * 3 + [20] * 3)
    np.testing.assert_array_equal(own.learning_rate, [0.25] * 3 + [0.001] * 3)
    np.testing.assert_array_equal(own.clipnorm, [1.0] * 3 + [0.5] * 3)
    assert join_settings([first], 3) is first


def test_multipliers_of_each_replica():
    observables = problems.make_problem(1).positivity.observables
    trials = [PenaltySettings((1.0, 2.0), (3.0, 4.0)), PenaltySettings((5.0, 6.0), (7.0, 8.0))]
    joined = join_penalties(trials, observables, 2)
    np.testing.assert_array_equal(joined.initial, [[1, 2], [1, 2], [5, 6], [5, 6]])
    np.testing.assert_array_equal(joined.growth, [[3, 4], [3, 4], [7, 8], [7, 8]])
    np.testing.assert_array_equal(join_penalties(trials[:1], observables, 2).initial, [1, 2])


@pytest.mark.parametrize("trials", [1, 3])
def test_without_sets(trials):
    joined = join_penalties([PenaltySettings((), ())] * trials, (), 2)
    assert joined.initial.shape == ((0,) if trials == 1 else (6, 0))
    assert joined.observables == ()
