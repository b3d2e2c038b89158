"""CMA-ES from the history alone."""

import numpy as np
import pytest
from cmaes import CMA

from n3fit.hyperopt.cma_sampler import draw_values
from n3fit.hyperopt.space import Number

NUMBERS = [Number("a", 0.0, 2.0), Number("b", 1.0, 100.0, log=True)]


def test_the_first_generation_is_around_the_middle() -> None:
    drawn = [draw_values(NUMBERS, [], seed) for seed in range(300)]
    a, b = (np.array([entry[name] for entry in drawn]) for name in "ab")
    assert np.mean(a) == pytest.approx(1.0, abs=0.08)
    assert np.std(a) == pytest.approx(2 / 6, rel=0.15)
    assert np.exp(np.mean(np.log(b))) == pytest.approx(10, rel=0.2)
    assert 0 <= a.min() < a.max() <= 2
    assert 1 <= b.min() < b.max() <= 100


def test_the_mean_moves_to_the_best_of_complete_generations() -> None:
    """As in the library itself, which receives the same points."""
    strategy = CMA(mean=np.full(2, 0.5), sigma=1 / 6, bounds=np.tile([0.0, 1.0], (2, 1)), seed=3)
    size = strategy.population_size
    points = [np.array([0.2 + 0.1 * k, 0.5]) for k in range(size)]
    history = [({"a": 2 * x[0], "b": 100 ** x[1]}, float(x[0])) for x in points]
    strategy.tell([(x, float(x[0])) for x in points])
    expected = strategy.ask()
    drawn = draw_values(NUMBERS, [*history, ({"a": 1.9, "b": 50.0}, 0.0)], 3)
    assert drawn["a"] == pytest.approx(2 * expected[0], rel=1e-12)
    assert drawn["b"] == pytest.approx(100 ** expected[1], rel=1e-12)
