"""Samplers: seeded, without memory, and refused where they cannot be used."""

from collections.abc import Mapping
from typing import Any

import optuna
import pytest
from support.scan_cards import closed_form, make_space

from n3fit.errors import CommandLineError
from n3fit.hyperopt import samplers
from n3fit.hyperopt.optuna_trials import draw_from, import_optuna
from n3fit.hyperopt.samplers import TrialSampler
from n3fit.hyperopt.space import SearchSpace

NUMBERS = """\
  stopping: {min_epochs: 50, max_epochs: 100}
  optimizer: [{optimizer_name: Adam, learning_rate: {min: 1.0e-4, max: 1.0e-1, sampling: log}}]
"""


def trials_of(name: str, space: SearchSpace, seed: int, count: int) -> list[Mapping[str, Any]]:
    """Return the parameters of trials of a study in memory, whose losses are those of a closed form."""
    import_optuna()
    sampler, study = TrialSampler(name, space, seed), optuna.create_study()
    found = []
    for tid in range(count):
        study.sampler = sampler.of_trial(tid)
        trial = study.ask()
        parameters = space.sample(draw_from(trial))
        study.tell(trial, closed_form(parameters))
        found.append(parameters)
    return found


@pytest.mark.parametrize("name", ["tpe", "random"])
def test_same_seed_same_trials(name: str) -> None:
    space = make_space()
    first = trials_of(name, space, 1, 14)
    assert trials_of(name, space, 1, 14) == first
    assert trials_of(name, space, 2, 14)[0] != first[0]


@pytest.mark.parametrize("seed", [1, 2])
def test_tpe_finds_a_planted_optimum(seed: int) -> None:
    """Of six keys, three of them choices, within 60 trials: one trial in about 300 is as good by chance."""
    losses = [closed_form(parameters) for parameters in trials_of("tpe", make_space(), seed, 60)]
    assert min(losses) < 1.03
    assert sum(losses[-30:]) / 30 < 0.6 * sum(losses[:10]) / 10


def test_cma_finds_the_optimum_of_numbers() -> None:
    space = make_space(NUMBERS)
    found = trials_of("cmaes", space, 1, 60)
    assert trials_of("cmaes", space, 1, 20) == found[:20]
    best = min(found, key=closed_form)
    assert best["optimizer"]["learning_rate"] == pytest.approx(0.01, rel=0.1)
    assert best["epochs"] == pytest.approx(80, abs=3)


def test_cma_refuses_choices() -> None:
    with pytest.raises(CommandLineError, match=r"choices optimizer \(2 values\), n_layers \(2 values\), activation"):
        TrialSampler("cmaes", make_space(), 1)
    with pytest.raises(CommandLineError, match="at least two numbers, received 1"):
        TrialSampler("cmaes", make_space("  stopping: {min_epochs: 50, max_epochs: 100}\n"), 1)


def test_a_grid_is_in_random_order_and_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    space = make_space(NUMBERS)
    first, second = TrialSampler("grid", space, 1), TrialSampler("grid", space, 2)
    assert first.most_trials == second.most_trials == 9
    points = [first.point(tid) for tid in range(9)]
    assert points != [second.point(tid) for tid in range(9)]
    assert sorted(map(str, points)) == sorted(str(second.point(tid)) for tid in range(9))
    monkeypatch.setattr(samplers, "LARGEST_GRID", 8)
    with pytest.raises(CommandLineError, match="expected a scan of at most 8 combinations"):
        TrialSampler("grid", space, 1)


def test_other_samplers_have_no_limit_and_no_points() -> None:
    sampler = TrialSampler("tpe", make_space(), 1)
    assert (sampler.most_trials, sampler.point(0)) == (None, None)


def test_unknown_sampler() -> None:
    with pytest.raises(CommandLineError, match="expected one of tpe, random, grid, cmaes, received 'best'"):
        TrialSampler("best", make_space(), 1)
