"""Samplers of trials: how the next trial is chosen.

A sampler has no memory: the values of trial number k follow from the seed of the scan, from k, and from the trials that
have ended. So a scan that is continued chooses the trials that it would have chosen without the interruption.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from n3fit.defaults import SCAN_SAMPLERS
from n3fit.errors import CommandLineError, MissingExtraError
from n3fit.hyperopt.grid import grid_points
from n3fit.hyperopt.optuna_trials import EXTRA, experimental_parts, import_optuna
from n3fit.hyperopt.space import Choice, Number, SearchSpace, Value
from n3fit.seeds import derive_seed, generator

if TYPE_CHECKING:
    import optuna

GRID_STEPS = 3
"""Values of a number in a grid."""

LARGEST_GRID = 100_000

START_UP_TRIALS = 10
"""Trials that are drawn at random before the first estimate of TPE."""

_LEARNING = frozenset({"tpe", "cmaes"})

_PURPOSE = "trial of a scan"


class TrialSampler:
    """The choice of trials by one of :data:`SAMPLERS`.

    Parameters
    ----------
    name : str
        One of :data:`n3fit.defaults.SCAN_SAMPLERS`.
    space : SearchSpace
    seed : int

    Raises
    ------
    CommandLineError
        The sampler cannot be used for this space.
    MissingExtraError
        A library is not installed.
    """

    def __init__(self, name: str, space: SearchSpace, seed: int) -> None:
        if name not in SCAN_SAMPLERS:
            expected = ", ".join(SCAN_SAMPLERS)
            raise CommandLineError(f"sampler: expected one of {expected}, received {name!r}")
        self._name, self._seed = name, seed
        self._points = shuffled_grid(space, seed) if name == "grid" else None
        if name == "cmaes":
            self._numbers = numbers_only(space)

    @property
    def most_trials(self) -> int | None:
        """The number of trials of a grid; None where it is not limited."""
        return None if self._points is None else len(self._points)

    @property
    def learns(self) -> bool:
        """Whether a trial depends on the results of those before."""
        return self._name in _LEARNING

    def point(self, tid: int) -> dict[str, Value] | None:
        """Return the values of a trial that are known before: of a grid; None for the other samplers."""
        return None if self._points is None else self._points[tid]

    def of_trial(self, tid: int) -> optuna.samplers.BaseSampler:
        """Return the sampler of optuna for the values of one trial."""
        optuna = import_optuna()
        seed = derive_seed(self._seed, _PURPOSE, tid)
        if self._name == "tpe":
            with experimental_parts():
                return optuna.samplers.TPESampler(
                    n_startup_trials=START_UP_TRIALS, multivariate=False, constant_liar=True, seed=seed
                )
        if self._name == "cmaes":
            from n3fit.hyperopt.cma_sampler import make_cma_sampler

            return make_cma_sampler(self._numbers, seed)
        return optuna.samplers.RandomSampler(seed=seed)


def shuffled_grid(space: SearchSpace, seed: int) -> list[dict[str, Value]]:
    """Return the points of the grid in random order.

    Raises
    ------
    CommandLineError
        There are more than :data:`LARGEST_GRID`.
    """
    points = list(islice(grid_points(space, GRID_STEPS), LARGEST_GRID + 1))
    if len(points) > LARGEST_GRID:
        raise CommandLineError(
            f"--sampler grid: expected a scan of at most {LARGEST_GRID} combinations of choices and of {GRID_STEPS} "
            "values of every number, received one of more",
            hint="scan fewer keys, or choose --sampler tpe",
            ways=[["--sampler", "tpe"]],
        )
    order = generator(seed, "order of the grid of a scan").permutation(len(points))
    return [points[index] for index in order]


def numbers_only(space: SearchSpace) -> list[Number]:
    """Return the parameters of a space that has numbers alone.

    Raises
    ------
    CommandLineError
        There is a choice, or only one number.
    MissingExtraError
        The library cmaes is not installed.
    """
    try:
        import cmaes  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("cmaes", EXTRA) from error
    parameters = space.parameters()
    choices = [entry for entry in parameters if isinstance(entry, Choice) and len(entry.values) > 1]
    if choices:
        names = ", ".join(f"{entry.name} ({len(entry.values)} values)" for entry in choices)
        raise CommandLineError(
            f"--sampler cmaes: expected a scan of numbers alone, received the choices {names}",
            hint="keep one value of each, or choose --sampler tpe",
            ways=[["--sampler", "tpe"]],
        )
    numbers = [entry for entry in parameters if isinstance(entry, Number) and entry.low < entry.high]
    if len(numbers) < 2:  # the library needs two dimensions
        raise CommandLineError(
            f"--sampler cmaes: expected a scan of at least two numbers, received {len(numbers)}",
            hint="choose --sampler tpe",
            ways=[["--sampler", "tpe"]],
        )
    return numbers
