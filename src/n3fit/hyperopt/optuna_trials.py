"""Trials of optuna: their values, and how they are drawn; the only modules that import optuna are this and the journal.

Installed by the extra ``hyperopt``.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from n3fit.errors import MissingExtraError
from n3fit.hyperopt.space import Choice, Draw, Parameter, Value

if TYPE_CHECKING:
    import optuna

EXTRA = "hyperopt"


def import_optuna() -> Any:
    """Return the module optuna, which writes no messages of its own below errors.

    Raises
    ------
    MissingExtraError
        It is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise MissingExtraError("optuna", EXTRA) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


@contextmanager
def experimental_parts() -> Iterator[None]:
    """Use parts of optuna that some of its versions call experimental, without a warning."""
    optuna = import_optuna()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        yield


def draw_from(trial: optuna.Trial) -> Draw:
    """Return the source of values that a trial of optuna is, by its sampler."""

    def draw(parameter: Parameter) -> Value:
        if isinstance(parameter, Choice):
            chosen: Any = trial.suggest_categorical(parameter.name, parameter.values)
            return cast(Value, chosen)
        return float(trial.suggest_float(parameter.name, parameter.low, parameter.high, log=parameter.log))

    return draw
