"""A binary copy of every data set read, so that the slow text is parsed once.

An entry is one file of :mod:`n3fit.storage.arrays`. It is used only while the format, the version of
the data library and the SHA-256 of every source file are those it was made from, and it is rebuilt when it cannot be
read. Processes that write the same entry at the same time write the same bytes; each entry appears whole.
"""

from __future__ import annotations

import json
import logging
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.errors import DataError, ResourceError
from n3fit.storage import cache_directory, sha256_of_bytes, sha256_of_file, write_atomically
from n3fit.storage.arrays import pack_arrays, unpack_arrays

logger = logging.getLogger(__name__)

FORMAT = 3
"""Raise it when the meaning of an entry, or of anything in CommonData, changes."""

_ARRAYS = ("indices", "central", "statistical", "systematics", "x", "q2", "y")
_MAPPINGS = ("kinematic_labels", "fk_shifts", "fk_normalization")
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, DataError)


def cache_file(dataset: str, variant: str | None, root: Path, library_version: str) -> Path:
    """Give the file of the entry for a data set of the library folder ``root``."""
    key = json.dumps([FORMAT, library_version, dataset, variant, str(root.resolve())])
    return cache_directory() / "commondata" / f"{dataset}-{sha256_of_bytes(key.encode())[:16]}.arrays"


def read_entry(path: Path, root: Path) -> CommonData | None:
    """Give the data set stored at ``path``, or None when there is none, its sources changed or it is broken."""
    if not path.is_file():
        return None
    try:
        header, stored = unpack_arrays(path.read_bytes())
        if not _is_current(dict(header["sources"]), root):
            return None
        values: dict[str, Any] = {name: stored[name] for name in _ARRAYS}
        values["kinematics"] = dict(zip(header["variables"], stored["kinematics"], strict=True))
        return CommonData(**values, **_from_json(header["fields"]))
    except _UNREADABLE as error:
        logger.warning("%s: the cached data set is broken (%s); building it again", path, error)
        return None


def write_entry(path: Path, commondata: CommonData, sources: list[Path], root: Path) -> None:
    """Store a data set. A cache that cannot be written is only worth a warning: the fit goes on without."""
    header = {
        "sources": {source.relative_to(root).as_posix(): sha256_of_file(source) for source in sources},
        "variables": list(commondata.kinematics),
        "fields": _to_json(commondata),
    }
    arrays = {name: getattr(commondata, name) for name in _ARRAYS}
    arrays["kinematics"] = np.array(list(commondata.kinematics.values()))
    try:
        write_atomically(path, pack_arrays(header, arrays))
    except ResourceError as error:
        logger.warning("the cache of data sets cannot be used: %s", error)


def _is_current(sources: dict[str, str], root: Path) -> bool:
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
