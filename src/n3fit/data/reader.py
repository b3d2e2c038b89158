"""Readers of the files of a data set, which the metadata of the library name, into :class:`CommonData`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.data.checked_values import check_count, entry_of, finite_number
from n3fit.data.commondata import CommonData
from n3fit.data.uncertainty_files import Uncertainties, check_not_exact, read_uncertainties
from n3fit.errors import DataError
from n3fit.storage.yaml_files import read_yaml
from n3fit.typing import Floats


def source_files(metadata: Any, root: Path) -> list[Path]:
    """Return the files of a data set, the metadata file first.

    Parameters
    ----------
    metadata : ObservableMetaData
    root : Path
        Folder of all data sets.

    Raises
    ------
    DataError
        A file lies outside of ``root``.
    """
    parent = metadata._parent
    files = [parent.metadata_file, metadata.path_kinematics]
    if not metadata.is_nnpdf_special:
        files += [metadata.path_data_central, *metadata.paths_uncertainties]
    paths = [Path(path) for path in files]
    for path in paths:
        if not path.resolve().is_relative_to(root.resolve()):
            raise DataError(f"{parent.metadata_file}: expected files in the folder of the data set, received {path}")
    return paths


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
        errors = read_uncertainties(metadata.paths_uncertainties, count)
        check_not_exact(metadata.name, errors)
    process_type = _name_of_process(metadata.process_type)
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
        cm_energy=None if metadata.is_nnpdf_special else _cm_energy(metadata),
    )


def _name_of_process(process: Any) -> str:
    """Return the process type as the metadata have it: nnpdf-data calls SHP_ASY by the name SHP."""
    from nnpdf_data.process_options import PROCESSES

    return next((name for name, known in PROCESSES.items() if known is process), str(process))


def _cm_energy(metadata: Any) -> float | None:
    """Return the centre-of-mass energy in GeV, which is the third word of the name of the set; None without one."""
    try:
        energy = metadata.cm_energy
    except (IndexError, ValueError):
        return None
    return None if energy is None else float(energy)


def _read_central(path: Path, count: int) -> Floats:
    values = entry_of(read_yaml(path), "data_central", list, path)
    check_count(len(values), count, "central values", path)
    return np.array([finite_number(value, f"central value {row}", path) for row, value in enumerate(values)])


def _read_kinematics(path: Path, count: int, coverage: Sequence[str]) -> dict[str, Floats]:
    """Read the middle of every bin in every variable; the variables of ``coverage`` come first."""
    bins = entry_of(read_yaml(path), "bins", list, path)
    check_count(len(bins), count, "bins", path)
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
        return finite_number(limits["mid"], what, path)
    return 0.5 * (finite_number(limits.get("min"), what, path) + finite_number(limits.get("max"), what, path))


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
