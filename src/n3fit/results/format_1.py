"""Reading fit folders of format 1.

Such a folder has the files of the present format, with these differences: arrays are in ``.npz`` files; the PDFs are
in the exportgrids alone; ``fit.json`` names the flavour of a preprocessing range ``fl`` and has neither the title nor
the positivity threshold, which are in the runcard.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.errors import DataError
from n3fit.results.array_files import read_array_file
from n3fit.results.exportgrid import ExportGrid, read_exportgrid
from n3fit.results.fit_record import FitRecord, check_shapes, record_arrays
from n3fit.results.layout import ARRAYS, DESCRIPTION, RUNCARD, replica_folder
from n3fit.results.point_table import PointTable
from n3fit.results.records import FitDescription, Manifest, parse_record
from n3fit.results.replica_results import ReplicaResults
from n3fit.storage.json_files import read_json
from n3fit.storage.yaml_files import read_yaml
from n3fit.training.record import TrainingRecord
from n3fit.typing import Floats

_HINT = "the fit folder is damaged; restore it or fit again"

_DEFAULT_THRESHOLD = 1e-6
"""The positivity threshold of a runcard that gives none, when folders had format 1."""

_DERIVED = {"mean_prediction", "selected"}
"""Arrays that are computed today."""

_HISTORY = {"training_history": "history_training", "validation_history": "history_validation"}
"""Arrays that had another name, and the replicas last."""


def read_record_of_format_1(folder: Path, manifest: Manifest, damaged: Collection[int]) -> FitRecord:
    """Read the record in a fit folder of format 1.

    Parameters
    ----------
    folder : Path
    manifest : Manifest
    damaged : collection of int
        Replicas whose files are not read; their PDFs are nan.

    Raises
    ------
    DataError
        A file is damaged, or the arrays do not belong together.
    ResourceError
        A file is missing, cannot be read, or is too large.
    """
    description = _read_description(folder)
    points = {entry.name for entry in fields(PointTable)}
    training = {entry.name for entry in fields(TrainingRecord)} - set(_HISTORY)
    replicas = {entry.name for entry in fields(ReplicaResults)} - {"training", "pdf", "xgrid"}
    names = points | training | replicas | set(_HISTORY.values()) | _DERIVED
    path, arrays = read_array_file(folder, ARRAYS, names, folder_format=1)
    xgrid, pdf = _read_grids(folder, description.name, manifest, damaged)
    histories = {name: arrays[old].T for name, old in _HISTORY.items()}
    record = FitRecord(
        description,
        PointTable(**{name: arrays[name] for name in points}),
        ReplicaResults(
            training=TrainingRecord(**{name: arrays[name] for name in training}, **histories),
            xgrid=xgrid,
            pdf=pdf,
            **{name: arrays[name] for name in replicas},
        ),
    )
    check_shapes(record_arrays(record), description, path)
    return record


def _read_description(folder: Path) -> FitDescription:
    path = folder / DESCRIPTION
    content = read_json(path)
    content.pop("selection", None)
    ranges = content.get("preprocessing")
    if isinstance(ranges, list):
        content["preprocessing"] = [
            {"flavour" if key == "fl" else key: value for key, value in entry.items()} for entry in ranges
        ]
    return parse_record(content | _runcard_keys(folder / RUNCARD), FitDescription, path)


def _runcard_keys(path: Path) -> dict[str, Any]:
    """Return title and positivity threshold of a runcard."""
    card = read_yaml(path)
    threshold = card
    for key in ("parameters", "positivity", "threshold"):
        threshold = threshold.get(key) if isinstance(threshold, Mapping) else None
    title = card.get("description") if isinstance(card, Mapping) else None
    return {
        "title": "" if title is None else str(title).strip(),
        "positivity_threshold": _DEFAULT_THRESHOLD if threshold is None else threshold,
    }


def _read_grids(folder: Path, name: str, manifest: Manifest, damaged: Collection[int]) -> tuple[Floats, Floats]:
    """Return nodes (nx,) and PDFs (R, nx, 14) from the exportgrids."""
    grids: dict[int, ExportGrid] = {}
    for replica in manifest.replicas:
        if replica in damaged:
            continue
        file = replica_folder(folder, replica) / f"{name}.exportgrid"
        grid = read_exportgrid(file)
        first = next(iter(grids.values()), grid)
        if grid.replica != replica:
            raise DataError(f"{file}: replica: expected {replica}, received {grid.replica}", hint=_HINT)
        if not np.array_equal(grid.xgrid, first.xgrid):
            raise DataError(f"{file}: xgrid: not that of replica {first.replica}", hint=_HINT)
        grids[replica] = grid
    first = next(iter(grids.values()))
    missing = np.full_like(first.pdf, np.nan)
    return first.xgrid, np.stack([grids[n].pdf if n in grids else missing for n in manifest.replicas])
