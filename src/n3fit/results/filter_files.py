"""The folder ``filter/`` of a fit by data set: kept points and, in closure tests, data, as validphys reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.data.fk_masks import mask_path, mask_text
from n3fit.errors import DataError
from n3fit.results.number_text import yaml_numbers, yaml_texts
from n3fit.storage.json_files import read_text
from n3fit.storage.staged_files import StagedFiles
from n3fit.typing import Floats, Integers


def write_filter_files(files: StagedFiles, datasets: Sequence[CommonData], *, closure: bool) -> None:
    """Write the kept points of every data set; of a closure test the data and their uncertainties too.

    Raises
    ------
    ResourceError
        The folder cannot be written to.
    """
    for dataset in datasets:
        path = mask_path(dataset.name)
        files.write(path.as_posix(), mask_text(dataset.indices.tolist()))
        if closure:
            data, uncertainties = (f"filtered_{part}_{dataset.name}.yaml" for part in ("data", "uncertainties"))
            files.write(path.with_name(data).as_posix(), _central_values(dataset))
            files.write(path.with_name(uncertainties).as_posix(), "".join(_uncertainties(dataset)))


def read_kept_points(fit: Path, dataset: str) -> Integers | None:
    """Read the numbers of the kept points of a data set that the data library need not have.

    None without a file: every point is kept. See :func:`n3fit.data.fk_masks.read_mask` for sets of the library.

    Raises
    ------
    DataError
        The file holds something else than increasing numbers from 0.
    ResourceError
        The file cannot be read.
    """
    path = fit / mask_path(dataset)
    if not path.is_file():
        return None
    try:
        points = np.array([int(float(word)) for word in read_text(path).split()], dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise DataError(f"{path}: expected one integer in each line ({error})") from error
    if points.size and (points[0] < 0 or (np.diff(points) <= 0).any()):
        raise DataError(f"{path}: expected increasing numbers of points from 0")
    return points


def _central_values(dataset: CommonData) -> str:
    return f"data_central: {yaml_numbers(_all_points(dataset, dataset.central))}\n"


def _uncertainties(dataset: CommonData) -> Iterator[str]:
    """Yield the lines of the uncertainties of all points of the file, zero where the cuts removed the point.

    ``stat`` and ``sys_k`` are the names in the order of the data set; multiplicative systematics are absolute numbers.
    """
    names = [f"sys_{number}" for number in range(1, len(dataset.systematic_names) + 1)]
    yield "definitions:\n"
    yield "  stat: {description: statistical uncertainty, treatment: ADD, type: UNCORR}\n"
    kinds = zip(names, dataset.systematic_names, dataset.systematic_kinds, dataset.systematic_correlations, strict=True)
    for name, original, kind, correlation in kinds:
        yield f"  {name}: {{description: {json.dumps(original)}, treatment: {kind}, type: {json.dumps(correlation)}}}\n"
    yield "bins:\n"
    columns = np.column_stack([dataset.statistical, dataset.systematics])
    row = f"- {{{', '.join(f'{name}: %s' for name in ('stat', *names))}}}\n"
    for values in _all_points(dataset, columns):
        yield row % tuple(yaml_texts(values))


def _all_points(dataset: CommonData, values: Floats) -> Floats:
    """Return values (n, ...) of the kept points as those of all points of the file, with zeros between them."""
    result = np.zeros((dataset.ndata_file, *values.shape[1:]))
    result[dataset.indices] = values
    return result
