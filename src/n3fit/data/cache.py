"""Cache of data sets, so that their text files are parsed once.

An entry is used only while the SHA-256 of every source file is that of the file it was made from.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.errors import DataError
from n3fit.storage import sha256_of_file
from n3fit.storage.cache import ArrayStore, content_key

logger = logging.getLogger(__name__)

STORE = ArrayStore("commondata", version=4)

_ARRAYS = ("indices", "central", "statistical", "systematics", "x", "q2", "y")
_MAPPINGS = ("kinematic_labels", "fk_shifts", "fk_normalization")


def dataset_key(dataset: str, variant: str | None, root: Path, library_version: str) -> str:
    """Return the key of a data set of the library folder ``root``."""
    return content_key(library_version, dataset, variant, str(root.resolve()))


def read_entry(key: str, root: Path) -> CommonData | None:
    """Read a data set from the cache; None when it is not there, damaged, or its sources changed."""
    entry = STORE.load(key)
    if entry is None:
        return None
    try:
        if not _is_current(dict(entry.header["sources"]), root):
            return None
        values: dict[str, Any] = {name: entry.arrays[name] for name in _ARRAYS}
        values["kinematics"] = dict(zip(entry.header["variables"], entry.arrays["kinematics"], strict=True))
        return CommonData(**values, **_from_json(entry.header["fields"]))
    except (ValueError, KeyError, TypeError, DataError) as error:
        logger.warning("%s: not a data set (%s); building it again", STORE.path(key), error)
        return None


def write_entry(key: str, commondata: CommonData, sources: list[Path], root: Path) -> None:
    """Write a data set that was read from ``sources``, files below ``root``, into the cache."""
    header = {
        "sources": {source.relative_to(root).as_posix(): sha256_of_file(source) for source in sources},
        "variables": list(commondata.kinematics),
        "fields": _to_json(commondata),
    }
    arrays = {name: getattr(commondata, name) for name in _ARRAYS}
    arrays["kinematics"] = np.array(list(commondata.kinematics.values()))
    STORE.save(key, arrays, header)


def _is_current(sources: Mapping[str, str], root: Path) -> bool:
    return all((root / name).is_file() and sha256_of_file(root / name) == digest for name, digest in sources.items())


def _to_json(commondata: CommonData) -> dict[str, Any]:
    skipped = {*_ARRAYS, "kinematics"}
    values = {entry.name: getattr(commondata, entry.name) for entry in fields(commondata) if entry.name not in skipped}
    return values | {name: dict(values[name]) for name in _MAPPINGS}


def _from_json(values: dict[str, Any]) -> dict[str, Any]:
    for name in ("systematic_names", "systematic_kinds", "systematic_correlations"):
        values[name] = tuple(values[name])
    values["fk_names"] = tuple(tuple(operand) for operand in values["fk_names"])
    return values
