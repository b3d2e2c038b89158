"""A figure of the report: drawn, named, explained, and with the numbers that it shows."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,150}")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, eq=False)
class PlottedFigure:
    """One figure as the plotting modules hand it to the page.

    Parameters
    ----------
    name : str
        Name of its files, unique on the page: letters, digits and ``_ . + -``; see :func:`file_name`.
    title : str
        Heading above the figure, plain text; unique on the page, since it also describes the picture.
    caption : str
        What is shown and how it was computed, plain text of one to three sentences; may be empty.
    figure : matplotlib.figure.Figure
        Made with :func:`n3fit.report.pictures.new_figure` inside :func:`n3fit.report.pictures.look`.
    numbers : mapping of str to (n,) array
        The numbers shown, as columns of equal length: numbers or words, one line for each point drawn.
    wide : bool
        The figure takes the whole width of the page, such as a matrix or a grid of panels.
    raster : bool
        The page holds dots instead of lines and curves: for figures with more than some thousand marks.

    Raises
    ------
    ValueError
        The name cannot be that of a file, or the columns differ in length.
    """

    name: str
    title: str
    caption: str
    figure: Figure
    numbers: Mapping[str, NDArray[Any]]
    wide: bool = False
    raster: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"name must be made of letters, digits and _ . + -, received {self.name!r}")
        shapes = {column: np.shape(values) for column, values in self.numbers.items()}
        if len(set(shapes.values())) > 1 or any(len(shape) != 1 for shape in shapes.values()):
            raise ValueError(f"numbers of {self.name} must be columns of equal length, received {shapes}")


def file_name(text: str) -> str:
    """Turn any text into something that can be the name of a file, such as that of a data set or a fit."""
    kept = re.sub(r"[^A-Za-z0-9_.+-]+", "_", text).lstrip("_.+-")[:100]
    return kept or "unnamed"


def with_distinct_names(figures: Sequence[PlottedFigure]) -> list[PlottedFigure]:
    """Number the names that occur before, as those of data sets may that differ only in odd characters."""
    used: set[str] = set()
    result = []
    for plotted in figures:
        name, number = plotted.name, 1
        while name.lower() in used:  # some file systems take capital and small letters as one
            number += 1
            name = f"{plotted.name}_{number}"
        used.add(name.lower())
        result.append(plotted if name == plotted.name else replace(plotted, name=name))
    return result


def numbers_to_csv(figure: PlottedFigure) -> str:
    """Give the numbers of a figure as CSV: floats so that reading gives back the very same number.

    Words that a spreadsheet would take for a formula get a space in front.
    """
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(figure.numbers)
    columns = [np.asarray(values).tolist() for values in figure.numbers.values()]
    for row in zip(*columns, strict=True):
        writer.writerow([_cell(value) for value in row])
    return stream.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return f" {value}" if value.startswith(_FORMULA_STARTS) else value
    return repr(value)
