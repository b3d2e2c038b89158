"""CMA-ES as a sampler of optuna whose state is computed from the trials that have ended.

The sampler of optuna writes its state as a pickle into the storage; here none is written. Every generation is given to
the strategy again, in the order of the trials, before the next trial is drawn: that takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from n3fit.hyperopt.optuna_trials import import_optuna
from n3fit.hyperopt.space import Number

if TYPE_CHECKING:
    import optuna

START, WIDTH = 0.5, 1 / 6
"""Mean and standard deviation of the first generation, in the unit interval of every number."""


def make_cma_sampler(numbers: Sequence[Number], seed: int) -> optuna.samplers.BaseSampler:
    """Return the sampler of one trial.

    Parameters
    ----------
    numbers : sequence of Number
        The parameters; others have one value.
    seed : int
    """
    optuna = import_optuna()

    class CmaSampler(optuna.samplers.BaseSampler):  # type: ignore[name-defined]
        """CMA-ES without a state of its own."""

        def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, Any]:
            """Return the numbers with their distributions."""
            return {
                number.name: optuna.distributions.FloatDistribution(number.low, number.high, log=number.log)
                for number in numbers
            }

        def sample_relative(self, study: Any, trial: Any, search_space: dict[str, Any]) -> dict[str, float]:
            """Return the values of the numbers."""
            states = (optuna.trial.TrialState.COMPLETE,)
            ended = study.get_trials(deepcopy=False, states=states)
            history = [(entry.params, float(entry.value)) for entry in ended]
            return draw_values(numbers, history, seed)

        def sample_independent(self, study: Any, trial: Any, param_name: str, param_distribution: Any) -> Any:
            """Return the value of a parameter that has only one."""
            single = optuna.samplers.RandomSampler(seed=seed)
            return single.sample_independent(study, trial, param_name, param_distribution)

    return CmaSampler()


def draw_values(
    numbers: Sequence[Number], history: Sequence[tuple[dict[str, float], float]], seed: int
) -> dict[str, float]:
    """Return the values of a trial after those of ``history``, pairs of values by name and loss in their order."""
    from cmaes import CMA

    size = len(numbers)
    bounds = np.tile([0.0, 1.0], (size, 1))
    strategy = CMA(mean=np.full(size, START), sigma=WIDTH, bounds=bounds, seed=seed % 2**31)
    points = [
        (np.array([number.fraction_of(values[number.name]) for number in numbers]), loss) for values, loss in history
    ]
    generation = strategy.population_size
    for start in range(0, len(points) - generation + 1, generation):
        strategy.tell(points[start : start + generation])
    return {
        number.name: number.at(min(1.0, max(0.0, float(fraction))))
        for number, fraction in zip(numbers, strategy.ask(), strict=True)
    }
