"""Exportgrids: one replica at the initial scale, as YAML."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.errors import DataError
from n3fit.results.number_text import yaml_number, yaml_numbers, yaml_texts
from n3fit.storage.json_files import read_text
from n3fit.storage.yaml_files import parse_yaml
from n3fit.theory.flavours import EXPORT_LABELS
from n3fit.typing import Floats

_KEYS = ("replica", "q20", "xgrid", "labels", "pdfgrid")


@dataclass(frozen=True)
class ExportGrid:
    """x f(x, Q0) of one replica.

    Parameters
    ----------
    replica : int
    q20 : float
        The initial scale squared, GeV2.
    xgrid : (nx,)
    pdf : (nx, 14)
        In the order of ``n3fit.theory.flavours.EXPORT_PIDS``.
    """

    replica: int
    q20: float
    xgrid: Floats
    pdf: Floats


class ExportgridFormat:
    """The text of exportgrids with the same scale and nodes.

    Parameters
    ----------
    q20 : float
        The initial scale squared, GeV2.
    xgrid : (nx,)
    """

    def __init__(self, q20: float, xgrid: Floats) -> None:
        self._shared = (
            f"q20: {yaml_number(q20)}\n"
            f"xgrid: {yaml_numbers(xgrid)}\n"
            f"labels: [{', '.join(EXPORT_LABELS)}]\n"
            "pdfgrid: [\n  ["
        )

    def text(self, replica: int, pdf: Floats) -> str:
        """Return the YAML of a replica with the PDFs (nx, 14); reading it gives back the same numbers."""
        numbers, width = yaml_texts(pdf.ravel()), len(EXPORT_LABELS)
        rows = "],\n  [".join([", ".join(numbers[start : start + width]) for start in range(0, len(numbers), width)])
        return f"replica: {replica}\n{self._shared}{rows}]\n  ]\n"


def exportgrid_text(grid: ExportGrid) -> str:
    """Return the YAML of ``grid``; reading it gives back the same numbers."""
    return ExportgridFormat(grid.q20, grid.xgrid).text(int(grid.replica), grid.pdf)


def read_exportgrid(path: Path) -> ExportGrid:
    """Read an exportgrid.

    Raises
    ------
    DataError
        Not an exportgrid, or a truncated one.
    ResourceError
        The file is missing or cannot be read.
    """
    text = read_text(path)
    content = _parse(text, path)
    missing = [key for key in _KEYS if key not in content]
    if missing:
        raise DataError(f"{path}: expected the keys {', '.join(_KEYS)}, missing {', '.join(missing)}")
    if list(content["labels"]) != list(EXPORT_LABELS):
        raise DataError(f"{path}: labels: expected {', '.join(EXPORT_LABELS)}, received {content['labels']}")
    try:
        grid = ExportGrid(
            replica=int(content["replica"]),
            q20=float(content["q20"]),
            xgrid=np.array(content["xgrid"], dtype=np.float64),
            pdf=np.array(content["pdfgrid"], dtype=np.float64),
        )
    except (TypeError, ValueError) as error:
        raise DataError(f"{path}: not numbers where numbers are expected ({error})") from error
    expected = (grid.xgrid.size, len(EXPORT_LABELS))
    if grid.xgrid.ndim != 1 or grid.pdf.shape != expected:
        raise DataError(f"{path}: pdfgrid: expected the shape {expected}, received {grid.pdf.shape}")
    return grid


def _parse(text: str, path: Path) -> dict[str, Any]:
    """Parse our own layout, which is JSON after the colon of each key, quickly; anything else as YAML."""
    quick = _parse_own_layout(text)
    if quick is not None:
        return quick
    content = parse_yaml(text, str(path)).data
    if not isinstance(content, dict):
        raise DataError(f"{path}: expected the keys {', '.join(_KEYS)}, received {type(content).__name__}")
    return content


def _parse_own_layout(text: str) -> dict[str, Any] | None:
    content: dict[str, Any] = {}
    rest = text
    for key, following in zip(_KEYS, (*_KEYS[1:], None), strict=True):
        end = len(rest) if following is None else rest.find(f"\n{following}: ")
        if end < 0 or not rest.startswith(f"{key}: "):
            return None
        value = rest[len(key) + 2 : end].strip()
        rest = rest[end + 1 :]
        try:
            content[key] = value[1:-1].split(", ") if key == "labels" else json.loads(value)
        except ValueError:
            return None
    return content
