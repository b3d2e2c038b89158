"""The runcards of fits as plain values, so that they can be compared key by key."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from n3fit.errors import N3fitError
from n3fit.results.folder import FitFolder
from n3fit.results.layout import RUNCARD
from n3fit.runcard import RuncardWarning, parse_runcard
from n3fit.runcard.values import show_value
from n3fit.runcard.yaml_reader import parse_yaml

NAME_KEYS = ("fl", "dataset", "process_type")
"""Keys that name an entry of a list."""


def read_contents(fits: Sequence[FitFolder]) -> list[dict[str, Any]]:
    """Return the content of each runcard with the defaults of all keys.

    If one of them cannot be checked, such as that of another program, all are as they are written, without defaults;
    one that is not YAML is empty.
    """
    checked = [_read_checked(fit) for fit in fits]
    if all(content is not None for content in checked):
        return [content for content in checked if content is not None]
    return [read_plain(fit) for fit in fits]


def flatten(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value with its path, such as ``parameters.optimizer.learning_rate`` or ``fitting.basis.g.smallx``.

    Entries of a list go by their names, or else by their position.
    """
    for key, value in content.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from flatten(value, f"{path}.")
        elif isinstance(value, list | tuple) and any(isinstance(entry, Mapping) for entry in value):
            for name, entry in _named(value):
                yield from flatten(entry, f"{path}.{name}.")
        else:
            yield path, value


def show(value: Any) -> str:
    """Return a value as text; a list has all its entries."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(show, value))}]"
    return value if isinstance(value, str) else show_value(value)


def _named(entries: Sequence[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the entries of a list with their names, numbered where a name occurs again."""
    seen: dict[str, int] = {}
    for position, entry in enumerate(entries):
        content = entry if isinstance(entry, Mapping) else {"value": entry}
        name = next((str(content[key]) for key in NAME_KEYS if content.get(key) is not None), str(position))
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name} ({seen[name]})", content


def _read_checked(fit: FitFolder) -> dict[str, Any] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuncardWarning)
            return parse_runcard(fit.runcard_text, name=str(fit.path / RUNCARD)).model_dump()
    except N3fitError:
        return None


def most_cores(fits: Sequence[FitFolder]) -> int | None:
    """Return the smallest ``maxcores`` of the runcards, None if no fit has it."""
    written = [read_plain(fit).get("maxcores") for fit in fits if "maxcores" in fit.runcard_text]
    return min((value for value in written if isinstance(value, int) and value > 0), default=None)


def read_plain(fit: FitFolder) -> dict[str, Any]:
    """Return the content of a runcard as it is written; an empty one if it is not YAML."""
    try:
        content: dict[str, Any] = parse_yaml(fit.runcard_text, str(fit.path / RUNCARD)).data
    except N3fitError:
        return {}
    return content
