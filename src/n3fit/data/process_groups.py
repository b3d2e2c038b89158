"""Grouping of data sets by process, as the metadata of the data library name it."""

from __future__ import annotations

from collections.abc import Sequence

from n3fit.data.commondata import CommonData
from n3fit.data.library import library_folder, metadata_file
from n3fit.storage.yaml_files import read_yaml

PROCESS_KEY = "nnpdf31_process"
"""Key of ``nnpdf_metadata`` with the process, such as ``DIS NC``, ``DY CC`` or ``TOP``."""


def process_groups(datasets: Sequence[CommonData]) -> dict[str, list[CommonData]]:
    """Group the data sets by process, in order of first appearance."""
    groups: dict[str, list[CommonData]] = {}
    for dataset in datasets:
        groups.setdefault(process_of(dataset), []).append(dataset)
    return groups


def process_of(dataset: CommonData) -> str:
    """Return the process of a data set; its process type where the metadata name none.

    Raises
    ------
    DataError
        The data library does not have the data set.
    """
    content = read_yaml(metadata_file(dataset.name, library_folder()))
    return str((content.get("nnpdf_metadata") or {}).get(PROCESS_KEY) or dataset.process_type)
