"""A figure of the page: how it is drawn, with name, title, caption and the numbers that it shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from n3fit.report.style import plot_style

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,150}")


@dataclass(frozen=True, eq=False)
class PlottedFigure:
    """One figure of the page.

    Parameters
    ----------
    name : str
        Name of its files, unique on the page: letters, digits and ``_ . + -``; see :func:`file_name`.
    title : str
        Heading above the figure, plain text; unique on the page, since it is also the alternative text of the image.
    caption : str
        What is shown and how it was computed, plain text of one to three sentences; may be empty.
    draw : callable
        Returns the figure, made with :func:`n3fit.report.style.new_figure`. It is called where the figure is needed,
        perhaps in another process: a ``functools.partial`` of a function of a module with all that is drawn, which is
        also what the figure is found by in the cache.
    numbers : mapping of str to (n,) array
        The numbers shown, as columns of equal length: numbers or text, one row for each point drawn.
    wide : bool
        The figure has the whole width of the page, such as a matrix or a grid of panels.
    raster : bool
        The image on the page consists of pixels: for figures with more than some thousand marks.

    Raises
    ------
    ValueError
        The name is not valid for a file, or the columns differ in length.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[], Figure]
    numbers: Mapping[str, NDArray[Any]]
    wide: bool = False
    raster: bool = False

    @cached_property
    def figure(self) -> Figure:
        """The figure, drawn at the first access."""
        with plot_style():
            return self.draw()

    def __post_init__(self) -> None:
        """Check the name and the columns."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"name must consist of letters, digits and _ . + -, received {self.name!r}")
        shapes = {column: np.shape(values) for column, values in self.numbers.items()}
        if len(set(shapes.values())) > 1 or any(len(shape) != 1 for shape in shapes.values()):
            raise ValueError(f"numbers of {self.name} must be columns of equal length, received {shapes}")


def file_name(text: str) -> str:
    """Return a text, such as the name of a data set or a fit, as one that is valid for a file."""
    kept = re.sub(r"[^A-Za-z0-9_.+-]+", "_", text).lstrip("_.+-")[:100]
    return kept or "unnamed"


def with_distinct_names(figures: Sequence[PlottedFigure]) -> list[PlottedFigure]:
    """Return figures with numbers at the end of names that occur before.

    Data sets whose names differ only in special characters have files of the same name.
    """
    used: set[str] = set()
    result = []
    for plotted in figures:
        name, number = plotted.name, 1
        while name.lower() in used:  # some file systems do not distinguish capital and small letters
            number += 1
            name = f"{plotted.name}_{number}"
        used.add(name.lower())
        result.append(plotted if name == plotted.name else replace(plotted, name=name))
    return result
