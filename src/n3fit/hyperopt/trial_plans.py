"""Where the parameters of the trials of a scan come from: a sampler, or the trials of an earlier scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from n3fit.hyperopt.optuna_trials import draw_from
from n3fit.hyperopt.samplers import TrialSampler
from n3fit.hyperopt.space import SearchSpace, Value
from n3fit.results.tries import Try

if TYPE_CHECKING:
    import optuna


class TrialPlan(Protocol):
    """The source of the parameters of every trial."""

    @property
    def most_trials(self) -> int | None:
        """The largest number of trials; None where it is not limited."""

    @property
    def learns(self) -> bool:
        """Whether a trial depends on the results of those before."""

    def known_values(self, tid: int) -> Mapping[str, Value]:
        """Return the values of trial ``tid`` that do not depend on the other trials, by the names of parameters."""

    def prepare(self, study: optuna.Study, tid: int) -> None:
        """Set the sampler of the study for trial ``tid``."""

    def parameters(self, trial: optuna.Trial, tid: int) -> dict[str, Any]:
        """Return the keys ``parameters`` of a trial, in the form of ``tries.json``."""


class SampledTrials:
    """Trials of a sampler."""

    def __init__(self, space: SearchSpace, sampler: TrialSampler) -> None:
        self._space, self._sampler = space, sampler

    @property
    def most_trials(self) -> int | None:
        """The size of a grid."""
        return self._sampler.most_trials

    @property
    def learns(self) -> bool:
        """Whether the sampler does."""
        return self._sampler.learns

    def known_values(self, tid: int) -> Mapping[str, Value]:
        """Return the point of a grid; nothing for other samplers."""
        return self._sampler.point(tid) or {}

    def prepare(self, study: optuna.Study, tid: int) -> None:
        """Set the sampler of the trial."""
        study.sampler = self._sampler.of_trial(tid)

    def parameters(self, trial: optuna.Trial, tid: int) -> dict[str, Any]:
        """Return what the sampler draws."""
        return self._space.sample(draw_from(trial))


class DrawnTrials:
    """Trials of an earlier scan, in the order in which they were drawn (``use_tries_from``)."""

    def __init__(self, tries: Sequence[Try]) -> None:
        self._tries = tuple(tries)

    @property
    def most_trials(self) -> int:
        """The number of trials that were drawn."""
        return len(self._tries)

    @property
    def learns(self) -> bool:
        """False: all trials are drawn at the beginning."""
        return False

    def known_values(self, tid: int) -> Mapping[str, Value]:
        """Return nothing: the earlier trial is no parameter of optuna."""
        return {}

    def prepare(self, study: optuna.Study, tid: int) -> None:
        """Do nothing: no value is sampled."""

    def parameters(self, trial: optuna.Trial, tid: int) -> dict[str, Any]:
        """Return all parameters of the earlier trial."""
        return dict(self._tries[tid].parameters)
