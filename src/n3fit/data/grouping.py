"""Groups of data sets that are fitted as if they were not correlated with each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.data.library import metadata_file
from n3fit.data.own_data import find_root
from n3fit.errors import DataError
from n3fit.storage.yaml_files import read_yaml
from n3fit.typing import Floats

ALL = "ALL"
"""Name of the group of all data."""

CUSTOM = "custom_group"
EXPERIMENT = "experiment"


def group_of(dataset: CommonData, key: str, custom: Mapping[str, str], path: Path | None = None) -> str:
    """Return the group of a data set.

    Parameters
    ----------
    dataset : CommonData
    key : str
        ``ALL``, ``experiment``, ``custom_group``, or a key of ``nnpdf_metadata`` in the data library.
    custom : mapping of str to str
        The ``custom_group`` of each data set.
    path : Path, optional
        A folder of data of the user, besides those that are always searched.

    Raises
    ------
    DataError
        The metadata of the data set have no such key.
    """
    if key == ALL:
        return ALL
    if key == CUSTOM:
        return custom[dataset.name]
    if key == EXPERIMENT:
        return dataset.experiment
    root = find_root(dataset.name, dataset.variant, path)
    metadata = read_yaml(metadata_file(dataset.name, root)).get("nnpdf_metadata") or {}
    if not isinstance(metadata.get(key), str):
        known = [EXPERIMENT, CUSTOM, ALL, *(name for name, value in metadata.items() if isinstance(value, str))]
        raise DataError(
            f"metadata_group: {dataset.name} has no text {key!r} in its metadata",
            hint=f"choose one of {', '.join(dict.fromkeys(known))}",
        )
    return str(metadata[key])


def separate_groups(covariance: Floats, datasets: Sequence[CommonData], groups: Sequence[str]) -> Floats:
    """Return the covariance (N, N) without correlations between groups, read-only.

    Parameters
    ----------
    covariance : (N, N)
    datasets : sequence of CommonData
        With N points in all.
    groups : sequence of str
        The group of each data set.
    """
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    points = np.concatenate(
        [np.full(len(dataset), numbers[group]) for dataset, group in zip(datasets, groups, strict=True)]
    )
    separated: Floats = np.where(points[:, None] == points[None, :], covariance, 0.0)
    separated.setflags(write=False)
    return separated
