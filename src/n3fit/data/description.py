"""The description of a data set in numbers: points, kinematic ranges, uncertainties by type."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.data.categories import find_category
from n3fit.data.checks.covariance import CovarianceNumbers, check_covariance_of
from n3fit.data.commondata import UNCORRELATED, WITHIN_SET, CommonData
from n3fit.data.library import library_folder, library_version, metadata_file, read_metadata
from n3fit.data.loading import load_commondata
from n3fit.data.own_data import find_root
from n3fit.storage.yaml_files import read_yaml

NAMED = "named"
"""Type of the systematics that correlate data sets, whatever the name of their nuisance parameter."""

REFERENCES = ("arXiv", "iNSPIRE", "hepdata")


@dataclass(frozen=True)
class KinematicRange:
    """The range of a kinematic variable in the points of a data set.

    Parameters
    ----------
    name, label : str
        The label has the units.
    low, high : float
    values : int
        Number of different values.
    """

    name: str
    label: str
    low: float
    high: float
    values: int


@dataclass(frozen=True)
class UncertaintyGroup:
    """The uncertainties of one treatment and type.

    Parameters
    ----------
    treatment, type : str
        ``stat`` for the statistical one; ``named`` for nuisance parameters that several data sets may share.
    sources : int
    percent : float
        Their quadratic sum relative to the central value, in percent; median over the points.
    names : tuple of str
        Names of the nuisance parameters of the type ``named``.
    """

    treatment: str
    type: str
    sources: int
    percent: float
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class DatasetDescription:
    """A data set in numbers.

    Parameters
    ----------
    name, variant : str, str or None
    folder : Path
        The folder of its files.
    source : str
        Where it is from: the data library with its version, or ``own data``.
    label, experiment, process, category, units : str
        ``category`` is empty for a process without one.
    references : mapping of str to str
    points : int
    variants : tuple of str
    kinematics : tuple of KinematicRange
    uncertainties : tuple of UncertaintyGroup
        The last one is the total.
    covariance : CovarianceNumbers, optional
        None for sets without data.
    operation : str
    tables : tuple of str
        Names of FK tables.
    """

    name: str
    variant: str | None
    folder: Path
    source: str
    label: str
    experiment: str
    process: str
    category: str
    units: str
    references: dict[str, str]
    points: int
    variants: tuple[str, ...]
    kinematics: tuple[KinematicRange, ...]
    uncertainties: tuple[UncertaintyGroup, ...]
    covariance: CovarianceNumbers | None
    operation: str
    tables: tuple[str, ...]


def describe_dataset(
    name: str, variant: str | None = None, *, path: Path | None = None
) -> tuple[DatasetDescription, CommonData]:
    """Return the description of a data set, and the data set.

    Parameters
    ----------
    name, variant : str, str or None
    path : Path, optional
        A folder of data of the user, besides those that are always searched.

    Raises
    ------
    DataError
        There is no such data set, or it is broken.
    """
    dataset = load_commondata(name, variant, path=path)
    root = find_root(dataset.name, dataset.variant, path)
    metadata = read_yaml(metadata_file(dataset.name, root))
    known = read_metadata(dataset.name, dataset.variant, root).variants
    has_data = bool(dataset.systematics.any() or dataset.statistical.any())
    description = DatasetDescription(
        name=dataset.name,
        variant=dataset.variant,
        folder=metadata_file(dataset.name, root).parent,
        source=f"nnpdf-data {library_version()}" if root == library_folder() else "own data",
        label=dataset.label,
        experiment=dataset.experiment,
        process=dataset.process_type,
        category=find_category(dataset.name, dataset.process_type) or "",
        units=dataset.units,
        references={key: text for key in REFERENCES if (text := _reference(metadata.get(key)))},
        points=len(dataset),
        variants=tuple(known or ()),
        kinematics=_ranges(dataset),
        uncertainties=_groups(dataset) if has_data else (),
        covariance=check_covariance_of(dataset) if has_data else None,
        operation=dataset.operation,
        tables=tuple(dict.fromkeys(table for operand in dataset.fk_names for table in operand)),
    )
    return description, dataset


def _reference(entry: Any) -> str:
    content = entry if isinstance(entry, dict) else {}
    return ", ".join(str(content[key]) for key in ("url", "journal") if content.get(key))


def _ranges(dataset: CommonData) -> tuple[KinematicRange, ...]:
    return tuple(
        KinematicRange(
            name=name,
            label=dataset.kinematic_labels.get(name, name),
            low=float(values.min()),
            high=float(values.max()),
            values=len(np.unique(values)),
        )
        for name, values in dataset.kinematics.items()
    )


def _groups(dataset: CommonData) -> tuple[UncertaintyGroup, ...]:
    """Return the statistical uncertainty, the systematics by treatment and type, and all of them."""

    def percent(squares: Any) -> float:
        nonzero = dataset.central != 0.0
        ratios = np.sqrt(squares[nonzero]) / np.abs(dataset.central[nonzero])
        return float(100.0 * np.median(ratios)) if ratios.size else float("nan")

    squares = dataset.systematics**2
    columns: dict[tuple[str, str], list[int]] = {}
    for column, (kind, name) in enumerate(zip(dataset.systematic_kinds, dataset.systematic_correlations, strict=True)):
        own = name in UNCORRELATED | WITHIN_SET
        columns.setdefault((kind, name if own else NAMED), []).append(column)
    groups = [UncertaintyGroup("ADD", "stat", 1, percent(dataset.statistical**2))] if dataset.statistical.any() else []
    for (kind, name), chosen in sorted(columns.items()):
        names = tuple(dataset.systematic_correlations[column] for column in chosen) if name == NAMED else ()
        groups.append(UncertaintyGroup(kind, name, len(chosen), percent(squares[:, chosen].sum(axis=1)), names))
    sources = sum(group.sources for group in groups)
    return (*groups, UncertaintyGroup("", "total", sources, percent(dataset.statistical**2 + squares.sum(axis=1))))
