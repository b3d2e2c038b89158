"""Readers of the files of a data set, which the metadata of the library name, into :class:`CommonData`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.errors import DataError
from n3fit.storage.yaml_files import read_yaml
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


def source_files(metadata: Any) -> list[Path]:
    """Return the files of a data set, the metadata file first."""
    parent = metadata._parent
    files = [parent.metadata_file, metadata.path_kinematics]
    if not metadata.is_nnpdf_special:
        files += [metadata.path_data_central, *metadata.paths_uncertainties]
    return [Path(path) for path in files]


def build_commondata(metadata: Any, variant: str | None) -> CommonData:
    """Read a data set (all its rows) from the files that ``metadata``, an ``ObservableMetaData``, names.

    Raises
    ------
    DataError
        A file is missing, broken, or has another number of points than the metadata; a value is not a number; a
        point has no uncertainty at all.
    """
    count = int(metadata.ndata)
    kinematics = _read_kinematics(metadata.path_kinematics, count, metadata.kinematic_coverage)
    if metadata.is_nnpdf_special:
        central = np.zeros(count)
        errors = Uncertainties(np.zeros(count), np.zeros((count, 0)), (), (), ())
    else:
        central = _read_central(metadata.path_data_central, count)
        errors = _read_uncertainties(metadata.paths_uncertainties, count)
        _check_not_exact(metadata.name, errors)
    process_type = str(metadata.process_type)
    x, q2, y = _dis_variables(kinematics, process_type)
    theory = metadata.theory
    plotting = metadata.plotting
    return CommonData(
        name=metadata.name,
        variant=variant,
        experiment=str(metadata.nnpdf_metadata.get("experiment") or metadata.experiment),
        process_type=process_type,
        operation="NULL" if theory is None else str(theory.operation),
        fk_names=() if theory is None else tuple(tuple(map(str, operand)) for operand in theory.FK_tables),
        conversion_factor=1.0 if theory is None else float(theory.conversion_factor),
        ndata_file=count,
        indices=np.arange(count),
        central=central,
        statistical=errors.statistical,
        systematics=errors.systematics,
        systematic_names=errors.names,
        systematic_kinds=errors.kinds,
        systematic_correlations=errors.correlations,
        x=x,
        q2=q2,
        y=y,
        kinematics=kinematics,
        label=str(plotting.dataset_label or metadata.name),
        units=str(metadata.observable.get("units") or ""),
        y_label=str(plotting.y_label or ""),
        plot_x=str(plotting.plot_x or ""),
        kinematic_labels={key: variable.full_label() for key, variable in metadata.kinematics.variables.items()},
        fk_shifts={} if theory is None else dict(theory.shifts or {}),
        fk_normalization={} if theory is None else dict(theory.normalization or {}),
    )


def _read_central(path: Path, count: int) -> Floats:
    values = _entry(read_yaml(path), "data_central", list, path)
    _check_count(len(values), count, "central values", path)
    return np.array([_number(value, f"central value {row}", path) for row, value in enumerate(values)])


def _read_uncertainties(paths: Sequence[Path], count: int) -> Uncertainties:
    """Read uncertainty files side by side; every file has a column for each of its definitions."""
    statistical: Floats | None = None
    columns: list[Floats] = []
    labels: list[tuple[str, str, str]] = []
    for path in paths:
        content = read_yaml(path)
        definitions = _entry(content, "definitions", dict, path)
        table = _read_table(_entry(content, "bins", list, path), tuple(definitions), count, path)
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


def _read_table(bins: list[Any], names: tuple[str, ...], count: int, path: Path) -> Floats:
    """Read one row per bin, columns in the order of ``names``.

    In a few files of the library the values have other names than the definitions; there the order counts.
    """
    _check_count(len(bins), count, "bins", path)
    keys = tuple(bins[0]) if bins and isinstance(bins[0], dict) else ()
    if set(keys) == set(names):
        keys = names
    if len(keys) != len(names):
        raise DataError(
            f"{path}: expected {len(names)} values in each bin, one for each definition, received {len(keys)} in bin 0"
        )
    expected = set(keys)
    table = np.empty((count, len(names)))
    for row, entry in enumerate(bins):
        if not isinstance(entry, dict) or entry.keys() != expected:
            received = sorted(expected ^ set(entry)) if isinstance(entry, dict) else entry
            raise DataError(f"{path}: expected the entries of bin 0 in bin {row}; missing or unknown: {received}")
        table[row] = [_number(entry[key], f"{key} of bin {row}", path) for key in keys]
    return table


def _kind_of(name: str, definition: Any, path: Path) -> tuple[str, str]:
    if not isinstance(definition, dict) or "treatment" not in definition or "type" not in definition:
        raise DataError(f"{path}: expected `treatment` and `type` in the definition of {name}, received {definition!r}")
    if definition["treatment"] not in ("ADD", "MULT"):
        raise DataError(f"{path}: expected ADD or MULT as treatment of {name}, received {definition['treatment']!r}")
    return definition["treatment"], str(definition["type"])


def _read_kinematics(path: Path, count: int, coverage: Sequence[str]) -> dict[str, Floats]:
    """Read the middle of every bin in every variable; the variables of ``coverage`` come first."""
    bins = _entry(read_yaml(path), "bins", list, path)
    _check_count(len(bins), count, "bins", path)
    columns: dict[str, list[float]] = {}
    for row, entry in enumerate(bins):
        if not isinstance(entry, dict) or (row > 0 and entry.keys() != columns.keys()):
            raise DataError(f"{path}: expected the variables of bin 0 in bin {row}, received {entry!r}")
        for name, limits in entry.items():
            columns.setdefault(name, []).append(_middle(limits, f"{name} of bin {row}", path))
    if not columns:
        raise DataError(f"{path}: expected kinematic variables in the bins, received none")
    first = [name for name in coverage if name in columns]
    missing = [name for name in coverage if name not in columns and not name.startswith("extra_")]
    if missing:
        raise DataError(
            f"{path}: expected the variable {missing[0]!r} of the metadata in the bins, received {sorted(columns)}"
        )
    return {name: np.array(columns[name]) for name in (*first, *(name for name in columns if name not in first))}


def _middle(limits: Any, what: str, path: Path) -> float:
    if not isinstance(limits, dict):
        raise DataError(f"{path}: expected a mapping with min, mid and max for {what}, received {limits!r}")
    if limits.get("mid") is not None:
        return _number(limits["mid"], what, path)
    return 0.5 * (_number(limits.get("min"), what, path) + _number(limits.get("max"), what, path))


def _dis_variables(kinematics: Mapping[str, Floats], process_type: str) -> tuple[Floats, Floats, Floats]:
    """Return x, Q2 and y, NaN where the process does not have them.

    Sets in the oldest form call their variables k1, k2, k3: for DIS x, Q (not squared) and y. A missing y follows
    from y = Q2 / (x s), masses neglected.
    """
    unknown = np.full(len(next(iter(kinematics.values()))), np.nan)
    group = process_type.split("_")[0]
    if group not in ("DIS", "POS", "INTEG"):
        return unknown, unknown, unknown

    def column(*names: str) -> Floats:
        found = [name for name in names if name in kinematics]
        return kinematics[found[0]] if found else unknown

    x, y = column("x", "k1"), unknown
    q2 = column("Q2") if "Q2" in kinematics else column("Q", "k2") ** 2
    if group == "DIS":
        y = column("y", "k3")
        if np.isnan(y).all() and "sqrts" in kinematics:
            y = q2 / (x * column("sqrts") ** 2)
    return x, q2, y


def _check_not_exact(name: str, errors: Uncertainties) -> None:
    total = errors.statistical + np.abs(errors.systematics).sum(axis=1)
    exact = np.flatnonzero(total == 0.0)
    if exact.size:
        raise DataError(
            f"{name}: all uncertainties of {exact.size} points are zero (the first is point {exact[0]}); "
            "expected an uncertainty for every measurement"
        )


def _entry(content: Any, key: str, kind: type, path: Path) -> Any:
    received = content.get(key) if isinstance(content, dict) else None
    if not isinstance(received, kind):
        name = "list" if kind is list else "mapping"
        raise DataError(
            f"{path}: expected the key `{key}` with a {name}, received {type(received).__name__}",
            hint="the file may be truncated; reinstall the data library",
        )
    return received


def _check_count(received: int, expected: int, what: str, path: Path) -> None:
    if received != expected:
        raise DataError(
            f"{path}: expected {expected} {what} (ndata in the metadata), received {received}",
            hint="the file may be truncated; reinstall the data library",
        )


def _number(value: Any, what: str, path: Path) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise DataError(f"{path}: expected a finite number for {what}, received {value!r}")
    return float(value)
