"""Settings of runcards."""

from pathlib import Path

import numpy as np
import pytest
from support import problems

from n3fit.backends.keras_backend.optimizers import build_optimizer
from n3fit.fit.settings import WEIGHTS_FILE, fit_settings
from n3fit.training.stopping import StoppingRules


def test_rules_of_the_stopping():
    problem = problems.make_problem(2)
    settings = problems.make_settings(
        epochs=17000, stopping_patience=0.1, threshold_chi2=3.5, stopping_delta=0.25, positivity={"threshold": 1e-5}
    )
    stopping = settings.stopping
    assert (stopping.patience, stopping.threshold_chi2) == (1700, 3.5)
    assert (stopping.positivity_threshold, stopping.delta) == (1e-5, 0.25)
    rules = StoppingRules(problem.training_points, problem.validation_points, stopping)
    assert rules.training_points.tolist() == [15, 15]
    assert rules.validation_points.tolist() == [5, 5]
    assert rules.watch_training.tolist() == [False, False]
    assert problems.make_settings(epochs=3, stopping_patience=0.01).stopping.patience == 1


@pytest.mark.parametrize(("clipnorm", "expected"), [(None, 1.0), (0.0, 0.0), (6e-6, 6e-6)])
def test_clipnorm_goes_from_the_runcard_to_the_optimiser(clipnorm, expected):
    """Left out, it is the default of the optimiser; 0 switches clipping off."""
    options = {"optimizer_name": "Nadam"} | ({} if clipnorm is None else {"clipnorm": clipnorm})
    optimizer = problems.make_settings(optimizer=options).optimizer
    assert optimizer.arguments == {name: value for name, value in options.items() if name == "clipnorm"}
    assert (build_optimizer(optimizer.name, **optimizer.arguments).clipnorm or 0.0) == expected


def test_penalties_pseudodata_and_split(card):
    settings = fit_settings(card())
    np.testing.assert_allclose(settings.positivity.initial, [10.0])
    np.testing.assert_allclose(settings.positivity.growth, [1e5 ** (1 / 10)], rtol=1e-12)  # 1000 epochs, 10 updates
    assert (settings.integrability.initial, settings.integrability.growth) == ((2.0,), (3.0,))
    assert settings.pseudodata.seed == 3
    assert fit_settings(card(genrep=False)).pseudodata.seed is None
    assert settings.split.eigenbasis
    assert settings.split.fractions == (1.0,)
    assert settings.weights_file == WEIGHTS_FILE
    assert fit_settings(card(save="mine.h5")).weights_file == "mine.h5"


def test_groups_and_the_deterministic_mode(card):
    assert fit_settings(card()).together
    assert not fit_settings(card(parallel_models=False)).together
    debug = fit_settings(card(debug=True))
    assert debug.deterministic
    assert debug.training.deterministic
    assert not debug.together


def test_tensorboard(card):
    assert fit_settings(card()).training.tensorboard is None
    logs = {"tensorboard": {"weight_freq": 5, "profiling": True}}
    found = fit_settings(card(**logs), tensorboard_folder=Path("logs")).training.tensorboard
    assert (found.folder, found.weight_freq, found.profiling) == (Path("logs"), 5, True)
