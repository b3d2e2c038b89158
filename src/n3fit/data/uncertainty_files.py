"""Reading of the uncertainty files of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.data.checked_values import check_count, entry_of, finite_number
from n3fit.errors import DataError
from n3fit.storage.json_files import read_text
from n3fit.storage.yaml_files import DATA, parse_yaml
from n3fit.storage.yaml_tables import split_plain_table
from n3fit.typing import Floats

SKIPPED = "SKIP"
"""Type of a systematic that is in the files of the library and is not used."""

REPEATED = "SCALEVAR"
"""Name of the shifts of the predictions by scale variations: data sets have several, and those with the same position
among them belong together."""


@dataclass(frozen=True)
class Uncertainties:
    """Content of the uncertainty files of a data set, all absolute: see :class:`CommonData`."""

    statistical: Floats
    systematics: Floats
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    correlations: tuple[str, ...]


def read_uncertainties(paths: Sequence[Path], count: int) -> Uncertainties:
    """Read uncertainty files side by side; every file has a column for each of its definitions."""
    statistical: Floats | None = None
    columns: list[Floats] = []
    labels: list[tuple[str, str, str]] = []
    for path in paths:
        definitions, table = _read_file(path, count)
        for position, (name, definition) in enumerate(definitions.items()):
            kind, correlation = _kind_of(name, definition, path)
            if name.lower() == "stat":
                if statistical is not None or (kind, correlation) != ("ADD", "UNCORR"):
                    raise DataError(
                        f"{path}: expected `stat` once, additive and uncorrelated (ADD, UNCORR), "
                        f"received {kind}, {correlation}"
                    )
                statistical = table[:, position]
            elif correlation != SKIPPED:
                columns.append(table[:, position])
                labels.append((name, kind, correlation))
    return Uncertainties(
        statistical=np.zeros(count) if statistical is None else statistical,
        systematics=np.stack(columns, axis=1) if columns else np.zeros((count, 0)),
        names=tuple(name for name, _, _ in labels),
        kinds=tuple(kind for _, kind, _ in labels),
        correlations=_number_repeated([correlation for _, _, correlation in labels]),
    )


def _number_repeated(correlations: Sequence[str]) -> tuple[str, ...]:
    """Return the names of systematics, with a number for those that may be repeated.

    >>> _number_repeated(["SCALEVAR", "CORR", "SCALEVAR", "CORR"])
    ('SCALEVAR', 'CORR', 'SCALEVAR (2)', 'CORR')
    """
    names = []
    repetitions = 0
    for correlation in correlations:
        repetitions += correlation == REPEATED
        second = correlation == REPEATED and repetitions > 1
        names.append(f"{correlation} ({repetitions})" if second else correlation)
    return tuple(names)


def _read_file(path: Path, count: int) -> tuple[dict[str, Any], Floats]:
    """Read the definitions of a file, and its values with one row per bin and one column per definition."""
    text = read_text(path, limit=DATA.size, error=DataError)
    table = split_plain_table(text, "bins", DATA)
    try:
        content = parse_yaml(text if table is None else table.head, str(path)).data
    except DataError:
        # what is wrong is the matter of the complete text
        table, content = None, parse_yaml(text, str(path)).data
    definitions = entry_of(content, "definitions", dict, path)
    names = tuple(definitions)
    if table is None or "bins" in content:
        return definitions, _collect(entry_of(content, "bins", list, path), names, count, path)
    check_count(len(table.values), count, "bins", path)
    return definitions, table.values[:, _columns(table.names, names, path)]


def _columns(keys: tuple[str, ...], names: tuple[str, ...], path: Path) -> list[int]:
    """Return the column of each definition.

    In a few files of the library the values have other names than the definitions; there the order counts.
    """
    if set(keys) == set(names):
        return [keys.index(name) for name in names]
    if len(keys) != len(names):
        raise DataError(
            f"{path}: expected {len(names)} values in each bin, one for each definition, received {len(keys)} in bin 0"
        )
    return list(range(len(names)))


def _collect(bins: list[Any], names: tuple[str, ...], count: int, path: Path) -> Floats:
    """Return the values of bins that a parser has read, checked one by one; columns in the order of ``names``."""
    check_count(len(bins), count, "bins", path)
    keys = tuple(bins[0]) if bins and isinstance(bins[0], dict) else ()
    columns = _columns(keys, names, path)
    expected = set(keys)
    values = np.empty((count, len(keys)))
    for row, entry in enumerate(bins):
        if not isinstance(entry, dict) or entry.keys() != expected:
            received = sorted(expected ^ set(entry)) if isinstance(entry, dict) else entry
            raise DataError(f"{path}: expected the entries of bin 0 in bin {row}; missing or unknown: {received}")
        values[row] = [finite_number(entry[key], f"{key} of bin {row}", path) for key in keys]
    return values[:, columns]


def _kind_of(name: str, definition: Any, path: Path) -> tuple[str, str]:
    if not isinstance(definition, dict) or "treatment" not in definition or "type" not in definition:
        raise DataError(f"{path}: expected `treatment` and `type` in the definition of {name}, received {definition!r}")
    if definition["treatment"] not in ("ADD", "MULT"):
        raise DataError(f"{path}: expected ADD or MULT as treatment of {name}, received {definition['treatment']!r}")
    return definition["treatment"], str(definition["type"])


def check_not_exact(name: str, errors: Uncertainties) -> None:
    """Check that every point has an uncertainty; otherwise a DataError names the first one without."""
    total = errors.statistical + np.abs(errors.systematics).sum(axis=1)
    exact = np.flatnonzero(total == 0.0)
    if exact.size:
        raise DataError(
            f"{name}: all uncertainties of {exact.size} points are zero (the first is point {exact[0]}); "
            "expected an uncertainty for every measurement"
        )
