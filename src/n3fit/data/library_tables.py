"""The FK tables that each data set of the library names, from the metadata alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from n3fit.data.library import library_folder
from n3fit.storage.yaml_files import read_yaml

WITHOUT_DATA = ("POS", "INTEG")
"""First words of the process types of sets without data: positivity and integrability."""


@dataclass(frozen=True)
class TableUse:
    """The FK tables of a data set, or of one of its variants.

    Attributes
    ----------
    dataset : str
    variant : str or None
    process : str
        Process type.
    points : int
        Number of points in the data file.
    operation : str
        Operation between the operands.
    operands : tuple of tuples of str
        Names of the tables; those of an operand follow each other.
    shifts : mapping of str to int
        Number of points without theory before a table.
    """

    dataset: str
    variant: str | None
    process: str
    points: int
    operation: str
    operands: tuple[tuple[str, ...], ...]
    shifts: Mapping[str, int]

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table once, in the order of the operands."""
        return tuple(dict.fromkeys(name for operand in self.operands for name in operand))

    @property
    def without_data(self) -> bool:
        """Whether this is a positivity or integrability set."""
        return self.process.split("_")[0] in WITHOUT_DATA


def table_uses(root: Path | None = None) -> list[TableUse]:
    """Return the tables of every data set below ``root`` (default: the installed library) that can be fitted.

    A data set is there once without a variant, if it has uncertainties or needs none, and once for each variant.
    """
    uses: list[TableUse] = []
    for path in sorted((root or library_folder()).glob("*/metadata.yaml")):
        uses += table_uses_of_set(path.parent)
    return uses


def table_uses_of_set(folder: Path) -> list[TableUse]:
    """Return the tables of the data sets in one folder with ``metadata.yaml``."""
    entries = read_yaml(folder / "metadata.yaml").get("implemented_observables") or []
    return [use for entry in entries for use in _uses_of(f"{folder.name}_{entry['observable_name']}", entry)]


def _uses_of(dataset: str, entry: Mapping[str, Any]) -> Iterator[TableUse]:
    for variant, changes in ((None, {}), *(entry.get("variants") or {}).items()):
        changed = {**entry, **(changes or {})}
        theory = changed.get("theory") or {}
        process = str(entry["process_type"])
        operands = tuple(tuple(map(str, operand)) for operand in theory.get("FK_tables") or [])
        if not operands or not (changed.get("data_uncertainties") or process.split("_")[0] in WITHOUT_DATA):
            continue
        yield TableUse(
            dataset=dataset,
            variant=None if variant is None else str(variant),
            process=process,
            points=int(entry["ndata"]),
            operation=str(theory.get("operation") or "NULL").upper(),
            operands=operands,
            shifts={str(name): int(count) for name, count in (theory.get("shifts") or {}).items()},
        )
