"""Whether a fit folder is complete, and what two of them differ in."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from n3fit import api
from n3fit.errors import N3fitError
from n3fit.results.layout import ARRAYS, MANIFEST
from n3fit.results.manifest import check_present, read_manifest
from n3fit.storage.arrays import read_arrays

OF_THE_RUN = ("created", "timing", "parts", "replicas_together", "files")
"""Keys of JSON files that say when, how fast and in which portions a fit ran."""

ROUNDING = 1e-6
"""Relative difference of numbers in tables that are computed again from stored single-precision arrays."""


def fault_of(folder: Path, replicas: list[int]) -> str:
    """Return what is wrong with a fit folder; empty when it is complete and every checksum agrees."""
    try:
        fit = api.open_fit(folder)
        manifest = read_manifest(folder)
        check_present(folder, manifest.files, checksums=True)
    except N3fitError as error:
        return str(error)
    if manifest.status != "complete":
        return f"status {manifest.status}"
    if list(manifest.replicas) != replicas:
        return f"replicas {list(manifest.replicas)}"
    unknown = files_in(folder) - set(manifest.files) - {MANIFEST}
    if unknown:
        return f"files that the manifest does not name: {', '.join(sorted(unknown))}"
    return "" if fit.summary().replicas == len(replicas) else "the summary counts other replicas"


def files_in(folder: Path) -> set[str]:
    """Return the paths of all files below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def differences(first: Path, second: Path) -> dict[str, str]:
    """Return the files of two fit folders of one name that differ, and how.

    Times are left out, and with them the checksums of the files that contain times. Every other file must have the
    same bytes, but the tables with numbers, which may differ by ``ROUNDING``: that is then said.
    """
    names = files_in(first), files_in(second)
    found = dict.fromkeys(sorted(names[0] ^ names[1]), "only in one of them")
    for name in sorted(names[0] & names[1]):
        one, other = ((folder / name).read_bytes() for folder in (first, second))
        if one == other:
            continue
        if name.endswith(".json"):
            same = without_times(json.loads(one)) == without_times(json.loads(other))
            found |= {} if same else {name: "differs"}
        elif name.endswith(".csv"):
            distance = table_distance(one.decode(), other.decode())
            found[name] = "differs" if distance > ROUNDING else f"rounding, {distance:.0e}"
        else:
            found[name] = "differs"
    return found


def real_differences(found: dict[str, str]) -> dict[str, str]:
    """Return the differences that are more than rounding."""
    return {name: text for name, text in found.items() if not text.startswith("rounding")}


def without_times(content: Any) -> Any:
    """Return a JSON value without the keys that belong to one run."""
    if isinstance(content, dict):
        return {key: without_times(value) for key, value in content.items() if key not in OF_THE_RUN}
    return [without_times(value) for value in content] if isinstance(content, list) else content


def table_distance(first: str, second: str) -> float:
    """Return the largest relative difference between the numbers of two CSV tables, inf where a text differs."""
    rows = [list(csv.reader(text.splitlines())) for text in (first, second)]
    if [len(row) for row in rows[0]] != [len(row) for row in rows[1]]:
        return math.inf
    cells = [[cell for row in table for cell in row] for table in rows]
    return max((cell_distance(one, other) for one, other in zip(*cells, strict=True)), default=0.0)


def cell_distance(first: str, second: str) -> float:
    """Return the relative difference between two numbers, inf for texts that differ."""
    if first == second:
        return 0.0
    try:
        one, other = float(first), float(second)
    except ValueError:
        return math.inf
    return abs(one - other) / max(abs(one), abs(other))


def prediction_distance(first: Path, second: Path) -> float:
    """Return the largest difference between the predictions of two fits, in experimental uncertainties."""
    one, other = (read_arrays(folder / ARRAYS) for folder in (first, second))
    difference = np.abs(one["replicas.predictions"] - other["replicas.predictions"])
    return float((difference / one["points.experimental_error"]).max())


def half_written(folder: Path) -> str:
    """Return what is wrong with a fit folder after a signal: where there is one, it must be as its manifest says."""
    if not folder.exists():
        return ""
    try:
        check_present(folder, read_manifest(folder).files, checksums=True)
    except N3fitError as error:
        return str(error)
    return ""
