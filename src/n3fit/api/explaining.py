"""Explanations of the keys of runcards."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from n3fit.runcard.explanation import Explanation


def explain(key: str | None = None) -> tuple[Explanation, ...]:
    """Return the explanations of the keys that a path or a name stands for; without one, of the top level.

    Parameters
    ----------
    key : str, optional
        A path such as ``parameters.epochs``, or its end, such as ``epochs``.

    Raises
    ------
    RuncardError
        No key has this name.
    """
    from n3fit.runcard.explanation import explain_key, explain_sections

    return explain_sections() if key is None else explain_key(key)


def runcard_keys() -> tuple[str, ...]:
    """Return the paths of all keys that :func:`explain` has."""
    from n3fit.runcard.explanation import key_names

    return key_names()
