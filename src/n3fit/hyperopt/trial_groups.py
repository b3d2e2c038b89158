"""Which trials can train together: those of one network and one optimiser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from n3fit.storage.json_files import to_json

MOST_SLOTS = 100
"""Replicas in all folds of the trials that train together where their number is not given."""

_OWN_KEYS = frozenset({"epochs", "stopping_patience"})
_OWN_OPTIONS = frozenset({"learning_rate", "clipnorm"})
_OWN_MULTIPLIERS = frozenset({"initial", "multiplier"})
_PENALTIES = ("positivity", "integrability")


def shared_parameters(parameters: Mapping[str, Any]) -> str:
    """Return what trials that train together have in common, as a text to compare.

    It leaves out the numbers of which every replica can have its own: the epochs and the patience, the learning rate
    and the clip norm, and the Lagrange multipliers.

    Parameters
    ----------
    parameters : mapping
        The section ``parameters`` of a runcard, or that of a trial in ``tries.json``.
    """
    shared = {key: value for key, value in parameters.items() if key not in _OWN_KEYS and value is not None}
    shared["optimizer"] = _without(parameters.get("optimizer"), _OWN_OPTIONS)
    for key in _PENALTIES:
        shared[key] = _without(parameters.get(key), _OWN_MULTIPLIERS)
    return to_json(dict(sorted(shared.items())))


def group_trials(parameters: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """Return the positions of the trials of each group that can train together, in their order.

    >>> first, second = {"epochs": 10, "dropout": 0.1}, {"epochs": 10, "dropout": 0.2}
    >>> group_trials([first, second, {**first, "epochs": 20}])
    [[0, 2], [1]]
    """
    groups: dict[str, list[int]] = {}
    for position, entry in enumerate(parameters):
        groups.setdefault(shared_parameters(entry), []).append(position)
    return list(groups.values())


def trials_at_once(slots: int, trials: int) -> int:
    """Return how many of some trials train together, where each has so many replicas in all folds.

    >>> trials_at_once(20, 50), trials_at_once(40, 1), trials_at_once(400, 5)
    (5, 1, 1)
    """
    return max(1, min(MOST_SLOTS // slots, trials))


def _without(section: Mapping[str, Any] | None, keys: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in sorted((section or {}).items()) if key not in keys and value is not None}
